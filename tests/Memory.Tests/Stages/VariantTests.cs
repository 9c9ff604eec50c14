using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Stages;

/// <summary>The contract of every variant, whatever the map: the books are right, and RAM is neither lost nor given twice.</summary>
public sealed unsafe class VariantTests
{
    private const ulong Kernel = 0x100000;
    private const ulong KernelEnd = 0x140000;

    public static TheoryData<string> Variants => [.. Simulation.Variants];

    public static TheoryData<string, string> VariantsAndMaps
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (
                string map in Directory.GetFiles(
                    Path.Combine(AppContext.BaseDirectory, "Data", "e820"),
                    "*.e820").Order(StringComparer.Ordinal))
            {
                foreach (string variant in Simulation.Variants)
                {
                    data.Add(variant, Path.GetFileName(map));
                }
            }

            return data;
        }
    }

    // Expect every one of the firmware maps to boot in every variant, with books that agree with the page allocator page by page.
    [Theory]
    [MemberData(nameof(VariantsAndMaps))]
    public void EveryFirmwareMapBoots(string variant, string map)
    {
        using StreamReader reader = new(Path.Combine(AppContext.BaseDirectory, "Data", "e820", map));
        FirmwareMap firmware = FirmwareMap.Read(map, reader);
        using Simulation simulation = Simulation.Run(variant, firmware, KernelWhereThereIsRam(firmware));
        Assert.Null(simulation.Panic);
        BookAssertions.AreRight(simulation);
    }

    // What a held line points at must not change before it is written. Expect the log, but for the line with the command line, to be
    // the one that earlyprintk writes at once.
    [Theory]
    [MemberData(nameof(VariantsAndMaps))]
    public void AHeldLogIsTheLog(string variant, string map)
    {
        using StreamReader reader = new(Path.Combine(AppContext.BaseDirectory, "Data", "e820", map));
        FirmwareMap firmware = FirmwareMap.Read(map, reader);
        ulong kernel = KernelWhereThereIsRam(firmware).Kernel.Start;
        const string line = "debug nonsense=1 mem=abc memmap=1M@zz";
        using Simulation held = Boot(line);
        using Simulation written = Boot("earlyprintk " + line);

        Assert.Null(written.Panic);
        Assert.Contains(written.Log, l => l.StartsWith("Unknown option 'nonsense=1' ignored", StringComparison.Ordinal));
        Assert.Equal(written.Log.Skip(1), held.Log.Skip(1));

        Simulation Boot(string commandLine) => Simulation.Run(variant, firmware, new SimulationOptions
        {
            Kernel = (kernel, kernel + KernelEnd - Kernel),
            CommandLine = commandLine,
            Modules = [(kernel + 0x80000, kernel + 0x81234)],
        });
    }

    // Expect a variant's list of stages to be the stages that its boot log shows, in that order.
    [Theory]
    [MemberData(nameof(Variants))]
    public void AVariantListsTheStagesThatItRuns(string variant)
    {
        using Simulation simulation = Run(variant, (0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        const string prefix = "bootalloc: stage name=";
        string stages = string.Join(
            ", ",
            simulation.Log.Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(
                l => l[prefix.Length..l.IndexOf(' ', prefix.Length)]));
        Assert.Equal(SimulatedVariant.All.Single(v => v.Name == variant).Stages, stages);
    }

    // Expect the same free pages from all variants, but for what each keeps for itself: nothing may keep more than its table says.
    [Theory]
    [InlineData("045-440bx-dual-1g-2.4.25.e820")]
    [InlineData("061-macbook-efi-2g-73-entries.e820")]
    public void VariantsDifferByNoMoreThanAFewPages(string map)
    {
        List<uint> free = [];
        foreach (string variant in Simulation.Variants)
        {
            using StreamReader reader = new(Path.Combine(AppContext.BaseDirectory, "Data", "e820", map));
            using Simulation simulation = Simulation.Run(variant, FirmwareMap.Read(map, reader), new SimulationOptions());
            free.Add(simulation.Memory->Pages.ManagedPages);
        }

        Assert.InRange(free.Max() - free.Min(), 0u, 2u);
    }

    // |0 RAM 640K|  hole  |1M kernel RAM ...| random entries, holes, reserved, overlaps |
    // Expect: whatever else the map says, a boot ends in right books or in a panic that says why; never in wrong books.
    [Theory]
    [MemberData(nameof(Variants))]
    public void RandomMapsBootOrAreRefusedInWords(string variant)
    {
        Gen<FirmwareEntry> entry = Gen.Select(Gen.ULong[0, 0x6000], Gen.ULong[0, 0x3000], Gen.UInt[1, 6], Gen.ULong[0, 0xfff])
            .Select(
                (page, pages, type, offset)
                    => new FirmwareEntry(
                        (page << 12) + (offset % 3 == 0 ? offset : 0),
                        ((page + pages) << 12) + (offset % 5 == 0 ? offset : 0),
                        type))
            .Where(e => e.End >= e.Start);
        entry.Array[0, 20].Fuzz(
            300,
            entries =>
            {
                FirmwareMap map = new();
                map.Entries.Add(new FirmwareEntry(0, 0x9fc00, 1));
                map.Entries.Add(new FirmwareEntry(0x100000, 0x1000000, 1));
                map.Entries.AddRange(entries);
                using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions());
                if (simulation.Panic != null)
                {
                    Assert.False(simulation.Panic.StartsWith("BUG", StringComparison.Ordinal), simulation.Panic);
                    return;
                }

                BookAssertions.AreRight(simulation);
            });
    }

    // |0 .. 640K|  |1M .............. 12M|   goal 16M lies above all RAM Expect the page frame table below the goal, and a boot: in
    // 2.6.34-rc this was the NULL dereference at boot (regression 1).
    [Theory]
    [MemberData(nameof(Variants))]
    public void Regression01_AGoalAboveAllRamIsDropped(string variant)
    {
        using Simulation simulation = Run(variant, (0, 0x9fc00, 1), (0x9fc00, 0xa0000, 2), (0x100000, 0xc00000, 1));
        BookAssertions.AreRight(simulation);
        Assert.InRange(simulation.Boot->PageTableAddress, 0x1000UL, 0xbff000UL);
    }

    // |0 .. 640K|  |1M ................... 16M| Expect: RAM that ends exactly where the DMA zone ends gives an empty DMA32 zone and right
    // books (regression 13).
    [Theory]
    [MemberData(nameof(Variants))]
    public void Regression13_RamMayEndWhereTheDmaZoneEnds(string variant)
    {
        using Simulation simulation = Run(variant, (0, 0xa0000, 1), (0x100000, 0x1000000, 1));
        BookAssertions.AreRight(simulation);
        Assert.Equal(0u, simulation.Memory->Pages.Dma32.ManagedPages);
    }

    // |1M kernel text, data, init .. 1M+256K+123|  only 300 KiB of RAM behind it and little below: the table must squeeze past
    // Expect: no page of the image, its init part and last piece of a page included, is allocated or freed (regression 4).
    [Theory]
    [MemberData(nameof(Variants))]
    public void Regression04_NothingIsAllocatedAcrossTheKernelImage(string variant)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x18b000, 1), (0x400000, 0xc00000, 1));
        SimulationOptions options = new() { Kernel = (0x100000, 0x14007b) };
        using Simulation simulation = Simulation.Run(variant, map, options);
        Assert.Null(simulation.Panic);
        BookAssertions.AreRight(simulation);
        ulong table = simulation.Boot->PageTableAddress;
        ulong tableEnd = table + simulation.Memory->Pages.TableBytes;
        Assert.True(tableEnd <= 0x100000 || table >= 0x14007b, $"the page frame table [{table:x}, {tableEnd:x}) lies in the image");
        for (uint pfn = 0x100; pfn <= 0x140; pfn++)
        {
            Assert.Equal(PageState.Reserved, simulation.Memory->Pages.StateOf(pfn, out uint _, out uint _));
        }
    }

    // |....... EBDA, MP pointer and table in it, and firmware calls all of it usable RAM .......|640K
    // Expect: the BIOS's reservations overlap each other and the boot goes on (regression 6).
    [Theory]
    [MemberData(nameof(Variants))]
    public void Regression06_OverlappingBiosReservationsDoNotPanic(string variant)
    {
        FirmwareMap map = Map((0, 0xa0000, 1), (0x100000, 0x4000000, 1));
        SimulationOptions options = new()
        {
            PrepareMemory = static physical =>
            {
                *(ushort*)physical->At(0x413) = 0x9f000 >> 10;
                *(ushort*)physical->At(0x40e) = 0x9f000 >> 4;
                WriteMpTable(physical, pointer: 0x9f010, table: 0x9f400);
            },
        };
        using Simulation simulation = Simulation.Run(variant, map, options);
        Assert.Null(simulation.Panic);
        BookAssertions.AreRight(simulation);
        Assert.Contains(
            simulation.Log,
            line => line.StartsWith("bootalloc: account name=\"BIOS reserved\" pages=1 ", StringComparison.Ordinal));
        Assert.Equal(PageState.Reserved, simulation.Memory->Pages.StateOf(0x9f, out uint _, out uint _));
    }

    // |1M ......... 3.5G|  |4G ........ 9G|
    // Expect: RAM above 4 GiB is named in the log and left alone; below it nothing is lost (regression 13).
    [Theory]
    [MemberData(nameof(Variants))]
    public void Regression13_RamAbove4GiBIsNamedAndLeftAlone(string variant)
    {
        using Simulation simulation = Run(variant, (0, 0x9fc00, 1), (0x100000, 0xe0000000, 1), (0x100000000, 0x240000000, 1));
        BookAssertions.AreRight(simulation);
        Assert.Contains(
            "RAM above 4 GiB left alone: 0000000100000000 - 0000000240000000, 5120 MB that a 32-bit kernel does not reach",
            simulation.Log);
        Assert.Equal(0xe0000u, simulation.Boot->EndPfn);
    }

    // |1M ... 64M| reserved | RAM up to 4G exactly
    // Expect: the last page below 4 GiB is managed like any other.
    [Theory]
    [MemberData(nameof(Variants))]
    public void TheLastPageBelow4GiBIsManaged(string variant)
    {
        using Simulation simulation = Run(variant, (0, 0x9fc00, 1), (0x100000, 0x4000000, 1), (0xfff00000, 0x100000000, 1));
        BookAssertions.AreRight(simulation);
        Assert.Equal(0x100000u, simulation.Boot->EndPfn);
        Assert.NotEqual(PageState.Reserved, simulation.Memory->Pages.StateOf(0xff000 + 0xf80, out uint _, out uint _));
    }

    // |1M kernel|......|module 2M+123 .. 3M+77|
    // Expect: the module's pages, its last one included, stay its own.
    [Theory]
    [MemberData(nameof(Variants))]
    public void AModuleKeepsItsLastPage(string variant)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions { Modules = [(0x200000, 0x30004d)] });
        BookAssertions.AreRight(simulation);
        for (uint pfn = 0x200; pfn <= 0x300; pfn++)
        {
            Assert.Equal(PageState.Reserved, simulation.Memory->Pages.StateOf(pfn, out uint _, out uint _));
        }

        Assert.NotEqual(PageState.Reserved, simulation.Memory->Pages.StateOf(0x301, out uint _, out uint _));
    }

    // Expect Linux's words, with both ranges and names, when a module was loaded over the kernel; lmb and memblock know no names and
    // unite the ranges, so there the books decide.
    [Theory]
    [InlineData("bootmem")]
    [InlineData("nobootmem")]
    public void AModuleOverTheKernelIsRefused(string variant)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions { Modules = [(0x120000, 0x160000)] });
        Assert.Equal("Overlapping early reservations 120000-15ffff RAMDISK to 100000-13ffff TEXT DATA BSS", simulation.Panic);
    }

    [Theory]
    [InlineData("memmap=exactmap", "Invalid user supplied memory map")]
    [InlineData("mem=1K", "Too little memory: found 1 kB usable below 4 GiB, needed 3072 kB")]
    public void AnAbsurdMapIsRefused(string options, string panic)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions { CommandLine = options });
            Assert.StartsWith(panic, simulation.Panic);
        }
    }

    [Theory]
    [InlineData("mem=lots", "Bad value in 'mem=lots' ignored")]
    [InlineData("memmap=64M*16M", "Bad value in 'memmap=64M*16M' ignored")]
    [InlineData("frobnicate", "Unknown option 'frobnicate' ignored")]
    public void ABadOptionIsReportedAndIgnored(string options, string line)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        using Simulation plain = Simulation.Run("nobootmem", map, new SimulationOptions());
        using Simulation simulation = Simulation.Run("nobootmem", map, new SimulationOptions { CommandLine = options });
        Assert.Contains(simulation.Log, found => found.StartsWith(line, StringComparison.Ordinal));
        Assert.Equal(plain.Memory->Pages.ManagedPages, simulation.Memory->Pages.ManagedPages);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void SeveralMemmapOptionsWithCommasAllCount(string variant)
    {
        FirmwareMap map = Map((0, 0x9fc00, 1), (0x100000, 0x4000000, 1));
        using Simulation plain = Simulation.Run(variant, map, new SimulationOptions());
        using Simulation simulation = Simulation.Run(
            variant,
            map,
            new SimulationOptions { CommandLine = "memmap=1M$32M,64K#40M memmap=4K!48M" });
        BookAssertions.AreRight(simulation);
        Assert.Equal(plain.Boot->Books.Ram.Pages - 256 - 16 - 1, simulation.Boot->Books.Ram.Pages);
    }

    [Fact]
    public void AnUnknownVariantIsBadInput()
    {
        BadInputException error = Assert.Throws<BadInputException>(
            () => Simulation.Run("slob", Map((0, 0x100000, 1)), new SimulationOptions()));
        Assert.Equal("simulate: expected a variant (bootmem, nobootmem, lmb, memblock), found 'slob'", error.Message);
    }

    private static Simulation Run(string variant, params (ulong Start, ulong End, uint Type)[] entries)
    {
        Simulation simulation = Simulation.Run(variant, Map(entries), new SimulationOptions());
        Assert.Null(simulation.Panic);
        return simulation;
    }

    private static FirmwareMap Map(params (ulong Start, ulong End, uint Type)[] entries)
    {
        FirmwareMap map = new();
        map.Entries.AddRange(entries.Select(e => new FirmwareEntry(e.Start, e.End, e.Type)));
        return map;
    }

    private static void WriteMpTable(PhysicalMemory* physical, ulong pointer, ulong table)
    {
        byte* p = physical->At(pointer);
        byte* t = physical->At(table);
        "PCMP"u8.CopyTo(new Span<byte>(t, 4));
        *(ushort*)(t + 4) = 44;
        SetChecksum(t, 44, 7);
        "_MP_"u8.CopyTo(new Span<byte>(p, 4));
        *(uint*)(p + 4) = (uint)table;
        p[8] = 1;
        p[9] = 4;
        SetChecksum(p, 16, 10);
    }

    private static void SetChecksum(byte* bytes, int length, int place)
    {
        byte sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += bytes[i];
        }

        bytes[place] -= sum;
    }

    internal static SimulationOptions KernelWhereThereIsRam(FirmwareMap map)
    {
        bool atOneMegabyte = map.Entries.Exists(e => e.Type == 1 && e.Start <= Kernel && e.End >= KernelEnd);
        ulong start = atOneMegabyte
            ? Kernel
            : map.Entries.First(e => e.Type == 1 && e.End - e.Start >= 0x400000 && e.End <= 1UL << 32).Start;
        return new SimulationOptions { Kernel = (start, start + (KernelEnd - Kernel)) };
    }
}
