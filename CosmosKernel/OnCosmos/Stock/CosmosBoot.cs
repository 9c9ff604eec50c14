using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Plugs.Stock;

namespace CosmosBootAlloc.Kernel.OnCosmos.Stock;

/// <summary>
/// The baseline: nothing of the heap is plugged, Cosmos has set it up by itself. The same log then says, from outside, what came of it.
/// </summary>
internal static unsafe class CosmosBoot
{
    /// <summary>Log, facts, figures, tests.</summary>
    internal static void BeforeRun()
    {
        KernelImage.MarkStack();
        BootSequence.StartLog();
        Multiboot2.Read(&KernelState.Memory->Physical, Cosmos.Core.Multiboot.Multiboot2.GetMBIAddress(), KernelState.Facts);
        BootSequence.RunChain(&Collect);
        StockReport.Print(KernelState.Log);
        BootSequence.ShowLog();
        CosmosCommands.Add();
        Boot.RunTests();
    }

    /// <summary>The shell. Does not return.</summary>
    internal static void Run() => Boot.RunShell();

    private static void Collect()
    {
        Heap.Collect();
        GarbageCollection.Runs++;
    }
}
