using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The heap in the running kernel: load, collections, misuse, out of memory.</summary>
public sealed class HeapBootTests
{
    private const string Stress = "stress 1000000 7";
    private const string Graph = "gctest 2000";

    private static readonly ConcurrentDictionary<string, Lazy<Task<BootResult>>> s_sessions = new();

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task AMillionMixedOperationsGiveEverythingBack(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), Stress);

        Assert.EndsWith("stress: ok\n", answer, StringComparison.Ordinal);
        Match sums = Regex.Match(
            answer, @"operations=1000000 seed=7 faults=0 .* different_orders=0 free_kb_before=(\d+) free_kb_after=(\d+)");
        Assert.True(sums.Success, answer);
        Assert.Equal(sums.Groups[1].Value, sums.Groups[2].Value);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task AGraphOfEveryKindOfObjectOutlivesThousandsOfCollections(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), Graph);

        Assert.Matches(@"gctest: collections=2000 list=100000 objects=1\d{5} fault=0 ", answer);
        Assert.EndsWith("gctest: ok\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task RawMemoryRunsOutWithAMessageAndComesBack(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), "oom");

        Assert.Contains("oom: memory is low, ", answer, StringComparison.Ordinal);
        Assert.Contains("oom: last call, ", answer, StringComparison.Ordinal);
        Match sums = Regex.Match(answer, @"all given back: (\d+) kB free before, (\d+) kB now");
        Assert.True(sums.Success, answer);

        // A few objects of the shell's own may have been made meanwhile.
        Assert.InRange(long.Parse(sums.Groups[1].Value) - long.Parse(sums.Groups[2].Value), -64, 64);
    }

    [Fact]
    public async Task NewWithoutMemoryStopsAndReportsTheCallerAndTheSize()
    {
        BootResult result = await BootAsync("", "16M", "oom objects");

        Lab.AssertPanic(result, "Out of memory: 10016 bytes for an object, asked for by the code at ");
        foreach (string words in new[] { "oom: last call", "MemFree:", "zone      DMA", "# name ", "object-pages" })
        {
            Lab.AssertSays(result, words);
        }
    }

    [Theory]
    [InlineData("16M")]
    [InlineData("24M")]
    public async Task TheFiguresOfAPanicExplainIt(string memory)
    {
        BootResult result = await BootAsync("", memory, "oom objects");

        Match panic = Regex.Match(
            result.Text, @"pages in a row: 3 needed, (\d+) found in the (\d+) kB that it may use, (\d+) kB are withheld; \d+ objects live"
                + @" after [1-9]\d* collections");
        Assert.True(panic.Success, result.Text);
        Assert.InRange(int.Parse(panic.Groups[1].Value), 0, 2);
        Assert.InRange(int.Parse(panic.Groups[2].Value), 0, 64);
        Match parts = Regex.Match(
            result.Text, @"heap: free are (\d+) of \d+ kB; withheld are (\d+) kB for the last call, (\d+) kB below 1 MiB,"
                + @" (\d+) kB below 16 MiB");
        int[] kilobytes = [.. parts.Groups.Values.Skip(1).Select(part => int.Parse(part.Value))];
        Assert.Equal(int.Parse(panic.Groups[3].Value), kilobytes[1..].Sum());
        Assert.Equal(kilobytes[0], int.Parse(panic.Groups[2].Value) + kilobytes[1..].Sum());
        Assert.Matches($@"MemFree: +{kilobytes[0]} kB", result.Text);
    }

    [Fact]
    public async Task TheViewsHaveTheirFiguresAndFitTheScreen()
    {
        BootResult result = await BootAsync("", "64M", "alloc 100", "slabinfo", "memmap", "meminfo");

        Lab.AssertGood(result);
        Assert.Matches(@"(?m)^kmalloc-104 +1 +39 +104 +39 +1 +1$", Lab.Answer(result, "slabinfo"));
        Assert.Matches(@"(?m)^MemTotal: +\d+ kB$", Lab.Answer(result, "meminfo"));
        string[] rows = Lab.Answer(result, "memmap").Split('\n');
        string shell = result.Text[result.Text.IndexOf("alloc 100", StringComparison.Ordinal)..];
        Assert.DoesNotContain(shell.Split('\n'), row => row.Length > 80);
        Assert.Equal(16, rows.Count(row => Regex.IsMatch(row, @"^[0-9a-f]{8} [ .#sLp]{1,64}$")));
        Assert.Contains(rows, row => row.StartsWith(". free ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HeldMemoryIsSeenAndComesBack()
    {
        BootResult result = await BootAsync("", "64M", "hold 20M", "memmap", "hold 0", "stress 20000 3 map", "gc");

        Lab.AssertGood(result);
        Assert.True(Lab.Answer(result, "memmap").Count(c => c == 'L') >= 20 * 16, Lab.Answer(result, "memmap"));
        Assert.Contains("20480 kB given back", Lab.Answer(result, "hold 0"), StringComparison.Ordinal);
        Assert.Contains("stress: ok", Lab.Answer(result, "stress 20000 3 map"), StringComparison.Ordinal);
        Assert.Matches(@"gc: run \d+: \d+ objects before, \d+ live", Lab.Answer(result, "gc"));
    }

    [Fact]
    public async Task WithDebugTheWholeOfItWorksChecked()
    {
        BootResult result = await BootAsync("debug", "64M", "alloc 100", "leak", "stress 20000 5", "gctest 50", "leak");

        Lab.AssertGood(result);
        Assert.Contains("checked=1", result.Text, StringComparison.Ordinal);
        Assert.Matches(@"raw: \d+ slots checked, no misuse; 1 objects live, 100 bytes, 1 sites\n  site 000a110c: +1 objects +100 bytes",
            Lab.Answer(result, "leak"));
        Assert.Contains("stress: ok", Lab.Answer(result, "stress 20000 5"), StringComparison.Ordinal);
        Assert.Contains("gctest: ok", Lab.Answer(result, "gctest 50"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithDebugADoubleFreeStopsWithBothParties()
    {
        BootResult result = await BootAsync("debug", "64M", "crash double-free");

        Match panic = Regex.Match(
            result.Text, @"BUG: heap: double free of ([0-9a-f]+): the object ([0-9a-f]+) \(100 bytes, asked for by c4a54, allocation ");
        Assert.True(panic.Success, result.Text);
        Assert.Equal(panic.Groups[1].Value, panic.Groups[2].Value);
        Lab.AssertPanic(result, panic.Value);
    }

    // Expect an address that somebody types never to stop the machine, and each refusal to say what lies there.
    [Theory]
    [InlineData("")]
    [InlineData("debug")]
    public async Task TheShellFreesWhatAllocGaveAndRefusesAllElse(string commandLine)
    {
        // The machine is the same each time, so the address of the first boot serves the second.
        BootResult first = await BootAsync(commandLine, "64M", "alloc 100", "alloc 100");
        string address = Regex.Match(Lab.Answer(first, "alloc 100"), @"^([0-9a-f]+): 100 bytes").Groups[1].Value;
        string inside = (Convert.ToUInt32(address, 16) + 8).ToString("x");

        BootResult result = await BootAsync(
            commandLine, "64M", "alloc 100", "alloc 100", $"free {address}", $"free  {address}", $"free {inside}", "free 100000",
            "free 2000000", "free f0000000", "alloc 3G", "alloc 100 24", "alloc 5G", "alloc 1 2 3");

        Lab.AssertGood(result);
        Assert.Equal($"{address}: free", Lab.Answer(result, $"free {address}").Trim());
        (string Command, string Said)[] refused =
        [
            ($"free  {address}", "There lies a page of a heap, with objects of "),
            ($"free {inside}", "There lies a page of a heap, with objects of "),
            ("free 100000", "There lies 'TEXT DATA BSS', reserved since boot"),
            ("free 2000000", "There lies a free block of order "),
            ("free f0000000", "There lies no RAM"),
            ("alloc 3G", "no memory for 3221225472 bytes at a multiple of 1.\nPages in a row: 78643"),
            ("alloc 100 24", "expected an alignment that is a power of two, at most 4194304, found 24"),
            ("alloc 5G", "expected a number of bytes"),
            ("alloc 1 2 3", "expected at most 2 arguments (BYTES [ALIGN]), found '3' behind; not run"),
        ];
        Assert.All(refused, r => Assert.Contains(r.Said, Lab.Answer(result, r.Command), StringComparison.Ordinal));
    }

    private static Task<BootResult> SessionAsync(string variant)
        => s_sessions.GetOrAdd(variant, v => new Lazy<Task<BootResult>>(() => Lab.BootAsync(
            v,
            new MachineOptions(),
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { Commands = [Stress, Graph, "oom"] }))).Value;

    private static Task<BootResult> BootAsync(string commandLine, string memory, params string[] commands)
        => Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { MemoryBytes = MemorySize.Parse(memory) },
            new BootEntry(BootProtocol.Multiboot2, commandLine, null),
            r => r with { Commands = commands });
}
