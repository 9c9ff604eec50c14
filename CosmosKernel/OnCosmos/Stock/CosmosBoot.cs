using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Plugs.Stock;

namespace CosmosBootAlloc.Kernel.OnCosmos.Stock;

/// <summary>
/// The baseline: no part of the heap is plugged, and Cosmos has set it up itself. The same log then reports the result from outside.
/// </summary>
internal static unsafe class CosmosBoot
{
    /// <summary>Starts the log, reads the boot information, reports the figures of the stock heap, and runs the tests.</summary>
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

    /// <summary>Runs the shell. Does not return.</summary>
    internal static void Run() => Boot.RunShell();

    private static void Collect()
    {
        Heap.Collect();
        GarbageCollection.Runs++;
    }
}
