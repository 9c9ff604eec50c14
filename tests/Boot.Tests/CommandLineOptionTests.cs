using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The kernel command line, on a machine of 128 MB: usable is about [0, 640 KiB) and [1 MiB, 128 MiB - 128 KiB).</summary>
public sealed class CommandLineOptionTests
{
    private const ulong WholeKilobytes = 130_559;

    [Theory]
    [InlineData("mem=64M", 64 * 1024)]
    [InlineData("mem=65536K", 64 * 1024)]
    [InlineData("mem=0x4000000", 64 * 1024)]
    [InlineData("mem=1G", 128 * 1024)]
    [InlineData("mem=16M", 16 * 1024)]
    [InlineData("memmap=64M", 64 * 1024)]
    public async Task MemEndsRam(string option, ulong kilobytes)
    {
        // [ 0 ... 640K )  [ 1M .......... SIZE )........ 128M )
        // Expect: what lies at and above SIZE is gone, what lies below stays.
        ulong usable = Usable(await GoodAsync(option));

        Assert.InRange(usable, kilobytes - 1024, kilobytes);
        Assert.True(usable <= WholeKilobytes);
    }

    [Theory]
    [InlineData("memmap=16M$32M", "(reserved)")]
    [InlineData("memmap=16M#32M", "(ACPI data)")]
    [InlineData("memmap=16M!32M", "type 12")]
    public async Task MemmapTakesARangeOutOfRam(string option, string type)
    {
        // [ 1M ...... 32M )[ 16 MB of another type )[ 48M ...... 128M )
        // Through GRUB, whose script language knows $ and # too.
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, new MachineOptions(), new BootEntry(BootProtocol.Multiboot2, option, null),
            r => r with { Commands = ["e820"] });

