namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Marks on ranges. Marking splits regions at the ends of the range and merges again what is equal afterwards. Parts of
/// the range that are not in the list are ignored.
/// </summary>
/// <remarks>
/// All of these return <see cref="Done"/> or <see cref="NoMemory"/> and panic when the list needs room and may not
/// grow. O(log n + regions inside), plus the entries moved. memblock 6.12.
/// </remarks>
public unsafe partial struct MemblockAllocator
{
    /// <summary>Marks memory in [start, start + size) as removable.</summary>
    public int MarkHotplug(ulong start, ulong size)
    {
        return SetFlag(ref _memory, start, size, MemblockFlags.Hotplug);
    }

    /// <summary>Takes the mark of <see cref="MarkHotplug"/> away.</summary>
    public int ClearHotplug(ulong start, ulong size)
    {
        return ClearFlag(ref _memory, start, size, MemblockFlags.Hotplug);
    }

    /// <summary>Marks memory in [start, start + size) as not mapped: it stays known and is never free.</summary>
    public int MarkNomap(ulong start, ulong size)
    {
        return SetFlag(ref _memory, start, size, MemblockFlags.Nomap);
    }

    /// <summary>Takes the mark of <see cref="MarkNomap"/> away.</summary>
    public int ClearNomap(ulong start, ulong size)
    {
        return ClearFlag(ref _memory, start, size, MemblockFlags.Nomap);
    }

    /// <summary>
    /// Marks memory in [start, start + size) as mirrored. From the first call on, even one that marks nothing, every
    /// search prefers mirrored memory. memblock 6.12 with kernelcore=mirror.
    /// </summary>
    public int MarkMirror(ulong start, ulong size)
    {
        _hasMirror = true;
        return SetFlag(ref _memory, start, size, MemblockFlags.Mirror);
    }

    /// <summary>Marks reservations in [start, start + size): their page descriptors are not to be initialised.</summary>
    public int MarkNoinit(ulong start, ulong size)
    {
        return SetFlag(ref _reserved, start, size, MemblockFlags.Noinit);
    }

    private int SetFlag(ref MemblockTable table, ulong start, ulong size, uint flag)
    {
        return ChangeFlags(ref table, start, size, ~0u, flag);
    }

    private int ClearFlag(ref MemblockTable table, ulong start, ulong size, uint flag)
    {
        return ChangeFlags(ref table, start, size, ~flag, 0);
    }

    private int ChangeFlags(ref MemblockTable table, ulong start, ulong size, uint keep, uint set)
    {
        int error = Isolate(ref table, start, size, out uint first, out uint after);
        if (error != Done)
        {
            return error;
        }

        for (uint i = first; i < after; i++)
        {
            MemblockRegion* region = table.At(i);
            region->Flags = (region->Flags & keep) | set;
        }

        if (after > first)
        {
            table.Merge(first, after);
        }

        return Done;
    }
}
