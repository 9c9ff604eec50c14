using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>The end of memblock's life: everything free goes to the page allocator.</summary>
public unsafe partial struct MemblockAllocator
{
    /// <summary>
    /// Hands over every whole free page, ascending, in the largest aligned blocks; a block never crosses the border of a
    /// memory region or reservation. Marks of <see cref="MarkHotplug"/> are cleared before, so that memory goes too.
    /// The lists stay as they are: a second call hands over the same pages. memblock 6.12.
    /// </summary>
    /// <param name="maxLowPfn">Pages from here on are left out; all pages: 2^64-1.</param>
    /// <param name="runs">Takes the blocks; already initialised, flushed here.</param>
    /// <returns>Pages handed over. O(regions of both lists).</returns>
    public ulong HandOver(ulong maxLowPfn, PageRuns* runs)
    {
        // In place: Linux asks for room to split first, and so may double a list, or panic, that nothing is added to.
        for (uint i = 0; i < _memory.Count; i++)
        {
            _memory.At(i)->Flags &= ~MemblockFlags.Hotplug;
        }

        _memory.Merge(0, _memory.Count);
        ulong before = runs->Pages;
        MemblockCursor cursor = FreeRanges();
        while (Next(ref cursor))
        {
            ulong start = PageSize.PfnUp(cursor.Start);
            ulong end = PageSize.PfnDown(cursor.End);
            runs->AddAligned(start, end < maxLowPfn ? end : maxLowPfn);
        }

        runs->Flush();
        return runs->Pages - before;
    }

    /// <summary>
    /// After <see cref="HandOver"/>, when memblock is asked no more: hands over the pages of lists that had grown, and
    /// makes both lists empty. Blocks as in <see cref="HandOver"/>. memblock 6.12 (memblock_discard). O(1).
    /// </summary>
    /// <param name="runs">Takes the blocks; already initialised, flushed here.</param>
    /// <returns>Pages handed over.</returns>
    public ulong Discard(PageRuns* runs)
    {
        ulong memoryList = _memory.Address;
        ulong memoryBytes = PageSize.WholePages(_memory.Capacity * MemblockRegion.Bytes);
        ulong reservedList = _reserved.Address;
        ulong reservedBytes = PageSize.WholePages(_reserved.Capacity * MemblockRegion.Bytes);
        _memory.Init(false);
        _reserved.Init(true);
        ulong before = runs->Pages;
        if (memoryList != 0)
        {
            runs->AddAligned(PageSize.PfnDown(memoryList), PageSize.PfnDown(memoryList + memoryBytes));
        }

        if (reservedList != 0)
        {
            runs->AddAligned(PageSize.PfnDown(reservedList), PageSize.PfnDown(reservedList + reservedBytes));
        }

        runs->Flush();
        return runs->Pages - before;
    }
}
