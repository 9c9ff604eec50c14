using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The released image as people meet it: its menu, by its keys.</summary>
public sealed class MenuTests
{
    private static readonly Lazy<Task<BootResult>> s_first = new(() => Lab.BootMenuAsync(Lab.AnyVariant, 0));

    [Fact]
    public async Task WithoutAKeyItIsTheFirstLine()
    {
        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, null);

        Lab.AssertGood(result);
        Assert.Equal("", result.Log.Boot!["cmdline"]);
        Assert.StartsWith("GRUB ", result.Log.Boot["loader"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheSelfTestLineTestsAndPowersOff()
    {
        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, 1, r => r with { PowerOff = false });

        Lab.AssertGood(result);
        Assert.Equal("selftest poweroff", result.Log.Boot!["cmdline"]);
        Assert.DoesNotContain(BootLog.Prompt, result.Text, StringComparison.Ordinal);
        Assert.NotEmpty(result.Log.SelfTests);
    }

    [Fact]
    public async Task TheDebugLineLogsMore()
    {
        BootResult plain = await s_first.Value;
        BootResult debug = await Lab.BootMenuAsync(Lab.AnyVariant, 2);

        Lab.AssertGood(debug);
        Assert.Equal("debug earlyprintk", debug.Log.Boot!["cmdline"]);
        Assert.True(debug.Log.Messages.Count > plain.Log.Messages.Count);
    }

    [Fact]
    public async Task TheModuleLineHandsAModuleOver()
    {
        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, 3);

        Lab.AssertGood(result);
        Assert.Contains(result.Log.Accounts, a => a["name"] == "RAMDISK");
    }

    [Fact]
    public async Task TheMultiboot1LineBootsTheSameImage()
    {
        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, 4);

        Lab.AssertGood(result);
    }

    [Fact]
    public async Task ALineCanBeEditedBeforeItBoots()
    {
        // 'e', down over the title and an empty line to the kernel's, its end, a word more, Ctrl-X to boot.
        string[] keys = ["e", "down", "down", "end", "spc", "m", "e", "m", "equal", "6", "4", "shift-m", "ctrl-x"];

        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, null, r => r with { MenuKeys = keys });

        Lab.AssertGood(result);
        Assert.Equal("mem=64M", result.Log.Boot!["cmdline"]);
        Assert.InRange(result.Log.Stage("e820")!.Number("usable_kb")!.Value, 60_000UL, 65_536UL);
    }

    [Fact]
    public async Task TheSerialPortIsTheKernelsAlone()
    {
        BootResult result = await s_first.Value;

        // Neither firmware nor loader wrote there: the first line with anything on it is the kernel's own.
        string first = result.Text.Split('\n').First(l => l.Trim().Length != 0);
        Assert.Contains("bootalloc: boot ", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheScreenShowsTheSummaryAndTheShell()
    {
        string text = Lab.NewFile(".txt");
        string picture = Lab.NewFile(".png");

        BootResult result = await Lab.BootMenuAsync(Lab.AnyVariant, 0, r => r with { ScreenFile = text });
        Lab.AssertGood(result);
        Lab.AssertGood(await Lab.BootMenuAsync(Lab.AnyVariant, 0, r => r with { ScreenFile = picture }));

        string screen = await File.ReadAllTextAsync(text);
        BootLog summary = BootCapture.Load(text).Chosen;
        Assert.Equal(result.Log.Done!.Number("total_ticks"), summary.Done!.Number("total_ticks"));
        Assert.Contains("bootalloc>", screen, StringComparison.Ordinal);
        byte[] png = await File.ReadAllBytesAsync(picture);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], png[..4]);
        Assert.True(png.Length > 2000, "the picture is empty");
    }
}
