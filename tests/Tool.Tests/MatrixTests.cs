using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Matrix;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Tests.Pages;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The table of machines, and what the matrix shows.</summary>
public sealed class MatrixTests
{
    // Expect the project's own table to be what the matrix promises: fifteen machines from 8 MB to 4 GB, two emulators, CPU models and a
    // map.
    [Fact]
    public void TheOwnTableIsOne()
    {
        IReadOnlyList<NamedMachine> machines = NamedMachine.Load(ProjectFolder.Find().At("iso", "machines.matrix"));

        Assert.Equal(15, machines.Count);
        Assert.Equal(8 * MachineOptions.MiB, machines.Min(m => m.Machine.MemoryBytes));
        Assert.Equal(4096 * MachineOptions.MiB, machines.Max(m => m.Machine.MemoryBytes));
        Assert.Equal(3, machines.Select(m => m.Machine.Emulator).Distinct().Count());
        Assert.True(machines.Select(m => m.Machine.Cpu).Distinct().Count() > 3);
        Assert.Contains(machines, m => m.KernelOptions.Contains("memmap=", StringComparison.Ordinal));
        Assert.All(machines, m => Assert.Equal(m.Machine.Emulator == Qemu.Instance, m.Machine.InstructionClock));
    }

    [Fact]
    public void OptionsAreTheRestOfTheLine()
    {
        NamedMachine machine = Assert.Single(
            NamedMachine.Read("t", ["# a comment", "", " small\tqemu  8M - q35 cd  mem=7M   memmap=64K$1M "]));

        Assert.Equal("small", machine.Name);
        Assert.Equal("mem=7M memmap=64K$1M", machine.KernelOptions);
        Assert.Equal("q35", machine.Machine.Type);
        Assert.Null(machine.Machine.Cpu);
    }

    [Theory]
    [InlineData("", "t:1: expected machines")]
    [InlineData("a qemu 8M - pc kernel", "t:1: expected 'NAME EMULATOR")]
    [InlineData("../a qemu 8M - pc kernel -", "t:1: expected a name")]
    [InlineData("a vmware 8M - pc kernel -", "t:1: expected an emulator (qemu, bochs, dosbox), found 'vmware'")]
    [InlineData("a qemu 8X - pc kernel -", "t:1: memory size: expected")]
    [InlineData("a qemu 8M - mac kernel -", "t:1: QEMU: expected machine type pc or q35")]
    [InlineData("a qemu 8M - pc tape -", "t:1: expected a boot medium (cd, disk, usb, floppy, network, kernel)")]
    [InlineData("a dosbox 64M - pc disk -", "t:1: DOSBox: expected at most 63 MiB of memory, found 64")]
    [InlineData("a dosbox 8M 80286 pc disk -", "t:1: DOSBox: expected CPU 486_slow, pentium_slow, 386, ")]
    [InlineData("a bochs 8M - pc kernel -", "t:1: Bochs: expected a boot from cd or disk")]
    [InlineData("a qemu 8M - pc cd -\na qemu 9M - pc cd -", "t:2: expected a name that no other machine has")]
    public void AWrongLineIsNamed(string text, string message)
        => Assert.StartsWith(message, Assert.Throws<BadInputException>(() => NamedMachine.Read("t", text.Split('\n'))).Message);

