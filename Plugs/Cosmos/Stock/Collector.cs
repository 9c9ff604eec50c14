using Cosmos.Core.Memory;

namespace CosmosBootAlloc.Kernel;

/// <summary>What the shared reports ask of a collector; in the baseline it is Cosmos's own.</summary>
internal static class Collector
{
    /// <summary>Collections asked for through this class.</summary>
    internal static uint Runs { get; private set; }

    /// <summary>Collects as Cosmos does.</summary>
    internal static void Collect()
    {
        Heap.Collect();
        Runs++;
    }
}
