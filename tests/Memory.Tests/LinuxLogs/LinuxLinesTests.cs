using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.LinuxLogs;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.LinuxLogs;

/// <summary>
/// Our lines on the machine of each real 2.6.34 log: where Linux prints a line, ours has its form, its place, and its figures. The
/// flavor is x86-64; of an i386 log the lines are compared that do not depend on the word size.
/// </summary>
/// <remarks>
/// Compared verbatim: map, <c>e820</c>, <c>last_pfn</c>, <c>RAMDISK</c>, zones, active ranges, <c>On node 0 totalpages</c>, <c>DMA zone: N
/// pages reserved</c>, and, of <c>Memory:</c>, total and absent; available and reserved too where both kernels hand over the same pages.
/// Compared as a sum: each zone's pages and those for memmap, because a page frame takes 8 bytes here and 56 there; available and
/// reserved, where Linux made boot allocations that its log does not list. Not compared: sizes of kernel code, data, and init, because a
/// log has the image as one range; the batch, because we have no lists per CPU.
/// </remarks>
public sealed partial class LinuxLinesTests
{
    // Zones, what is handed over, and the line Memory: are these for Linux's 5 GB machine; ours ends at 4 GiB.
    private const string Above = "x64-nobootmem-m5120.log";

    // Its command line is cut in the log, so the map after the options stands for the firmware's.
    private const string OptionsCut = "many56-nobootmem.log";

    // It dies in the hand-over.
    private const string NoMemoryLine = "rnd012-nobootmem-m128.log";

