using System;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>The heap in the running Cosmos kernel: load by plain C#, collections, and each thing that the stock heap gets wrong.</summary>
public sealed class CosmosHeapTests
{
    private const string Churn = "churn 100000 20";
    private const string ChurnAlone = "churn 300000 0";
    private const string Graph = "gctest 100";

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task AHundredThousandObjectsKeepWhatIsReachableAndGiveBackTheRest(string variant)
    {
        BootResult result = await CosmosLab.BootAsync(variant, CosmosLab.Qemu("64M"), Churn, ChurnAlone, Graph, "heap collect", "gc");

        Lab.AssertGood(result);

        // Strings, large arrays in arrays, structs with references, and what only the stack points at; Heap.Collect in between.
        AssertChurn(Lab.Answer(result, Churn), 100000);

        // Three times the machine's memory without a call of Heap.Collect: memory that runs low calls it.
        AssertChurn(Lab.Answer(result, ChurnAlone), 300000);

        // A list of 100,000: marking does not recurse.
        Assert.Matches(@"gctest: collections=100 list=100000 objects=1\d{5} fault=0 ", Lab.Answer(result, Graph));
        Assert.EndsWith("gctest: ok\n", Lab.Answer(result, Graph), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheChecksOfCosmosCallsAreInTheSelfTest()
    {
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), 1, r => r with { PowerOff = false });

        Lab.AssertGood(result);
        foreach (string check in new[]
        {
            "interrupts that were off stay off through Alloc, Realloc, Free, AllocPages, new and Collect", "interrupts that were on stay "
                + "on",
            "a block that shrank to 20 bytes and grew keeps those 20, and zeros behind them", "its neighbour is as it was",
            "an array that only an address in its middle, on the stack, points at is whole after a collection",
            "with a mark stack of two objects nothing is lost either", "what a static field points at lives",
        })
        {
            Lab.AssertSays(result, "selftest: ok   " + check);
        }
    }

    [Fact]
    public async Task ADoubleFreeStopsWithAMessage()
    {
        // The machine is the same each time, so the address of the first boot serves the second.
        BootResult first = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), "heap alloc 100");
        string address = Regex.Match(Lab.Answer(first, "heap alloc 100"), "^([0-9a-f]+): 100 bytes").Groups[1].Value;

        BootResult result = await CosmosLab.BootAsync(
            Lab.AnyVariant, CosmosLab.Qemu("64M"), "heap alloc 100", $"heap free {address}", $"heap free {address}");

        Lab.AssertPanic(result, $"BUG: double free of {address}");
    }

    [Theory]
    [InlineData("heap oom", "Out of memory: 100000 bytes for an object")]
    [InlineData("oom objects", "Out of memory: ")]
    public async Task OutOfMemoryIsReported(string command, string words)
    {
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), command);

        Lab.AssertPanic(result, words);
        Lab.AssertSays(result, "MemFree:");
    }

    [Fact]
    public async Task AReallocOfABadAddressStopsWithAMessage()
    {
        BootResult result = await CosmosLab.BootAsync(Lab.AnyVariant, CosmosLab.Qemu("64M"), "heap alloc 100", "heap realloc 0x200000 50");

        Lab.AssertPanic(result, "BUG: free of 200000");
    }

    private static void AssertChurn(string answer, int allocations)
    {
        Assert.EndsWith("churn: ok\n", answer, StringComparison.Ordinal);
        Assert.Matches($@"^churn: allocations={allocations} kb=\d+ collections=\d+ fault=0 ", answer);
    }
}
