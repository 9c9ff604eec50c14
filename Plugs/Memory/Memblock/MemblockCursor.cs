namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// A place in the walk over free ranges: between which memory region and which gap of the reservations the walk stands, and the range
/// it gave last. Made by <see cref="MemblockAllocator.FreeRanges"/> or <see cref="MemblockAllocator.FreeRangesFromTop"/>; good until a
/// list changes.
/// </summary>
public struct MemblockCursor
{
    /// <summary>First byte of the free range that was given last.</summary>
    public ulong Start;

    /// <summary>First byte after it.</summary>
    public ulong End;

    /// <summary>Upwards: index of the next memory region. Downwards: number of regions still to be seen.</summary>
    internal uint Memory;

    /// <summary>Gap g lies below reservation g and above g-1. Upwards: the next gap. Downwards: number of gaps still to be
    /// seen.</summary>
    internal uint Gap;
}