    // A table doubles here where all of Linux's reservations come at once, there when the kernel makes the last of them.
    private static readonly string[] s_ours = ["bootalloc: ", "RAM above 4 GiB left alone", "early_res array is doubled"];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "golden-real", "logs");

    public static TheoryData<string> Logs64
        => [.. Directory.GetFiles(Folder, "x64*.log").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
            OptionsCut, NoMemoryLine];

    public static TheoryData<string> Logs32
        => [.. Directory.GetFiles(Folder, "x32*.log").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void EveryLogIsTested()
        => Assert.Equal(Directory.GetFiles(Folder).Length, Logs64.Count + Logs32.Count);

    // Expect every line that is not for programs to be one of Linux's, numbers aside, in Linux's order.
    [Theory]
    [MemberData(nameof(Logs64))]
    public void FormsAndOrderAreLinuxs(string name)
    {
        List<string> linux = [.. Real(name).Select(Form)];
        int at = 0;
        foreach (string line in Ours(name).Where(l => !s_ours.Any(o => l.StartsWith(o, StringComparison.Ordinal))
            && (name != OptionsCut || !MapRow().IsMatch(l))))
        {
            if (name == Above && line == "  Normal   empty")
            {
                Assert.Contains("  Normal   empty", Real("x64-nobootmem-m128.log"));
                continue;
            }

            if (name == NoMemoryLine && line.StartsWith("Memory: ", StringComparison.Ordinal))
            {
                break;
            }

            int found = linux.IndexOf(Form(line), at);
            Assert.True(found >= 0, $"'{line}': {(linux.Contains(Form(line)) ? "not here in Linux's order" : "not a line of Linux's")}");
            at = found + 1;
        }
    }

    // Expect Linux's lines from the firmware's map to the active ranges, and the count of pages.
    [Theory]
    [MemberData(nameof(Logs64))]
    public void MapZonesAndActiveRangesAreLinuxs(string name)
    {
        List<string> linux = Verbatim(Real(name));
        List<string> ours = Verbatim(Ours(name));
        if (name == OptionsCut)
        {
            linux.RemoveAll(l => MapRow().IsMatch(l));
            ours.RemoveAll(l => MapRow().IsMatch(l));
        }
        else if (name == Above)
        {
            // |0 .. 3 GiB|  |4 GiB .. 6 GiB|: Linux's Normal zone is the range that we leave alone. 2 GiB are 524,288 pages.
            linux = [.. linux.Where(l => !l.Contains("0x00100000 -> 0x00180000", StringComparison.Ordinal))
                .Select(l => l.Replace("totalpages: 1310590", "totalpages: 786302", StringComparison.Ordinal)
                    .Replace("early_node_map[3]", "early_node_map[2]", StringComparison.Ordinal))];
            Assert.True(ours.Remove("  Normal   empty"));
        }

        Assert.True(linux.Count >= 10);
        Assert.Equal(linux, ours);
    }

    // Expect the pages of a zone, with those that count for its page frames, to be Linux's.
    [Theory]
    [MemberData(nameof(Logs64))]
    public void ZonesHaveLinuxsPages(string name)
    {
        Dictionary<string, ulong> linux = ZonePages(Real(name));
        Dictionary<string, ulong> ours = ZonePages(Ours(name));
        if (name == Above)
        {
            Assert.Equal(524288UL, linux["Normal"]);
            linux.Remove("Normal");
        }

        Assert.Equal(2, ours.Count);
        Assert.Equal(linux, ours);
    }

    // Expect total and absent of the line to be Linux's, and available and reserved too with nobootmem, where nothing but reservations
    // takes memory.
    [Theory]
    [MemberData(nameof(Logs64))]
    public void TheLineMemoryIsLinuxs(string name)
    {
        Dictionary<string, ulong>? linux = Memory(Real(name));
        Dictionary<string, ulong> ours = Memory(Ours(name))!;
        Assert.Equal(ours["total"], ours["available"] + ours["absent"] + ours["reserved"]);
        if (linux == null)
        {
            Assert.Equal(NoMemoryLine, name);
            return;
        }

        if (name == Above)
        {
            // Linux's line goes on to the end of RAM at 6 GiB: 1 GiB of hole, then 2 GiB, all handed over.
            Assert.Equal(linux["total"] - (0x180000 - 0xbffe0) * 4, ours["total"]);
            Assert.Equal(linux["absent"] - (0x100000 - 0xbffe0) * 4, ours["absent"]);
            Assert.Equal(linux["available"] - 0x80000 * 4, ours["available"]);
            Assert.Equal(linux["reserved"], ours["reserved"]);
            return;
        }

        Assert.Equal((linux["total"], linux["absent"]), (ours["total"], ours["absent"]));
        Assert.Equal(linux["available"] + linux["reserved"], ours["available"] + ours["reserved"]);
        if (name.Contains("nobootmem", StringComparison.Ordinal) && name != OptionsCut)
        {
            Assert.Equal((linux["available"], linux["reserved"]), (ours["available"], ours["reserved"]));
        }
        else
        {
            Assert.True(linux["reserved"] > ours["reserved"]);
        }
    }

    // The 32-bit kernel has other zones and limits. Expect the map, the end of RAM, the active ranges and their pages to be the same, and
    // available, total, and reserved of the line Memory:, which has highmem in place of absent.
    [Theory]
    [MemberData(nameof(Logs32))]
    public void WhatThe32BitKernelHasTooIsTheSame(string name)
    {
        string[] other = ["last_pfn", "  DMA", "  DMA32", "  Normal", "  HighMem"];
        List<string> Shared(List<string> lines)
            => [.. lines.Where(l => !other.Any(o => l.StartsWith(o, StringComparison.Ordinal)))];

        List<string> real = Real(name);
        List<string> ours = Ours(name);
        Assert.Equal(Shared(Verbatim(real)), Shared(Verbatim(ours)));
        Assert.Contains("last_pfn = 0x7fe0 max_arch_pfn = 0x100000", real);
        Assert.Contains("last_pfn = 0x7fe0 max_arch_pfn = 0x400000000", ours);
        Dictionary<string, ulong> linux = Memory(real)!;
        Dictionary<string, ulong> line = Memory(ours)!;
        Assert.Equal(linux["total"], line["total"]);
        Assert.Equal(linux["available"] + linux["reserved"], line["available"] + line["reserved"]);
        if (name.Contains("nobootmem", StringComparison.Ordinal))
        {
            Assert.Equal(linux["reserved"], line["reserved"]);
        }

        Assert.False(linux.ContainsKey("absent"));
    }

    private static List<string> Ours(string name)
    {
        string variant = name.Contains("nobootmem", StringComparison.Ordinal) ? "nobootmem" : "bootmem";
        using Simulation simulation = LinuxMachine.Run(variant, LinuxBootLog.Read(name, Text(name)), "", out _, out _);
        Assert.True(simulation.Healthy);
        return [.. simulation.Log];
    }

    private static List<string> Real(string name) => [.. Text(name).Split('\n').Select(l => l.TrimEnd('\r'))];

    private static List<string> Verbatim(List<string> lines) => [.. lines.Where(l => VerbatimRow().IsMatch(l))];

    private static Dictionary<string, ulong> ZonePages(List<string> lines)
    {
        Dictionary<string, ulong> pages = [];
        foreach (Match row in lines.Select(l => ZonePagesRow().Match(l)).Where(m => m.Success))
        {
            string zone = row.Groups[1].Value;
            pages[zone] = pages.GetValueOrDefault(zone) + ulong.Parse(row.Groups[2].ValueSpan);
        }

        return pages;
    }

    private static Dictionary<string, ulong>? Memory(List<string> lines)
        => lines.Select(l => MemoryRow().Match(l)).FirstOrDefault(m => m.Success) is { } row
            ? row.Groups.Values.Skip(1).Where(g => g.Success).ToDictionary(g => g.Name, g => ulong.Parse(g.ValueSpan))
            : null;

    // Numbers, and names of reservations, are no part of a form.
    private static string Form(string line) => Numbers().Replace(ReservationName().Replace(line, "$1 NAME$2"), "#");

    private static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name), Encoding.Latin1);

    [GeneratedRegex("^(?: BIOS-e820: | user: |user-defined |BIOS-provided |e820 update |e820 remove )")]
    private static partial Regex MapRow();

    [GeneratedRegex(@"^(?: BIOS-e820: | user: |user-defined |e820 (?:update|remove) |last_pfn |RAMDISK: |Zone PFN ranges:|Movable zone |"
        + @"early_node_map|On node 0 |    0: |  (?:DMA|DMA32|Normal|HighMem)  |  DMA zone: \d+ pages reserved)")]
    private static partial Regex VerbatimRow();

    [GeneratedRegex(@"^  (\w+) zone: (\d+) pages(?: used for memmap|, LIFO batch:\d+)$")]
    private static partial Regex ZonePagesRow();

    [GeneratedRegex(@"^Memory: (?<available>\d+)k/(?<total>\d+)k available \(\d+k kernel code, (?:(?<absent>\d+)k absent, )?"
        + @"(?<reserved>\d+)k reserved, \d+k data, \d+k init(?:, 0k highmem)?\)$")]
    private static partial Regex MemoryRow();

    [GeneratedRegex(@"^(  #\d+ \[[0-9a-f]+ - [0-9a-f]+\]) +\S.*?( ==> .*)?$")]
    private static partial Regex ReservationName();

    [GeneratedRegex(@"(?:0x)?[0-9a-f]*[0-9][0-9a-f]*")]
    private static partial Regex Numbers();
}
