namespace CosmosBootAlloc.Memory;

/// <summary>The end of memblock's life: everything free goes to the page allocator.</summary>
public unsafe partial struct Memblock
{
    /// <summary>
    /// Hands over every whole free page, ascending, in the largest aligned blocks; a block never crosses the border of a
    /// memory region or reservation. Marks of <see cref="MarkHotplug"/> are cleared before, so that memory goes too.
    /// The lists stay as they are: a second call hands over the same pages. memblock 6.12.
    /// </summary>
    /// <param name="maxLowPfn">Pages from here on are left out; all pages: 2^64-1.</param>
    /// <param name="context">Passed to <paramref name="sink"/> unchanged.</param>
    /// <param name="sink">Called with context, first pfn and order of each block.</param>
    /// <returns>Pages handed over. O(regions of both lists + blocks).</returns>
    public ulong HandOver(ulong maxLowPfn, void* context, delegate*<void*, ulong, uint, void> sink)
    {
        // In place: Linux asks for room to split first, and so may double a list, or panic, that nothing is added to.
        for (uint i = 0; i < _memory.Count; i++)
        {
            _memory.At(i)->Flags &= ~MemblockFlags.Hotplug;
        }

        _memory.Merge(0, _memory.Count);
        ulong pages = 0;
        MemblockCursor cursor = FreeRanges();
        while (Next(ref cursor))
        {
            ulong start = PageSize.PfnUp(cursor.Start);
            ulong end = PageSize.PfnDown(cursor.End);
            pages += AlignedBlocks.Give(start, end < maxLowPfn ? end : maxLowPfn, context, sink);
        }

        return pages;
    }

    /// <summary>
    /// After <see cref="HandOver"/>, when memblock is asked no more: hands over the pages of lists that had grown, and
    /// makes both lists empty. Blocks as in <see cref="HandOver"/>. memblock 6.12 (memblock_discard).
    /// </summary>
    /// <returns>Pages handed over.</returns>
    public ulong Discard(void* context, delegate*<void*, ulong, uint, void> sink)
    {
        ulong memoryList = _memory.Address;
        ulong memoryBytes = WholePages(_memory.Capacity * MemblockRegion.Bytes);
        ulong reservedList = _reserved.Address;
        ulong reservedBytes = WholePages(_reserved.Capacity * MemblockRegion.Bytes);
        _memory.Init(false);
        _reserved.Init(true);
        ulong pages = 0;
        if (memoryList != 0)
        {
            pages += AlignedBlocks.Give(PageSize.PfnDown(memoryList), PageSize.PfnDown(memoryList + memoryBytes), context, sink);
        }

        if (reservedList != 0)
        {
            pages += AlignedBlocks.Give(PageSize.PfnDown(reservedList), PageSize.PfnDown(reservedList + reservedBytes), context, sink);
        }

        return pages;
    }
}
