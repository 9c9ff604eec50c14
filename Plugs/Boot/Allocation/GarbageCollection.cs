using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>
/// Entry to the toolchain's garbage collector. The heaps and the shortage handling collect through here; they know nothing about roots or
/// type tables. Lives from <see cref="Use"/> to power-off.
/// </summary>
internal static unsafe class GarbageCollection
{
    // Only Use writes it.
    private static delegate*<void> s_collect;

    /// <summary>Collections so far. Only the collector writes it.</summary>
    internal static uint Runs { get; set; }

    /// <summary>Sets the collector. Call it once, before the first shortage can occur.</summary>
    internal static void Use(delegate*<void> collect)
    {
        s_collect = collect;
    }

    /// <summary>Frees every unreachable object.</summary>
    internal static void Collect()
    {
        if (s_collect == null)
        {
            Fatal.Stop("a collection was requested before there is a collector");
        }

        s_collect();
    }
}
