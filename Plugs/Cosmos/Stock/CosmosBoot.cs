namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The baseline: nothing of the heap is plugged, Cosmos has set it up by itself. The same log then says, from outside, what came of it.
/// </summary>
internal static unsafe class CosmosBoot
{
    /// <summary>Log, facts, figures, tests.</summary>
    internal static void BeforeRun()
    {
        KernelImage.MarkStack();
        Boot.StartLog();
        Multiboot2.Read(&Root.Memory->Physical, Cosmos.Core.Multiboot.Multiboot2.GetMBIAddress(), Root.Facts);
        Boot.RunChain();
        StockReport.Print(Root.Log);
        Boot.ShowLog();
        Shell.CosmosCommands.Add();
        Boot.RunTests();
    }

    /// <summary>The shell. Does not return.</summary>
    internal static void Run() => Boot.RunShell();
}