    // Expect a machine that cannot boot a toolchain's kernels to be known before, with the reason; the embedded toolchain boots them all.
    [Theory]
    [InlineData("8m qemu 8M - pc kernel -", "lmb", "its image ends at 39 MB: it needs 41 MB of RAM")]
    [InlineData("40m qemu 40M - pc cd -", "stock", "its image ends at 39 MB: it needs 41 MB of RAM")]
    [InlineData("41m qemu 41M - pc cd -", "stock", null)]
    [InlineData("old qemu 64M pentium3 pc cd -", "lmb", "its kernel needs SSE2, which pentium3 lacks")]
    [InlineData("old qemu 64M pentium3-v1,+sse2 pc cd -", "lmb", "its kernel needs SSE2, which pentium3-v1 lacks")]
    [InlineData("old bochs 64M p3_katmai pc cd -", "lmb", "its kernel needs SSE2, which p3_katmai lacks")]
    [InlineData("new bochs 64M p4_willamette pc cd -", "lmb", null)]
    [InlineData("dos dosbox 63M - pc disk -", "lmb", "its kernel needs SSE2, which DOSBox's CPUs lack")]
    [InlineData("q35 qemu 128M - q35 cd -", "lmb", "Cosmos's ACPI driver never finishes on QEMU's q35, with any heap")]
    [InlineData("bochs bochs 128M - pc cd -", "lmb", null)]
    [InlineData("holes qemu 512M - pc cd debug memmap=1M$16M", "stock", "Cosmos's own heap ignores mem= and memmap=")]
    [InlineData("holes qemu 512M - pc cd debug memmap=1M$16M", "lmb", null)]
    [InlineData("options qemu 512M - pc cd debug", "stock", null)]
    public void AMachineThatCannotBeIsLeftOut(string line, string variant, string? reason)
    {
        NamedMachine machine = NamedMachine.Parse("t", line);
        Variant built = Variant.Named(ProjectFolder.Find(), variant, Toolchain.Cosmos);

        // An image of 6.1 MiB at 32 MiB: as small as Cosmos links it.
        KernelFile kernel = new(0x2619000, 0x619000);

        Assert.Equal(reason, Unfit.Why(built, Toolchain.Cosmos, kernel, machine));

        // The same at 1 MiB needs less.
        Assert.Equal(10 * MachineOptions.MiB, Unfit.Least(new KernelFile(0x719000, 0x619000)));
        if (built.Toolchains.Contains(Toolchain.NativeAot))
        {
            Assert.Null(Unfit.Why(new BuiltVariant(built, Toolchain.NativeAot, "/nonexistent", "", true), machine));
        }
    }

    // Expect the end of the highest piece that is loaded, whatever its place in the file; what is not an ELF file to be refused.
    [Fact]
    public void AnImagesEndIsRead()
    {
        using TemporaryTree tree = new();
        byte[] elf = new byte[52 + (3 * 32)];
        "\u007fELF\u0001"u8.CopyTo(elf);
        elf[28] = 52;
        elf[44] = 3;
        Piece(0, 1, 0x2000000, 0x100);
        Piece(1, 1, 0x2100000, 0x2345);
        Piece(2, 4, 0x9000000, 0x1000);
        string file = tree.Write("kernel.bin", "");
        File.WriteAllBytes(file, elf);

        Assert.Equal(new KernelFile(0x2102345, 0x102345), KernelFile.Read(file));
        foreach (byte[] bad in new[] { [], elf[..100], new byte[200] })
        {
            File.WriteAllBytes(file, bad);
            Assert.Throws<BadInputException>(() => KernelFile.Read(file));
        }

        void Piece(int index, uint type, uint address, uint size)
        {
            Span<byte> header = elf.AsSpan(52 + (index * 32), 32);
            BitConverter.TryWriteBytes(header, type);
            BitConverter.TryWriteBytes(header[12..], address);
            BitConverter.TryWriteBytes(header[20..], size);
        }
    }

    // Expect both toolchains' logs to have their own names, and GRUB in the place of QEMU's loader, which cannot load a Cosmos kernel.
    [Fact]
    public void ToolchainsDoNotMeet()
    {
        NamedMachine machine = NamedMachine.Parse("t", "128m qemu 128M - pc kernel -");
        Variant lmb = Variant.Named(ProjectFolder.Find(), "lmb", Toolchain.Cosmos);
        BuiltVariant embedded = new(lmb, Toolchain.NativeAot, "lmb.elf", "lmb.iso", true);

        Assert.Equal("128m@lmb.log", MatrixRun.LogName(embedded, machine));
        Assert.Equal("128m@lmb-cosmos.log", MatrixRun.LogName(embedded with { Toolchain = Toolchain.Cosmos }, machine));
        Assert.Equal(BootMedium.Kernel, MatrixRun.Bootable(Toolchain.NativeAot, machine.Machine).Medium);
        Assert.Equal(BootMedium.Cd, MatrixRun.Bootable(Toolchain.Cosmos, machine.Machine).Medium);
    }

    // Expect the main job to choose from both toolchains' menus and to measure in both, each log under its own name.
    [Fact]
    public void TheMainJobMeasuresUnderBothToolchains()
    {
        Variant lmb = Variant.Named(ProjectFolder.Find(), "lmb", Toolchain.Cosmos);
        BootRequest embedded = MainCommand.Request(new BuiltVariant(lmb, Toolchain.NativeAot, "lmb.elf", "lmb.iso", true));
        BootRequest cosmos = MainCommand.Request(new BuiltVariant(lmb, Toolchain.Cosmos, "lmb.bin", "lmb-cosmos.iso", true));

        Assert.Equal(MenuKeys.Choose(0), embedded.MenuKeys);
        Assert.Equal(embedded.MenuKeys, cosmos.MenuKeys);
        Assert.True(embedded.Machine.InstructionClock && cosmos.Machine.InstructionClock);
        Assert.Equal(["selftest", "bench"], embedded.Commands);
        Assert.Equal(embedded.Commands, cosmos.Commands);
        Assert.Equal("lmb-cosmos.log", cosmos.LogFile);
        Assert.True(cosmos.TimeLimit > embedded.TimeLimit);
    }

