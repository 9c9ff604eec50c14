using System;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// What toolchain cosmos makes of a machine's memory: more of it than the stock heap, little of it, too little. Where it is a machine of
/// the table, the boot is the same one.
/// </summary>
public sealed class CosmosMemoryTests
{
    private const ulong PagesBelowOldImage = 31 * 256;

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task TheMapIsReadFromItsFirstEntryAndRamAbove4GStaysOut(string variant)
    {
        BootResult result = await CosmosLab.BootPlainAsync(variant, CosmosLab.Qemu("8G"));

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
            BootResult stock = await CosmosLab.BootPlainAsync(CosmosLab.Stock, CosmosLab.Qemu(memory));
            BootResult ours = await CosmosLab.BootPlainAsync(variant, CosmosLab.Qemu(memory));
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
}
