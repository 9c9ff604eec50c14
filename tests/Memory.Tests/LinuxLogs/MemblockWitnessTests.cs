using System;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.LinuxLogs;
using CosmosBootAlloc.Simulator.Maps;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.LinuxLogs;

/// <summary>Linux's memblock as its own log reports it: ours gives the same addresses; a lost or damaged line is named.</summary>
public sealed class MemblockWitnessTests
{
    // As 4.19 prints on x86-64: another name of the allocation, flags in the middle, addresses with 16 digits, no mapped low ram.
    private const string Old =
        """
        [    0.000000] Linux version 4.19.0-27-amd64 (debian-kernel@lists.debian.org) (gcc version 8.3.0 (Debian 8.3.0-6))
        [    0.000000] last_pfn = 0x7fe0 max_arch_pfn = 0x400000000
        [    0.000000] memblock_reserve: [0x0000000000001000-0x0000000000001fff] flags 0x0 early+0x1/0x2
        [    0.000000] MEMBLOCK configuration:
        [    0.000000]  memory size = 0x0000000007f7e000 reserved size = 0x0000000000400000
        [    0.000000]  memory.cnt  = 0x2
        [    0.000000]  memory[0x0]	[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes flags: 0x0
        [    0.000000]  memory[0x1]	[0x0000000000100000-0x0000000007fdffff], 0x0000000007ee0000 bytes on node 0 flags: 0x0
        [    0.000000]  reserved.cnt  = 0x1
        [    0.000000]  reserved[0x0]	[0x0000000001000000-0x00000000013fffff], 0x0000000000400000 bytes flags: 0x0
        [    0.000000] memblock_virt_alloc_try_nid_nopanic: 4096 bytes align=0x1000 nid=-1 from=0x0 max_addr=0x0 a+0x1/0x2
        [    0.000000] memblock_reserve: [0x0000000007fdf000-0x0000000007fdffff] flags 0x0 memblock_virt_alloc_internal+0xb1/0x173
        [    0.000000]    memblock_free: [0x0000000007fdf000-0x0000000007fdffff] b+0x1/0x2
        [    0.000000] memblock_virt_alloc_try_nid: 64 bytes align=0x0 nid=0 from=0x8000000 max_addr=0x0 a+0x1/0x2
        [    0.000000] memblock_reserve: [0x0000000007fdffc0-0x0000000007fdffff] flags 0x0 memblock_virt_alloc_internal+0xb1/0x173
        [    0.000000] memblock_virt_alloc_try_nid_nopanic: 4294967296 bytes align=0x1000 nid=-1 from=0x0 max_addr=0x0 a+0x1/0x2
        [    0.000000] memblock_add: [0x0000000010000000-0x000000001fffffff] flags 0x0 c+0x1/0x2
        [    0.000000] MEMBLOCK configuration:
        [    0.000000]  memory[0x0]	[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes flags: 0x0
        """;

    [Theory]
    [InlineData("plain-128m.log", 32)]
    [InlineData("memmap-exact-256m.log", 35)]
    public void EveryAddressOfLinux61IsOurs(string name, int allocations)
    {
        (bool same, string output) = Replay(name, Recorded(name));

        Assert.Equal($"{name}: {allocations} of {allocations} allocations as Linux 6.1 made them\n", output);
        Assert.True(same);
    }

    // The same log as a daemon, journalctl or dmesg would have it: expect no difference.
    [Theory]
    [InlineData("")]
    [InlineData("<6>[    0.000000] ")]
    [InlineData("Nov 26 17:02:09 host kernel: ")]
    [InlineData("[    0.000000] localhost kernel: ")]
    [InlineData("[Thu Nov 26 17:02:09 2026] ")]
    [InlineData("2026-11-26T17:02:09,123456+00:00 ")]
    [InlineData("\u001b[32m[    0.000000] \u001b[0m")]
    public void WhatStandsBeforeALineDoesNotMatter(string prefix)
    {
        string text = string.Join("\r\n", Recorded("plain-128m.log").Split('\n').Select(l => prefix + PrintkLine.Text(l.TrimEnd('\r'))));

        Assert.Equal((true, "a.log: 32 of 32 allocations as Linux 6.1 made them\n"), Replay("a.log", text));
    }

    // Expect the request that found no room to count: no reservation follows, and we find none either.
    [Fact]
    public void TheFormsOf4xAreRead()
    {
        (bool same, string output) = Replay("old.log", Old);

        Assert.Equal("old.log: 3 of 3 allocations as Linux 4.19 made them\n", output);
        Assert.True(same);
    }