    // Expect what was left out to be neither good nor bad nor 0, to be named once with its reason, and the baseline's missing ticks to
    // be said.
    [Fact]
    public void WhatIsLeftOutIsNamed()
    {
        NamedMachine big = NamedMachine.Parse("t", "128m qemu 128M - pc cd -");
        NamedMachine small = NamedMachine.Parse("t", "8m qemu 8M - pc kernel -");
        NamedMachine holes = NamedMachine.Parse("t", "holes qemu 128M - pc cd memmap=1M$16M");
        BootLog stock = BootLog.Load(Path.Combine(RecordedLogTests.Folder, "cosmos-128m-stock.log"));
        BootLog ours = BootLog.Load(Path.Combine(RecordedLogTests.Folder, "cosmos-128m-nobootmem.log"));
        MatrixBoot[] boots =
        [
            MatrixBoot.Without(small, "stock", "too small"), MatrixBoot.Without(small, "nobootmem", "too small"),
            new(big, "stock", stock, []), new(big, "nobootmem", ours, []),
            MatrixBoot.Without(holes, "stock", "no options"), new(holes, "nobootmem", ours, []),
        ];

        string page = new MatrixReport(boots).Page();

        Assert.Equal(3, boots.Count(b => b.Good));
        Assert.Contains("2 variants on 3 machines, 3 of 3 boots good.", page, StringComparison.Ordinal);
        Assert.Contains("<li>left out: 8m: too small</li>", page, StringComparison.Ordinal);
        Assert.Contains("<li>left out: holes (stock): no options</li>", page, StringComparison.Ordinal);
        Assert.Contains("stock does not report its ticks", page, StringComparison.Ordinal);
        Assert.Contains("|8m|stock\">left out</td>", page, StringComparison.Ordinal);
        Assert.Contains("Ticks from the map to the heap|128m|stock\">-</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Boots that were not good", page, StringComparison.Ordinal);

        // Of the curves of ticks there is one; of metadata two.
        Assert.Equal(3, page.Split("<polyline").Length - 1);
    }

    // Expect the page to fit a phone, its script to run, and its cells to be the figures of the logs.
    [Fact]
    public async Task ThePageShowsTheLogsFigures()
    {
        NamedMachine machine = NamedMachine.Read("t", ["128m qemu 128M - pc cd -"])[0];
        NamedMachine small = NamedMachine.Read("t", ["8m qemu 8M - pc kernel -"])[0];
        List<MatrixBoot> boots = [];
        foreach (NamedMachine m in new[] { machine, small })
        {
            foreach (string variant in new[] { "bootmem", "nobootmem", "lmb", "memblock" })
            {
                BootLog log = BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"qemu-{m.Name}-{variant}.log"));
                boots.Add(new MatrixBoot(m, variant, log, BootLogChecks.Check(log)));
            }
        }

        JsonElement found = await Chromium.ProbeAsync(
            new MatrixReport(boots).Page(),
            400,
            false,
            """
            const cells = {};
            for (const e of document.querySelectorAll('[data-cell]')) cells[e.dataset.cell] = e.textContent.replaceAll(',', '');
            return { cells, over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
                points: document.querySelectorAll('.plot circle').length };
            """);

        Assert.True(found.GetProperty("over").GetInt32() <= 0);
        Assert.Equal(2 * boots.Count, found.GetProperty("points").GetInt32());
        foreach (MatrixBoot boot in boots)
        {
            string Cell(string title) => found.GetProperty("cells").GetProperty($"{title}|{boot.Machine.Name}|{boot.Variant}").GetString()!;
            Assert.Equal(boot.Log.Stage("buddy")!["ticks"], Cell("Ticks of stage buddy"));
            Assert.Equal(boot.Log.Accounted!["free_pages"], Cell("Free pages handed over"));
            Assert.Equal(boot.Log.Stages.Sum(s => (long)s.Number("ticks")!.Value).ToString(), Cell("Ticks from the map to the heap"));
        }
    }
}
