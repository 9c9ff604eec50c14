namespace CosmosBootAlloc.Boot.State;

/// <summary>What a panic prints beyond the reservations and free blocks.</summary>
internal static class PanicState
{
    /// <summary>
    /// Set just before a panic about the heaps, so that meminfo and slabinfo are printed too. Not always: after a wild store, walking the
    /// heaps might not end.
    /// </summary>
    internal static bool ShowHeaps { get; set; }
}