        Lab.AssertGood(result);
        Assert.Equal(WholeKilobytes - 16 * 1024, Usable(result));
        Assert.Contains($"0000000002000000 - 0000000003000000 {type}", Lab.Answer(result, "e820"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExactmapBuildsANewMap()
    {
        // [ 0 ... 640K )  [ 1M ...... 65M ) and nothing else of the machine's 128 MB.
        BootResult result = await GoodAsync("memmap=exactmap memmap=640K@0 memmap=64M@1M", "e820");

        Assert.Equal(640UL + 64 * 1024, Usable(result));
        Assert.DoesNotContain("0000000007fe0000", Lab.Answer(result, "e820"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralOptionsAddUpInTheirOrder()
    {
        // 96M end, [32M,48M) and [64M,72M) out: 96 - 16 - 8 = 72 MB.
        ulong usable = Usable(await GoodAsync("mem=96M memmap=16M$32M,8M$64M"));

        Assert.InRange(usable, 72UL * 1024 - 1024, 72UL * 1024);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task HolesEverywhereStillAddUp(string variant)
    {
        // One page out of every few megabytes, the borders of the DMA zone among them, and odd bytes.
        BootResult result = await Lab.BootAsync(
            variant, "memmap=4K$0xfff000 memmap=4K$0x1000000 memmap=8K$24M memmap=0x1800$0x2000400 memmap=1$48M memmap=4K$64M "
                + "memmap=12M$80M", "selftest");

        Lab.AssertGood(result);
    }

    [Fact]
    public async Task EachBadValueIsReportedAndIgnored()
    {
        string[] bad =
        [
            "mem=", "mem=abc", "mem=64Mx", "mem=-1", "mem=99999999999999999999", "memmap=16M@", "memmap=16M?32M",
            "memmap=0x2000@0xfffffffffffff000", "memmap=exactmapping",
        ];

        BootResult result = await GoodAsync(string.Join(' ', bad));

        foreach (string option in bad)
        {
            Assert.Contains(result.Log.Messages, m => m.Text.Contains(option, StringComparison.Ordinal)
                && m.Text.Contains("ignored", StringComparison.Ordinal));
        }

        Assert.Equal(WholeKilobytes, Usable(result));
    }

    [Fact]
    public async Task AnUnknownWordIsReportedAndIgnored()
    {
        BootResult result = await GoodAsync("frobnicate=yes");

        Assert.Contains(result.Log.Messages, m => m.Text.Contains("frobnicate=yes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SelftestAndPoweroffNeedNobody()
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, new MachineOptions(), new(Tool.Build.BootProtocol.Multiboot2, "selftest poweroff", null),
                r => r with { PowerOff = false });

        Lab.AssertGood(result);
        Assert.DoesNotContain(BootLog.Prompt, result.Text, StringComparison.Ordinal);
    }

    // COM1 is there too, and stays silent.
    [Fact]
    public async Task TheConsoleMayBeAnotherPort()
    {
        string other = Lab.NewFile(".com2");

        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { MoreArguments = ["-serial", "file:" + other] },
            new(Tool.Build.BootProtocol.Multiboot2, "console=ttyS1,115200 poweroff", null),
            r => r with { PowerOff = false });

        Assert.True(result.GuestSucceeded);
        Assert.DoesNotContain("bootalloc: boot", result.Text, StringComparison.Ordinal);
        Assert.Contains("bootalloc: done status=ok", await System.IO.File.ReadAllTextAsync(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchMeasuresAtBoot()
    {
        BootResult result = await GoodAsync("bench");

        Assert.NotEmpty(result.Log.Benches);
        Assert.All(result.Log.Benches, b => Assert.NotNull(b.Number("ticks_per_op")));
    }

    [Fact]
    public async Task QuietKeepsTheLogOffTheScreenAndOnTheSerialPort()
    {
        string screen = Lab.NewFile(".txt");

        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, new MachineOptions(), new(Tool.Build.BootProtocol.Multiboot2, "quiet", null),
                r => r with { ScreenFile = screen });

        Lab.AssertGood(result);
        string text = await System.IO.File.ReadAllTextAsync(screen);
        Assert.DoesNotContain("Zone PFN ranges", text, StringComparison.Ordinal);
        Assert.Contains("bootalloc>", text, StringComparison.Ordinal);
        Lab.AssertSays(result, "Zone PFN ranges");
    }

    // A line's time stamp is when it was logged, in instructions: with earlyprintk, the lines before it have been written by then.
    [Fact]
    public async Task EarlyprintkWritesEachLineAsItComes()
    {
        MachineOptions counted = new() { InstructionClock = true };
        BootResult held = await Lab.BootAsync(Lab.AnyVariant, counted, new BootEntry(BootProtocol.Multiboot2, "", null));
        BootResult early = await Lab.BootAsync(Lab.AnyVariant, counted, new BootEntry(BootProtocol.Multiboot2, "earlyprintk", null));

        Lab.AssertGood(held);
        Lab.AssertGood(early);
        Assert.True(HeapReady(early) > 5 * HeapReady(held), $"heap ready at {HeapReady(early)} s, held {HeapReady(held)} s");
        Assert.Equal(Lines(held), Lines(early));
    }

    [Fact]
    public async Task ALongCommandLineWorks()
    {
        string words = string.Join(' ', Enumerable.Range(0, 60).Select(i => $"word{i}"));

        await GoodAsync(words + " mem=64M");
    }

    private static double HeapReady(BootResult result)
        => double.Parse(
            Regex.Match(result.Text, @"\[ *([0-9.]+)\] bootalloc: stage name=heap ").Groups[1].Value, CultureInfo.InvariantCulture);

    // Without the figures, which differ.
    private static IEnumerable<string> Lines(BootResult result) => result.Log.Messages.Select(m => m.Text[..Math.Min(m.Text.Length, 20)]);

    private static ulong Usable(BootResult result) => result.Log.Stage("e820")!.Number("usable_kb")!.Value;

    private static async Task<BootResult> GoodAsync(string commandLine, params string[] commands)
    {
        BootResult result = await Lab.BootAsync(Lab.AnyVariant, commandLine, commands);
        Lab.AssertGood(result);
        return result;
    }
}