    [Fact]
    public void TheFirstDifferenceIsNamedWithItsLines()
    {
        (bool same, string output) = Replay("a.log", Old.Replace("7fdffc0-0x0000000007fdffff", "7fdff80-0x0000000007fdffbf"));

        Assert.False(same);
        Assert.Equal(
            "a.log:14: memblock_virt_alloc_try_nid of 64 bytes, align=0x0: Linux got 0x7fdff80 (line 15), we get 0x7fdffc0\n"
            + "a.log: 1 of 3 allocations as Linux 4.19 made them\n",
            output);
    }

    // Expect the last of two boots to count, and a boot without a dump to be passed over.
    [Fact]
    public void OfSeveralBootsTheLastWithADumpCounts()
    {
        string other = Recorded("plain-128m.log");

        Assert.Contains("32 of 32", Replay("a", $"{Old}\n{other}\n").Output, StringComparison.Ordinal);
        Assert.Contains("3 of 3", Replay("a", $"{other}\n{Old}\n").Output, StringComparison.Ordinal);
        Assert.Contains("3 of 3", Replay("a", $"{Old}\nLinux version 6.12.1 (x)\n").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("memory[0x1]", "memory[0x1] [0x1000-0x2", "a.log:8: expected memory[0xN] [0xFIRST-0xLAST], 0xSIZE bytes")]
    [InlineData("memory[0x1]", "", "a.log:4: expected regions of 0x7f7e000 bytes in list 'memory' below, found 0x9e000; a line is missing")]
    [InlineData("[0x0000000007fdf000-0x0000000007fdffff] flags", "[0x000000000", "a.log:12: expected memblock_reserve: [0xFIRST-0xLAST]")]
    [InlineData("4096 bytes align=0x1000", "4096 bytes al", "a.log:11: expected memblock_virt_alloc_try_nid_nopanic: N bytes align=0xN")]
    [InlineData("64 bytes align=0x0 nid=0", "64 bytes align=0x0 nid=1", "a.log:14: expected a machine of one node")]
    [InlineData("memblock_free: [", "memblock_frob: [", "a.log:13: expected an operation that replay knows")]
    [InlineData("[0x0000000010000000-0x000000001fffffff]", "[0x10000000-0xfffffff0]", null)]
    [InlineData("[0x0000000010000000-0x000000001fffffff]", "[0x10000000-0x0]", "a.log:17: expected a last byte at or above the first")]
    public void ADamagedLineIsNamed(string part, string other, string? expected)
    {
        // What follows in the line goes too.
        string[] lines = Old.Split('\n');
        int at = Array.FindIndex(lines, l => l.Contains(part, StringComparison.Ordinal));
        int found = lines[at].IndexOf(part, StringComparison.Ordinal);
        lines[at] = lines[at][..found] + other + (other.Contains("nid=1") || other.Contains("frob") ? " from=0x0 max_addr=0x0" : "");
        string text = string.Join('\n', lines);
        if (expected == null)
        {
            Assert.True(Replay("a.log", text).Same);
            return;
        }

        Assert.StartsWith(expected, Assert.Throws<BadInputException>(() => Replay("a.log", text)).Message, StringComparison.Ordinal);
    }

    // 200 reservations with gaps fill the list of 128: Linux moves it to the highest free place, a whole number of pages.
    [Fact]
    public void ADoubledListIsCompared()
    {
        StringBuilder log = new("Linux version 6.1.0\nMEMBLOCK configuration:\n");
        log.Append(" memory[0x0] [0x1000-0xffffff], 0xfff000 bytes flags: 0x0\n");
        for (int i = 1; i <= 129; i++)
        {
            log.Append($"memblock_reserve: [0x{i * 0x2000:x}-0x{(i * 0x2000) + 0xfff:x}] x+0x1/0x2\n");
        }

        Assert.True(Replay("a", log + "memblock: reserved is doubled to 256 at [0xffe000-0xffffff]\n").Same);
        (bool same, string output) = Replay("a", log + "memblock: reserved is doubled to 512 at [0xffc000-0xffffff]\n");
        Assert.False(same);
        Assert.StartsWith("a:133: Linux's list 'reserved' moved to 0xffc000 and has 512 entries, ours has 256", output);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("# comment\ntrace e820 1\n> BIOS-provided physical RAM map:\n", false)]
    [InlineData("[    0.000000] Linux version 6.1.0\n", true)]
    [InlineData("garbage\nmemblock_add: [0x0-0x1]\n", true)]
    [InlineData("nonsense\n", false)]
    public void ALogIsToldFromATrace(string beginning, bool isLog) => Assert.Equal(isLog, MemblockLog.IsLog(beginning));

    private static (bool Same, string Output) Replay(string file, string text)
    {
        using StringWriter output = new();
        bool same = MemblockWitness.Replay(MemblockLog.Read(file, text), output);
        return (same, output.ToString());
    }

    private static string Recorded(string name)
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "linux-boots", name), Encoding.Latin1);
}
