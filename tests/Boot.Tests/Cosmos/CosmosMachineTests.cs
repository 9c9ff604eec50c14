using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// Every machine of cosmos-machines.tsv with every image of toolchain cosmos, and the machines that are too small or too old.
/// </summary>
public sealed class CosmosMachineTests
{
    private const ulong PagesBelowOldImage = 31 * 256;

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

        BootResult result = await CosmosLab.BootAsync(variant, row.Machine, "config");

        // BeforeRun prints the self-test and the line that ends the boot; Run is the shell, which answers.
        Lab.AssertGood(result);
        Assert.Equal(variant, result.Log.Boot!["variant"]);
        Assert.Equal("cosmos", result.Log.Boot!["toolchain"]);
        Assert.NotEmpty(result.Log.SelfTests);
        Assert.NotEmpty(Lab.Answer(result, "config"));
        MachineTable.AssertAllRamIsInTheBooks(row.Machine, result);
    }

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task TheMapIsReadFromItsFirstEntryAndRamAbove4GStaysOut(string variant)
    {
        BootResult result = await CosmosLab.BootAsync(variant, CosmosLab.Qemu("8G"));

        Lab.AssertGood(result);
        Lab.AssertSays(result, " BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)\n");
        Lab.AssertSays(result, " BIOS-e820: 0000000100000000 - 0000000240000000 (usable)\n");
        Assert.Equal(5UL << 20, result.Log.Stage("e820")!.Number("above_4g_kb"));
        Assert.True(result.Log.Stage("buddy")!.Number("free_pages") > 750_000, result.Text);
    }

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task ItHandsOutMoreThanTheStockHeapAndTheMemoryBelowItsImage(string variant)
    {
        foreach (string memory in new[] { "48M", "512M" })
        {
            BootResult stock = await CosmosLab.BootAsync(CosmosLab.Stock, CosmosLab.Qemu(memory));
            BootResult ours = await CosmosLab.BootAsync(variant, CosmosLab.Qemu(memory));
            Lab.AssertGood(stock);
            Lab.AssertGood(ours);

            ulong free = ours.Log.Stage("buddy")!.Number("free_pages")!.Value;
            ulong stockFree = stock.Log.Stage("buddy")!.Number("free_pages")!.Value;
            ulong image = ours.Log.Accounts.Where(a => a["name"] == "TEXT DATA BSS")
                .Aggregate(0UL, (sum, a) => sum + a.Number("pages")!.Value);
            Assert.True(free >= stockFree + PagesBelowOldImage - image, $"{memory}: {variant} {free}, stock {stockFree}, image {image}");
        }
    }

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task TwentyFourMegabytesAreEnough(string variant)
    {
        BootResult result = await CosmosLab.BootAsync(variant, CosmosLab.Qemu("24M"), "churn 20000 10");

        Lab.AssertGood(result);
        Assert.EndsWith("churn: ok\n", Lab.Answer(result, "churn 20000 10"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithLessItReportsWhatWasFoundAndNeeded()
    {
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("18M"));

        Lab.AssertPanic(result, "Too little memory: the boot loader's information was overwritten while it moved this image of ");
        Assert.Matches(@"needed are 2[0-4] MB of RAM", result.Log.Panic!["message"]);
    }

    [Fact]
    public async Task APentiumIIIIsRefusedWithAMessage()
    {
        // Below a Pentium Pro the loader itself does not run.
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M") with { Cpu = "pentium3" });

        Lab.AssertPanic(result, "The CPU is too old: found signature ");
    }

    [Fact]
    public async Task TheLogIsOnTheScreenToo()
    {
        string screen = Lab.NewFile(".txt");

        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 0, r => r with { ScreenFile = screen });

        Lab.AssertGood(result);
        string shown = await File.ReadAllTextAsync(screen);
        Assert.Contains("bootalloc: done status=ok", shown, StringComparison.Ordinal);
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

    [Fact]
    public async Task TheKeyboardOfCosmosTypesToTheShell()
    {
        BootResult result = await CosmosLab.BootAsync(
            Lab.AnyVariant, CosmosLab.Qemu("64M"), 0, r => r with { ShellKeys = ["h", "e", "l", "p", "ret"] });

        Lab.AssertGood(result);
        Assert.Contains("churn", Lab.Answer(result, "help"), StringComparison.Ordinal);
    }
}
