using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Plugs.Stock;

namespace CosmosBootAlloc.Kernel.OnCosmos.Stock;

/// <summary>
/// The baseline's start of the kernel. Nothing of the heap is plugged, and Cosmos has set it up by itself; the same log then reports, from
/// outside, what came of it.
/// </summary>
internal static unsafe class CosmosStart
{
    /// <summary>Logs the facts and Cosmos's figures.</summary>
    internal static void Run()
    {
        KernelImage.MarkStack();
        BootSequence.StartLog();
        Multiboot2.Read(&KernelState.Memory->Physical, global::Cosmos.Core.Multiboot.Multiboot2.GetMBIAddress(), KernelState.Facts);
        BootSequence.RunChain(&Collect);
        StockReport.Print(KernelState.Log);
        BootSequence.ShowLog();
    }

    private static void Collect()
    {
        Heap.Collect();
        GarbageCollection.Runs++;
    }
}
