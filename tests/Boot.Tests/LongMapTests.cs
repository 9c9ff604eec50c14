using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>Maps of many entries, as GRUB makes them: its command <c>cutmem</c> takes holes out of the firmware's map.</summary>
public sealed class LongMapTests
{
    private const int HoleKilobytes = 16;

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task EveryPageBetweenTheHolesIsAccountedFor(string variant)
    {
        // 61 holes, 1.7 MB apart: 68 entries instead of 7. Expect the holes' pages, and no others, to be missing. (2 kB below 640 kB are
        // GRUB's, part of a page that is the BIOS's anyway.)
        BootResult plain = await BootAsync(variant, 0);
        BootResult holes = await BootAsync(variant, 61);

        Lab.AssertGood(holes);
        Assert.Equal(Entries(plain) + 61, Entries(holes));
        Assert.Equal(Figure(plain, "usable_pages") - (61 * HoleKilobytes / 4), Figure(holes, "usable_pages"));
        Lab.AssertSays(holes, $" BIOS-e820: {Hole(60) + HoleKilobytes << 10:x16} - ");
        Lab.AssertSays(holes, "missing_pages=0 ");
    }

    [Fact]
    public async Task EntriesBeyondTheMostAreCountedAndTheRestIsUsed()
    {
        // Linux 2.6.34 takes 128.
        BootResult holes = await BootAsync(Lab.AnyVariant, 130, 70);

        Lab.AssertGood(holes);
        Assert.Equal(128, holes.Text.Split('\n').Count(l => l.Contains(" BIOS-e820: ", StringComparison.Ordinal)));
        Assert.Matches(@"The firmware's map has \d+ entries beyond the 128 that are kept; \d+ kB of RAM in them are lost", holes.Text);
    }

    private static int Entries(BootResult result) => Figure(result, "entries");

    private static int Figure(BootResult result, string key)
        => int.Parse(result.Log.Stage("e820")![key]!, CultureInfo.InvariantCulture);

    private static int Hole(int number, int apart = 1700) => 18_432 + (apart * number);

    private static async Task<BootResult> BootAsync(string variant, int holes, int apart = 1700)
    {
        BuiltVariant built = await Lab.BuiltAsync(variant);
        using TemporaryFolder work = new();
        string cut = string.Concat(
            Enumerable.Range(0, holes).Select(i => $"  cutmem {Hole(i, apart)}K {Hole(i, apart) + HoleKilobytes}K\n"));
        ImageContents contents = BootMenu.ImageForProgram(
            new BootEntry(BootProtocol.Multiboot2, "selftest", null), built.Kernel, BootMenu.KernelPath);
        const string before = "menuentry 'run' {\n";
        string image = work.File("run.iso");
        await new BootImage(Lab.Programs).MakeAsync(
            image,
            contents with { Menu = contents.Menu.Replace(before, before + cut, StringComparison.Ordinal), Modules = ["mmap"] },
            CancellationToken.None);
        return await Lab.RunAsync(
            new BootRequest { Machine = new MachineOptions(), Source = new BootSource(image), LogFile = Lab.NewFile($"-{variant}.log") });
    }
}
