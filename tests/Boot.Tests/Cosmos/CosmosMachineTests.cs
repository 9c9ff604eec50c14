using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// Every machine of cosmos-machines.tsv with every image of toolchain cosmos, media, menu, and keyboard, and a machine that is too old.
/// </summary>
public sealed class CosmosMachineTests
{
    private static readonly IReadOnlyList<MachineRow> s_rows = MachineRow.Read(
        Path.Combine(AppContext.BaseDirectory, "cosmos-machines.tsv"));

    public static IEnumerable<TheoryDataRow<string, string>> Rows()
        => from row in s_rows
           from variant in CosmosLab.Variants
           where !row.StockHangs || variant.Name != CosmosLab.Stock
           select new TheoryDataRow<string, string>(row.Name, variant.Name);

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task BootsToBeforeRunAndRun(string machine, string variant)
    {
        MachineRow row = s_rows.Single(r => r.Name == machine);

        BootResult result = await CosmosLab.BootPlainAsync(variant, row.Machine);

        // BeforeRun prints the self-test and the line that ends the boot; Run is the shell, which answers.
        Lab.AssertGood(result);
        Assert.Equal(variant, result.Log.Boot!["variant"]);
        Assert.Equal("cosmos", result.Log.Boot!["toolchain"]);
        Assert.NotEmpty(result.Log.SelfTests);
        Assert.NotEmpty(Lab.Answer(result, CosmosLab.PlainCommand));
        MachineTable.AssertAllRamIsInTheBooks(row.Machine, result);
    }

    [Fact]
    public async Task APentiumIIIIsRefusedWithAMessage()
    {
        // Below a Pentium Pro the loader itself does not run.
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M") with { Cpu = "pentium3" });

        Lab.AssertPanic(result, "The CPU is too old: found signature ");
    }

    [Fact]
    public async Task TheSummaryIsOnTheScreen()
    {
        string screen = Lab.NewFile(".txt");

        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 0, r => r with { ScreenFile = screen });

        Lab.AssertGood(result);
        string shown = await File.ReadAllTextAsync(screen);
        Assert.Equal(result.Log.Done!.Number("total_ticks"), BootCapture.Load(screen).Chosen.Done!.Number("total_ticks"));
        Assert.Contains("bootalloc>", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheMenuHasASelfTestADebugLineAndABootModule()
    {
        BootResult test = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 1, r => r with { PowerOff = false });
        BootResult debug = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 2, r => r with { Commands = ["churn 2000 4"] });
        BootResult module = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 3, r => r);

        Lab.AssertGood(test);
        Assert.Equal("selftest poweroff", test.Log.Boot!["cmdline"]);
        Lab.AssertSays(test, "selftest: ok   interrupts that were off stay off through Alloc");
        Lab.AssertGood(debug);
        Assert.Contains("churn: ok", Lab.Answer(debug, "churn 2000 4"), StringComparison.Ordinal);
        Lab.AssertGood(module);
        Assert.Single(module.Log.Accounts, a => a["name"] == "RAMDISK");
    }

    [Theory]
    [InlineData(BootMedium.Cd, "10M")]
    [InlineData(BootMedium.Usb, "64M")]
    [InlineData(BootMedium.Disk, "64M")]
    public async Task TheImageWithGrubBootsFromEveryMediumAndWithTenMegabytes(BootMedium medium, string memory)
    {
        BuiltVariant built = await Lab.BuiltAsync(Lab.AnyVariant, Toolchain.Cosmos);

        BootResult result = await CosmosLab.BootAsync(
            Lab.AnyVariant, CosmosLab.Qemu(memory) with { Medium = medium }, 1,
                r => r with { Source = new BootSource(built.GrubImage!), PowerOff = false });

        Lab.AssertGood(result);
        Assert.Equal("selftest poweroff", result.Log.Boot!["cmdline"]);
        Assert.StartsWith("GRUB", result.Log.Boot!["loader"], StringComparison.Ordinal);
    }

    // Expect the pager to hold help, which is longer than the screen, until q, and the shell to take the next command.
    [Fact]
    public async Task TheKeyboardOfCosmosTypesToTheShellAndItsPager()
    {
        string[] keys = ["h", "e", "l", "p", "ret", "q", "c", "o", "n", "f", "i", "g", "ret"];

        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 0, r => r with { ShellKeys = keys });

        Lab.AssertGood(result);
        Lab.AssertSays(result, "  help [COMMAND]");
        Lab.AssertSays(result, "^C: help stopped");
        Assert.Contains(Lab.AnyVariant, Lab.Answer(result, "config"), StringComparison.Ordinal);
    }
}
