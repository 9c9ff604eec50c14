namespace CosmosBootAlloc.Kernel;

/// <summary>
/// Where our boot hooks into Cosmos's. Order: start code -> Cosmos's multiboot parser -> <see cref="SetUpHeap"/> in the place of
/// GCImplementation.Init -> tables of types -> kernel object, Cosmos's drivers -> <see cref="BeforeRun"/> -> <see cref="Run"/>.
/// </summary>
internal static unsafe class CosmosBoot
{
    private static bool s_done;

    /// <summary>Log, facts, the variant's chain, then Cosmos's own view of the memory. Interrupts are off; nothing may be called through a table of methods yet.</summary>
    internal static void SetUpHeap()
    {
        if (s_done)
        {
            return;
        }

        s_done = true;
        KernelImage.MarkStack();
        Boot.StartLog();
        Multiboot2.Read(&Root.Memory->Physical, Cosmos.Core.Multiboot.Multiboot2.GetMBIAddress(), Root.Facts);
        Boot.RunChain();
        ManagedHeap.Start();
        PageTable.Publish();
    }

    /// <summary>Cosmos's drivers have written over the screen and set COM1 up their way: takes both back, then tests.</summary>
    internal static void BeforeRun()
    {
        SerialPort.Init();
        TextScreen.Init();
        LogRing.Show();
        Boot.RunTests();
    }

    /// <summary>The shell. Does not return.</summary>
    internal static void Run() => Boot.RunShell();
}
