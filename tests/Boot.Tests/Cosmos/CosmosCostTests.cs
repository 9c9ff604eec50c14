using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// What Cosmos's memory calls cost, in instructions (no times: the emulator counts), beside the stock heap in the same run. The figures
/// repeat to the digit for one image.
/// </summary>
public sealed class CosmosCostTests
{
    private const ulong HeapReady = 300_000;

    private static readonly ConcurrentDictionary<(string, string), Lazy<Task<BootResult>>> s_boots = new();

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task PagesObjectsAndCollectionsStayBelowTheirLimitsAndBelowStock(string variant)
    {
        BootResult ours = await MeasuredAsync(variant, "256M");
        BootResult stock = await MeasuredAsync(CosmosLab.Stock, "256M");

        Lab.AssertGood(ours);
        Lab.AssertGood(stock);
        foreach ((string name, ulong limit) in new[]
        {
            ("cosmos_pages_1_half", 1_150UL), ("cosmos_pages_1_ninety", 1_150UL), ("cosmos_alloc_free_24_among_10000", 450UL),
            ("cosmos_collect_10000_live", 1_500_000UL), ("cosmos_collect_nothing", 300_000UL),
        })
        {
            ulong cost = Ticks(ours, name);
            Assert.True(cost <= limit, $"{variant} {name}: {cost} instructions, at most {limit}");
            Assert.True(cost < Ticks(stock, name) / 4, $"{variant} {name}: {cost} instructions, stock {Ticks(stock, name)}");
        }
    }

    [Theory]
    [MemberData(nameof(CosmosLab.ChainNames), MemberType = typeof(CosmosLab))]
    public async Task TheHeapIsReadyEarlyAndGrowsByLessThanAnInstructionAPage(string variant)
    {
        BootResult small = await MeasuredAsync(variant, "256M");
        BootResult large = await MeasuredAsync(variant, "1G");

        ulong ready = small.Log.Stage("cosmos")!.Number("heap_ready_ticks")!.Value;
        ulong readyLarge = large.Log.Stage("cosmos")!.Number("heap_ready_ticks")!.Value;
        ulong pages = large.Log.Stage("e820")!.Number("usable_pages")!.Value - small.Log.Stage("e820")!.Number("usable_pages")!.Value;
        Assert.True(ready <= HeapReady, $"{variant}: the heap is ready after {ready} instructions, at most {HeapReady}");
        Assert.True(readyLarge - ready <= pages, $"{variant}: {readyLarge - ready} instructions more for {pages} pages more");
    }

    private static ulong Ticks(BootResult result, string name)
        => result.Log.Benches.Single(b => b["name"] == name).Number("ticks_per_op")!.Value;

    private static Task<BootResult> MeasuredAsync(string variant, string memory)
        => s_boots.GetOrAdd((variant, memory), key => new Lazy<Task<BootResult>>(() => CosmosLab.BootAsync(
            key.Item1, CosmosLab.Qemu(key.Item2) with { InstructionClock = true }, memory == "256M" ? ["bench"] : []))).Value;
}
