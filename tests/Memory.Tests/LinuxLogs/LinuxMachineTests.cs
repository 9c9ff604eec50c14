using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.LinuxLogs;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.LinuxLogs;

/// <summary>Our variants on the machines of real Linux logs: the same listing at the hand-over, and the same pages.</summary>
public sealed class LinuxMachineTests
{
    // Pages are a quarter of the available kilobytes in the log's line 'Memory:'.
    [Theory]
    [InlineData("x32-nobootmem-m128.log", 31973)]
    [InlineData("x64-nobootmem-initrd128.log", 30178)]
    [InlineData("x64-nobootmem-m128.log", 30946)]
    [InlineData("x64-nobootmem-m5120.log", 1271879)]
    [InlineData("x64-nobootmem-m64.log", 14586)]
    [InlineData("x64-nobootmem-memmap128.log", 30926)]
    [InlineData("x64full-nobootmem-crash256.log", 58880)]
    public void TheHandOverIsLinuxs(string name, ulong pages)
    {
        LinuxBootLog log = LinuxBootLog.Read(name, Text(name));
        using Simulation simulation = LinuxMachine.Run("nobootmem", log, "", out List<string> verdict, out bool same);

        Assert.True(simulation.Healthy);
        Assert.True(same);
        Assert.Equal(pages * 4, log.AvailableKilobytes);
        Assert.Equal($"{pages} pages are handed over, as by Linux 2.6.34", verdict[1]);
        AssertListing(name, simulation);
    }

    // As with printk.time=1, from dmesg -r or -T, journalctl, a daemon, and with the line ends of a serial capture. Expect the same.
    [Theory]
    [InlineData("[    0.000000] ", "\n")]
    [InlineData("<6>[    0.000000] ", "\n")]
    [InlineData("", "\r\n")]
    [InlineData("Nov 26 17:02:09 host kernel: ", "\n")]
    [InlineData("[    0.000000] localhost kernel: ", "\n")]
    [InlineData("[Thu Nov 26 17:02:09 2026] ", "\n")]
    public void TimeStampsChangeNothing(string stamp, string end)
    {
        string text = string.Concat(Text("x64-nobootmem-initrd128.log").TrimEnd('\n').Split('\n').Select(l => stamp + l + end));
        LinuxBootLog log = LinuxBootLog.Read("a", text);
        using Simulation simulation = LinuxMachine.Run("nobootmem", log, "", out List<string> verdict, out bool same);

        Assert.True(same, string.Join("; ", verdict));
        Assert.Equal("30178 pages are handed over, as by Linux 2.6.34", verdict[1]);
    }

    // With a bitmap Linux's later allocations are in no line of its log. Expect its listing, the place of the bitmap in it, and no fewer
    // pages than Linux has.
    [Theory]
    [InlineData("x32-bootmem-m128.log", 32190, 31971)]
    [InlineData("x64-bootmem-m128.log", 31380, 30941)]
    [InlineData("x64-bootmem-m64.log", 15028, 14582)]
    [InlineData("x64-bootmem-memmap128.log", 31360, 30921)]
    [InlineData("x64full-bootmem-crash256.log", 59924, 58872)]
    public void TheBitmapTakesOverTheSameReservations(string name, int ours, int linux)
    {
        LinuxBootLog log = LinuxBootLog.Read(name, Text(name));
        using Simulation simulation = LinuxMachine.Run("bootmem", log, "", out List<string> verdict, out bool same);

        Assert.True(simulation.Healthy);
        Assert.True(same);
        Assert.StartsWith($"{ours} pages are handed over; Linux 2.6.34 has {linux}: the rest are its own", verdict[1]);
        AssertListing(name, simulation);
    }

    // The scratch list is full in one, and in the other the kernel dies for want of a memory map. Expect their listings all the same.
    [Theory]
    [InlineData("many56-nobootmem.log", "5286 pages are handed over; Linux 2.6.34 has 0: its scratch list was full", false)]
    [InlineData("rnd012-nobootmem-m128.log", "5461 pages are handed over; Linux 2.6.34 prints no 'Memory:' line", true)]
    public void WhereLinuxDiedWeHandOver(string name, string expected, bool isSame)
    {
        LinuxBootLog log = LinuxBootLog.Read(name, Text(name));
        using Simulation simulation = LinuxMachine.Run("nobootmem", log, "", out List<string> verdict, out bool same);

        Assert.True(simulation.Healthy);
        Assert.StartsWith(expected, verdict[1], StringComparison.Ordinal);
        Assert.Equal(isSame, same);
        AssertListing(name, simulation);
    }

