using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>
/// The way to the toolchain's collector. What runs below it (the heaps, the handling of a shortage) collects through here and knows nothing
/// about roots or type tables.
/// </summary>
internal static unsafe class GarbageCollection
{
    // Written by Use alone.
    private static delegate*<void> s_collect;

    /// <summary>Collections so far. Only the collector writes it.</summary>
    internal static uint Runs { get; set; }

    /// <summary>Names the collector; call it once, before the first shortage can occur.</summary>
    internal static void Use(delegate*<void> collect)
    {
        s_collect = collect;
    }

    /// <summary>Frees every object that cannot be reached.</summary>
    internal static void Collect()
    {
        if (s_collect == null)
        {
            Fatal.Stop("a collection was requested before there is a collector");
        }

        s_collect();
    }
}
