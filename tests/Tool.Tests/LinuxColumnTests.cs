using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Boots of a real Linux: what is worked out of their logs has to agree with the kernel's own line <c>Memory:</c>.</summary>
public sealed partial class LinuxColumnTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "linux");

    public static TheoryData<string> Names
        => [.. Directory.GetFiles(Folder, "*.log").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    // Expect the active pages, the free pages and the kept ones to be those of the line Memory:, which is read here by other means.
    [Theory]
    [MemberData(nameof(Names))]
    public void ThePagesAreThoseOfTheKernelsOwnLine(string name)
    {
        string file = Path.Combine(Folder, name);
        BootLog log = BootLog.Load(file);
        Assert.True(log.IsLinux);
        Match memory = MemoryLine().Match(File.ReadAllText(file));
        if (!memory.Success)
        {
            Assert.Equal("rnd012-nobootmem-m128.log", name);
            Assert.Null(log.Accounted);
            Assert.Null(log.Stage("buddy"));
            Assert.NotNull(log.Panic);
            return;
        }

        ulong available = Number(memory, 1);
        ulong total = Number(memory, 2);
        ulong absent = Part(memory, "absent") ?? 0;
        ulong reserved = Part(memory, "reserved")!.Value;
        Assert.Equal(available, log.Accounted!.Number("free_pages") * 4);
        Assert.Equal(log.Accounted.Number("usable_pages"), log.Accounted.Number("free_pages") + log.Accounted.Number("reserved_pages"));
        Assert.Equal(
            log.Accounted.Number("reserved_pages"), log.Accounts.Aggregate(0UL, (sum, a) => sum + a.Number("pages")!.Value));

        // Page 0 is RAM in the map that the kernel never registers; memblock's kernel holds it back by name too.
        ulong pageZero = log.Facts.Any(f => f.Kind == "hold" && f["name"] == "page 0") ? 1UL : 0;
        Assert.Equal(reserved, (log.Accounted.Number("reserved_pages") - pageZero) * 4);
        Assert.Equal(log.Boot!["arch"] == "x86-64" || log.Variant == "linux-memblock" ? total - absent : available + reserved,
            (log.Accounted.Number("usable_pages") - pageZero) * 4);
    }

    // Expect the listed reservations to leave, of the registered RAM, exactly the pages that were handed over.
    [Theory]
    [MemberData(nameof(Names))]
    public void ReservationsExplainEveryPage(string name)
    {
        BootLog log = BootLog.Load(Path.Combine(Folder, name));
        if (log.Accounted == null || log.Variant == "linux-bootmem" || name == "many56-nobootmem.log")
        {
            return;
        }

        Assert.DoesNotContain(log.Accounts, a => a["name"] is "not listed" or "not handed over");
        Assert.Equal(log.Accounted.Number("free_pages"), log.History.End!.FreePages);
        Assert.Empty(log.History.Unplaced);
    }

    [Theory]
    [InlineData("x64-nobootmem-m128", "TEXT DATA BSS 1191, BRK 1, PGTABLE 1, BOOTMEM 2, mem_map 448, hash tables 49, page 0 1")]
    [InlineData("x64-bootmem-m128", "TEXT DATA BSS 1192, BRK 1, PGTABLE 1, page 0 1, mem_map 448, hash tables 49, not listed 6")]
    [InlineData("x64-bootmem-m64", "TEXT DATA BSS 1192, BRK 1, PGTABLE 1, page 0 1, mem_map 448, hash tables 24, not listed 6")]
    [InlineData("x32-bootmem-m128", "TEXT DATA BSS 377, BRK 6, PGTABLE 1, page 0 1, mem_map 256, hash tables 24, not listed 3")]
    [InlineData("many56-nobootmem",
        "TEXT DATA BSS 1191, BRK 1, PGTABLE 1, BOOTMEM 3, mem_map 448, hash tables 12, page 0 1, not handed over 5286")]
    [InlineData("plain-128m",
        "BRK 28, first 64 KiB 16, TEXT DATA BSS 3814, first MiB 143, mem_map 320, memblock 1, per-cpu 34, hash tables 24")]
    public void EachPageHasAName(string name, string accounts)
    {
        BootLog log = BootLog.Load(Path.Combine(Folder, name + ".log"));
        Assert.Equal(accounts, string.Join(", ", log.Accounts.Select(a => $"{a["name"]} {a["pages"]}")));
    }

    // Six gibibytes: RAM above 4 GiB is Linux's, forty parts of the page frame table, and the buffers for devices.
    [Fact]
    public void MemoryAboveFourGigabytes()
    {
        BootLog log = BootLog.Load(Path.Combine(Folder, "x64-nobootmem-m5120.log"));
        Assert.Equal(40UL * 448, log.PagesOf("mem_map"));
        Assert.Equal(16384UL, log.PagesOf("SWIOTLB"));
        Assert.Equal("2097152", log.Stage("e820")!["above_4g_kb"]);
        Assert.Equal(0x180000000UL, log.History.End!.Segments.Last(x => x.IsRam).End);
    }

    [Fact]
    public void TheVerdictNamesWhatIsTheSameAndWhy()
    {
        Comparison comparison = new([BootLog.Load(Path.Combine(Folder, "x64-nobootmem-m128.log")),
            BootLog.Load(Path.Combine(RecordedLogTests.Folder, "qemu-128m-nobootmem.log"))]);
        IReadOnlyList<string> verdict = Verdict.Of(comparison);
        Assert.StartsWith("nobootmem hands over 1,554 pages more than linux-nobootmem (32,500 against 30,946): ", verdict[0],
            StringComparison.Ordinal);
        Assert.Contains("page frame table is 384 pages smaller (64 against 448) (+384)", verdict[0], StringComparison.Ordinal);
        Assert.Contains("linux-nobootmem: its reservations are, to the page, what its line Memory: keeps back: 1,693 pages with page 0.",
            verdict);
        Assert.Contains(
            "An entry of the page frame table takes 56 bytes in linux-nobootmem, 8 bytes in nobootmem.", verdict);
        Assert.Contains(verdict, s => s.Contains("early_node_map (2 ranges, 32,638 pages); the ranges of BIOS reserved, MP-table mpf, "
            + "MP-table mpc; Memory:'s total (130,944 kB)", StringComparison.Ordinal));
        Assert.Equal(0, Verdict.Unexplained(comparison.Logs[0], comparison.Logs[1]));

        // Its strips too: the kernel's image of Linux, where it lies.
        string html = CosmosBootAlloc.Tool.Report.Page.HtmlReport.Make(comparison);
        Assert.Contains("data-r=\"1000000-14a7000\" data-p=\"1191\" data-o=\"TEXT DATA BSS\"", html, StringComparison.Ordinal);
    }

    // Our lines follow x86-64's: expect the zones and what is absent to be the same on the same machine, with each variant.
    [Theory]
    [InlineData("bootmem")]
    [InlineData("nobootmem")]
    [InlineData("lmb")]
    [InlineData("memblock")]
    public void ZonesAndWhatIsAbsentAreLinuxs(string variant)
    {
        BootLog linux = BootLog.Load(Path.Combine(Folder, "x64-nobootmem-initrd128.log"));
        BootLog ours = BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"module-128m-{variant}.log"));
        Assert.Contains(
            Verdict.Of(new Comparison([linux, ours])),
            s => s.Contains("early_node_map (2 ranges, 32,638 pages); ", StringComparison.Ordinal) && s.Contains(
                "Memory:'s total (130,944 kB); what it calls absent (392 kB); the zones (DMA 1-1000, DMA32 1000-100000, Normal empty).",
                StringComparison.Ordinal));
        Assert.Equal(8UL, ours.Kernel.FrameBytes);
        Assert.Equal(32638UL, ours.Kernel.ZonePages.Single(p => p.Key == "node 0").Value);
        Assert.NotNull(ours.Kernel.RamDisk);
    }

    // Linux with and without bootmem: the kernel's image, the bitmap's page, what bootmem does not list.
    [Fact]
    public void LinuxWithAndWithoutBootmem()
    {
        Comparison comparison = new([BootLog.Load(Path.Combine(Folder, "x64-nobootmem-m128.log")),
            BootLog.Load(Path.Combine(Folder, "x64-bootmem-m128.log"))]);
        Assert.Equal(["linux-nobootmem", "linux-bootmem"], comparison.Titles);
        Assert.StartsWith("linux-bootmem hands over 5 pages less than linux-nobootmem (30,941 against 30,946): ",
            Verdict.Of(comparison)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x64-nobootmem-m128.log", "qemu-128m-nobootmem.log")]
    [InlineData("x64-bootmem-m128.log", "qemu-128m-bootmem.log")]
    [InlineData("x64-nobootmem-m5120.log", "q35-3584m-lmb.log")]
    [InlineData("x64full-bootmem-crash256.log", "qemu-128m-bootmem.log")]
    [InlineData("plain-128m.log", "qemu-128m-memblock.log")]
    public async Task TheTableFitsEightyColumns(string linux, string ours)
    {
        CommandRun run = await CommandRun.RunAsync("compare", Path.Combine(Folder, linux), Path.Combine(RecordedLogTests.Folder, ours));
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Status);
        Assert.Equal([], run.Output.Split('\n').Where(l => l.TrimEnd().Length > 80));
    }

    // A boot whose memory never came up is a bad one; a panic for want of an init is none of ours.
    [Theory]
    [InlineData("many56-nobootmem.log", "panic: Cannot create slabcache radix_tree_node")]
    [InlineData("rnd012-nobootmem-m128.log", "panic: Attempted to kill the idle task!")]
    [InlineData("x64-nobootmem-m128.log", "")]
    public void APanicCountsBeforeMemoryIsUp(string name, string problem)
        => Assert.Equal(problem, string.Join("; ", BootLogChecks.CheckOne(BootLog.Load(Path.Combine(Folder, name)))));

    private const string Modern = """
        Linux version 6.12.1 (user@host)
        Command line: ro
        BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
        BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] usable
        e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
        last_pfn = 0x8000 max_arch_pfn = 0x400000000
        Zone ranges:
          DMA      [mem 0x0000000000001000-0x0000000000ffffff]
          DMA32    [mem 0x0000000001000000-0x0000000007ffffff]
          Normal   empty
        Movable zone start for each node
        Early memory node ranges
          node   0: [mem 0x0000000000001000-0x000000000009ffff]
          node   0: [mem 0x0000000000100000-0x0000000007ffffff]
        Initmem setup node 0 [mem 0x0000000000001000-0x0000000007ffffff]
        On node 0 totalpages: 32671
          DMA zone: 64 pages used for memmap
          DMA zone: 3999 pages, LIFO batch:0
          DMA32 zone: 448 pages used for memmap
          DMA32 zone: 28672 pages, LIFO batch:7
        Memory: 100000K/130684K available (9000K kernel code, 1000K rwdata, 30684K reserved, 0K cma-reserved)
        """;

    // Expect the same whatever printed the log: the kernel alone, with times, a daemon, dmesg.
    [Theory]
    [InlineData("")]
    [InlineData("[    0.000000] ")]
    [InlineData("<6>")]
    [InlineData("<6>[    0.000000] ")]
    [InlineData("Nov 26 17:02:09 host kernel: ")]
    [InlineData("Nov 26 17:02:09 host kernel: [    0.000000] ")]
    [InlineData("2026-11-26T17:02:09.123456+00:00 host kernel: ")]
    [InlineData("[    0.000000][    T0] ")]
    [InlineData("[Thu Nov 26 17:02:09 2026] ")]
    [InlineData("[    0.000000] localhost kernel: ")]
    [InlineData("June 19 18:06:35 ####-desktop kernel: ")]
    [InlineData("Nov 26 17:02:09.123456 host kernel: ")]
    [InlineData("Thu 2026-11-26 17:02:09 UTC host kernel: ")]
    [InlineData("2026-11-26T17:02:09+0100 host kernel: ")]
    [InlineData("2026-11-26T17:02:09,123456+00:00 ")]
    [InlineData("2026-11-26T17:02:09.1234567Z [    0.000000] ")]
    [InlineData("kern  :info  : [    0.000000] ")]
    [InlineData("kern  :info  : ")]
    [InlineData("[  +0.000004] ")]
    [InlineData("[Nov26 17:02] ")]
    [InlineData("[    0.000000 <    0.000000>] ")]
    [InlineData("\u001b[32m[    0.000000] \u001b[0m")]
    [InlineData("[ 0.000000] ", true)]
    [InlineData("", true)]
    public void EveryFormOfALineIsRead(string prefix, bool blanksLost = false)
    {
        string text = string.Join('\n', Modern.Split('\n').Select(l => prefix + (blanksLost ? l.TrimStart() : l)));
        BootLog log = BootLog.Parse("a.log", text);
        Assert.True(log.IsLinux);
        Assert.Equal(("linux", "6.12.1", "x86-64", "ro"), (log.Variant, log.Boot!["version"], log.Boot["arch"], log.Boot["cmdline"]));
        Assert.Equal(["DMA 1-1000", "DMA32 1000-8000", "Normal 0-0"], log.Kernel.Zones.Select(z => $"{z.Name} {z.Start:x}-{z.End:x}"));
        Assert.Equal([(0x1000UL, 0xa0000UL), (0x100000UL, 0x8000000UL)], log.Kernel.Active);
        Assert.Equal(64UL, log.Kernel.FrameBytes);
        Assert.Equal(30684UL, log.Kernel.Memory!.Part("reserved"));
        Assert.Equal(("32672", "25000", "7672"),
            (log.Accounted!["usable_pages"], log.Accounted["free_pages"], log.Accounted["reserved_pages"]));
        Assert.Equal(7671UL, log.PagesOf("not listed"));
    }

    // A kernel that frees most pages after this line (its total is neither free nor reserved): expect them to be no one's.
    [Fact]
    public void PagesThatAreFreedLaterAreNamed()
    {
        BootLog log = BootLog.Parse("a.log", Modern.Replace("Memory: 100000K", "Memory: 20000K", StringComparison.Ordinal));

        Assert.Equal("5000", log.Accounted!["free_pages"]);
        Assert.Equal(20000UL, log.PagesOf("not yet free"));
        Assert.Equal(7671UL, log.PagesOf("not listed"));

        string[] old = [.. Modern.Split('\n').SkipLast(1),
            "Memory: 20000k/131072k available (9000k kernel code, 388k absent, 30684k reserved, 1k data, 1k init)"];
        log = BootLog.Parse("a.log", string.Join('\n', old));
        Assert.Equal(20000UL, log.PagesOf("not yet free"));
    }

    // Before 2.6.34 the heading does not say how many there may be: expect no figure, not 0.
    [Fact]
    public void WithoutRoomInTheHeadingThereIsNoCapacity()
    {
        BootLog log = BootLog.Parse("a.log", Modern.Replace("Zone ranges:", "(1 early reservations) ==> bootmem [0000000000 - 0008000000]\n"
            + "#0 [0000100000 - 0000200000] TEXT DATA BSS ==> [0000100000 - 0000200000]\nZone ranges:", StringComparison.Ordinal));

        Assert.Equal("1", log.Stage("early_res")!["reservations"]);
        Assert.Null(log.Stage("early_res")!["capacity"]);
        Assert.Equal(256UL, log.PagesOf("TEXT DATA BSS"));
    }

    // A range of the map that changes its type after the kernel registered its RAM, or keeps it: expect nothing to be left out.
    [Theory]
    [InlineData("usable ==> usable")]
    [InlineData("usable ==> reserved")]
    public void ALaterChangeOfTheMapLeavesNothingOut(string change)
    {
        BootLog log = BootLog.Parse("a.log", Modern.Replace("On node 0 totalpages",
            $"e820: update [mem 0x00200018-0x00203a57] {change}\ne820: remove [mem 0xe0000000-0xefffffff] reserved\nOn node 0 totalpages",
            StringComparison.Ordinal));

        Assert.Null(log.PagesOf("left out"));
        Assert.Equal(7671UL, log.PagesOf("not listed"));
        Assert.Equal("25000", log.Accounted!["free_pages"]);
    }

    // What a log does not say is not known: no map behind options that change it, none with a row that is cut.
    [Fact]
    public void WhatALogDoesNotSayIsNotKnown()
    {
        string map = string.Join('\n', Modern.Split('\n').Take(4));
        Assert.Equal("32672", BootLog.Parse("a.log", map).Stage("e820")!["usable_pages"]);
        Assert.Null(BootLog.Parse("a.log", map.Replace("line: ro", "line: ro mem=64M", StringComparison.Ordinal)).Stage("e820"));
        BootLog cut = BootLog.Parse("a.log", Modern.Replace("7ffffff] usable\ne820", "7ffffff] usa\ne820", StringComparison.Ordinal));
        Assert.Equal(4, cut.Kernel.BadRow);
        Assert.Empty(cut.Kernel.Map);
        Assert.Null(cut.Accounted);
        Assert.Equal(25000UL, cut.Stage("buddy")!.Number("free_pages"));
    }

    // A capture that stops anywhere: never an exception, and sums that are those of the whole log, or none.
    [Theory]
    [InlineData("x64-nobootmem-m128.log")]
    [InlineData("x32-bootmem-m128.log")]
    [InlineData("plain-128m.log")]
    public void ACaptureThatStopsAnywhereHasNoWrongSum(string name)
    {
        string text = File.ReadAllText(Path.Combine(Folder, name));
        BootLog whole = BootLog.Parse(name, text);
        for (int length = 0; length < text.Length; length += 37)
        {
            BootLog log = BootLog.Parse(name, text[..length]);
            Assert.Contains(log.Accounted?["free_pages"], new[] { null, whole.Accounted!["free_pages"] });
            Assert.Contains(log.Accounted?["reserved_pages"], new[] { null, whole.Accounted["reserved_pages"] });
            Assert.Equal(log.Accounted == null, log.Kernel.Memory == null);
            Assert.NotEmpty(ComparisonJson.Make(new Comparison([log, whole]), []));
        }
    }

    // Maps and logs as people posted them: read right, or refused with the line.
    [Theory]
    [InlineData("03-old-form-type-20/log.txt", "1825036")]
    [InlineData("09-no-ram-at-1mb/log.txt", "131056")]
    [InlineData("14-486-8mb-int88/log.txt", "1951")]
    [InlineData("20-kexec-ovmf-8mb-hole/log.txt", "518719")]
    [InlineData("18-memmap-in-the-field/nvmevirt.txt", "-")]
    [InlineData("07-lines-cut-at-screen-edge/log.txt", "refused")]
    [InlineData("07-lines-cut-at-screen-edge/log-old-form-serial-loss.txt", "refused")]
    [InlineData("07-lines-cut-at-screen-edge/log-boots-ok-by-luck.txt", "refused")]
    [InlineData("01-mail-wrapped-72/log-new-form-5.3.txt", "refused")]
    public void PostedLogsAreReadOrRefused(string file, string pages)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Data", "cases", file);
        if (pages == "refused")
        {
            BadInputException error = Assert.Throws<BadInputException>(() => BootLog.Load(path));
            Assert.Matches(@"\.txt:\d+: expected a boot log, found a row", error.Message);
            return;
        }

        Assert.Equal(pages, BootLog.Load(path).Stage("e820")?["usable_pages"] ?? "-");
    }

    private static ulong Number(Match match, int group) => ulong.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static ulong? Part(Match memory, string name)
        => Regex.Match(memory.Groups[3].Value, $@"(\d+)[kK] {name}\b") is { Success: true } part ? Number(part, 1) : null;

    [GeneratedRegex(@"Memory: (\d+)[kK]/(\d+)[kK] available \((.*)\)")]
    private static partial Regex MemoryLine();
}