    // Of its command line the log has 1,024 bytes, and 38 of 58 ranges. Expect all of them, from the map after the options.
    [Fact]
    public void AMapIsWholeThoughItsCommandLineIsCut()
    {
        LinuxBootLog log = LinuxBootLog.Read("many56", Text("many56-nobootmem.log"));

        Assert.Equal(58, log.Map.Entries.Count);
        Assert.Equal("", log.Map.Options);
    }

    [Theory]
    [InlineData("bootmem", "x64-nobootmem-m128.log")]
    [InlineData("lmb", "x64-nobootmem-m128.log")]
    [InlineData("memblock", "x64-nobootmem-m128.log")]
    [InlineData("memblock", "x64full-bootmem-crash256.log")]
    [InlineData("lmb", "x64full-nobootmem-crash256.log")]
    [InlineData("nobootmem", "x64-bootmem-memmap128.log")]
    public void EveryVariantRunsOnTheMachine(string variant, string name)
    {
        LinuxBootLog log = LinuxBootLog.Read(name, Text(name));
        using Simulation simulation = LinuxMachine.Run(variant, log, "", out List<string> verdict, out bool same);

        Assert.Null(simulation.Panic);
        Assert.True(simulation.Healthy);
        Assert.True(same);
        Assert.StartsWith($"Linux 2.6.34 ran {log.Variant}; with --variant {log.Variant} its listing", Assert.Single(verdict));
    }

    // A Linux 6.1 with memblock=debug: expect the pages of its memory list to be usable, and page 0.
    [Theory]
    [InlineData("nobootmem")]
    [InlineData("bootmem")]
    [InlineData("lmb")]
    [InlineData("memblock")]
    public void AMemblockDumpGivesTheReservations(string variant)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "linux-boots", "memmap-exact-256m.log"));
        LinuxBootLog log = LinuxBootLog.Read("a", text);
        using Simulation simulation = LinuxMachine.Run(variant, log, "", out List<string> verdict, out bool same);

        Assert.Null(simulation.Panic);
        Assert.True(simulation.Healthy);
        Assert.True(same);
        Assert.Equal(
            "Linux 6.1.0 lists nothing at its hand-over; its 3 reservations are those of its first dump", Assert.Single(verdict));
        const int pages = 0xa0 + 0x1f00 + 0x1000 + 0x2f00 + 0x6000;
        Assert.Contains(simulation.Log, l => l.Contains("stage name=e820") && l.Contains($" usable_pages={pages} "));
    }

    [Theory]
    [InlineData("  #3 [00000f5ba0 - 00000f5bb0]    MP-table mpf", "  #3 [00000f5ba0 - 0000", "a.log:71: expected '#N [START - END] NAME'")]
    [InlineData("Subtract (", "Sub", "expected the early reservations of a Linux 2.6.34")]
    public void ADamagedListingIsRefused(string part, string other, string expected)
    {
        string text = Text("x64-nobootmem-m128.log").Replace(part, other, StringComparison.Ordinal);

        string message = Assert.Throws<BadInputException>(() => LinuxBootLog.Read("a.log", text)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    // A reservation that Linux lists elsewhere, and a page more: expect both to be seen.
    [Fact]
    public void ADifferenceIsSeen()
    {
        string text = Text("x64-nobootmem-m128.log").Replace("Memory: 123784k", "Memory: 123788k", StringComparison.Ordinal)
            .Replace("Subtract (27 ", "Subtract (28 ", StringComparison.Ordinal);
        LinuxBootLog log = LinuxBootLog.Read("a", text);
        using Simulation simulation = LinuxMachine.Run("nobootmem", log, "", out List<string> verdict, out bool same);

        Assert.False(same);
        Assert.StartsWith("the hand-over's listing differs from that of Linux 2.6.34: 'Subtract (28 early", verdict[0]);
        Assert.Equal("30946 pages are handed over; Linux 2.6.34 has 30947", verdict[1]);
    }

    // The log itself, independent of how it is read. What Linux says of its full list stands between.
    private static void AssertListing(string name, Simulation simulation)
    {
        List<string> linux = Listing(Text(name).Split('\n'));
        Assert.True(linux.Count > 5);
        Assert.Equal(linux, Listing(simulation.Log));
    }

    private static List<string> Listing(IEnumerable<string> lines)
        => [.. lines.Select(l => l.TrimEnd()).Where(l => l != "run of slot in ranges")
            .SkipWhile(l => !l.Contains(" early reservations)", StringComparison.Ordinal))
            .TakeWhile((l, i) => i == 0 || l.StartsWith("  #", StringComparison.Ordinal))];

    private static string Text(string name)
        => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "golden-real", "logs", name), Encoding.Latin1);
}
