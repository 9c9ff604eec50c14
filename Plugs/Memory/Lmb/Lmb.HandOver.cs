namespace CosmosBootAlloc.Memory;

/// <summary>
/// The end of lmb's life: everything free goes to the page allocator. 2.6.34 had no such step on x86; the blocks are cut
/// as memblock's are.
/// </summary>
public unsafe partial struct Lmb
{
    /// <summary>
    /// Hands over every whole page that is memory and not reserved, once, ascending, in the largest aligned blocks. Both
    /// tables are put in order before: overlaps are united, the set of bytes stays the same.
    /// </summary>
    /// <param name="maxLowPfn">Pages from here on are left out; all pages: 2^64-1.</param>
    /// <param name="context">Passed to <paramref name="sink"/> unchanged.</param>
    /// <param name="sink">Called with context, first pfn and order of each block.</param>
    /// <returns>Pages handed over. O(regions of both tables + blocks) if the tables are in order.</returns>
    public ulong HandOver(ulong maxLowPfn, void* context, delegate*<void*, ulong, uint, void> sink)
    {
        _memory.PutInOrder();
        _reserved.PutInOrder();
        ulong pages = 0;
        uint next = 0;
        for (uint i = 0; i < _memory.Count; i++)
        {
            ulong position = _memory.At(i)->Base;
            ulong end = _memory.At(i)->End;
            while (position < end)
            {
                while (next < _reserved.Count && _reserved.At(next)->End <= position)
                {
                    next++;
                }

                bool blocked = next < _reserved.Count && _reserved.At(next)->Base < end;
                ulong freeEnd = blocked ? _reserved.At(next)->Base : end;
                if (freeEnd > position)
                {
                    ulong endPfn = PageSize.PfnDown(freeEnd);
                    pages += AlignedBlocks.Give(PageSize.PfnUp(position), endPfn < maxLowPfn ? endPfn : maxLowPfn, context, sink);
                }

                position = blocked ? _reserved.At(next)->End : end;
            }
        }

        return pages;
    }
}
