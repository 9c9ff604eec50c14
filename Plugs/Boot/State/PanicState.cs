namespace CosmosBootAlloc.Boot.State;

/// <summary>Selects what a panic prints beyond the reservations and free blocks.</summary>
internal static class PanicState
{
    /// <summary>
    /// True to print meminfo and slabinfo too. Written just before a panic about the heaps. Not always set: after a wild store, a walk over
    /// the heaps might not end.
    /// </summary>
    internal static bool ShowHeaps { get; set; }
}
