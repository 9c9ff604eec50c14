namespace CosmosBootAlloc.Boot.State;

/// <summary>Panics from code outside the memory stages (runtime, drivers, shell), by the same path: the kernel log's panic.</summary>
internal static unsafe class Fatal
{
    /// <summary>Stops the kernel with a reason; does not return.</summary>
    internal static void Stop(string reason)
    {
        KernelState.Log->Panic(reason);
    }
}
