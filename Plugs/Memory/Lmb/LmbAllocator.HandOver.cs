using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>
/// The end of lmb's life: everything free goes to the page allocator. 2.6.34 had no such step on x86; the blocks are cut
/// as memblock's are.
/// </summary>
public unsafe partial struct LmbAllocator
{
    /// <summary>
    /// Hands over every whole page that is memory and not reserved, once, ascending, in the largest aligned blocks. Both
    /// tables are put in order before: overlaps are united, the set of bytes stays the same.
    /// </summary>
    /// <param name="maxLowPfn">Pages from here on are left out; all pages: 2^64-1.</param>
    /// <param name="runs">Takes the blocks; already initialized, flushed here.</param>
    /// <returns>Pages handed over. O(regions of both tables) if the tables are in order.</returns>
    public ulong HandOver(ulong maxLowPfn, PageRuns* runs)
    {
        _memory.PutInOrder();
        _reserved.PutInOrder();
        ulong before = runs->Pages;
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
                    runs->AddAligned(PageSize.PfnUp(position), endPfn < maxLowPfn ? endPfn : maxLowPfn);
                }

                position = blocked ? _reserved.At(next)->End : end;
            }
        }

        runs->Flush();
        return runs->Pages - before;
    }
}
