using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// Pages that come from the boot allocators: handed over once, from reserved to free. Kept apart from
/// <see cref="Zone.Free"/> so that freeing a page which was never handed over (the kernel image's, say) is found.
/// </summary>
public unsafe partial struct Zone
{
    /// <summary>
    /// Hands over one block of reserved pages; it merges as in <see cref="Free"/>. O(1).
    /// </summary>
    /// <remarks>
    /// BUG if the block is not aligned to its size, leaves the zone, or its first page is inside a block already. A block whose
    /// later pages were handed over before is not noticed here (it would cost a look at every frame); <see cref="FindFault"/>
    /// finds it.
    /// </remarks>
    /// <param name="pfn">First page, a multiple of 2^<paramref name="order"/>.</param>
    /// <param name="order">0..10.</param>
    public void HandOver(uint pfn, uint order)
    {
        if (order > MaxOrder || (pfn & ((1u << (int)order) - 1)) != 0)
        {
            ZoneRefusals.Shape(_log, pfn, order);
            return;
        }

        uint offset = pfn - _startPfn;
        if (offset >= _spanPages || _spanPages - offset < (1u << (int)order))
        {
            ZoneRefusals.Outside(ref this, _log, pfn, order);
            return;
        }

        if (order == MaxOrder)
        {
            HandOverLargest(pfn, 1);
            return;
        }

        uint end = pfn + (1u << (int)order);
        if (!IsUntouched(pfn, end) && StateOf(pfn, out uint _, out uint _) != PageState.Reserved)
        {
            ZoneRefusals.Twice(ref this, _log, pfn, order);
            return;
        }

        if (IsFresh(pfn))
        {
            FreshSections.Open(ref this, pfn);
        }

        Count(pfn, end);
        Insert(pfn, order);
    }

    /// <summary>
    /// Hands over [<paramref name="startPfn"/>, <paramref name="endPfn"/>) in the largest aligned blocks, ascending (the way
    /// of memblock 6.12). O(blocks): at most 20 for the two ends and one for each 4 MiB between.
    /// </summary>
    public void HandOverRange(uint startPfn, uint endPfn) => RangeHandOver.Give(ref this, startPfn, endPfn);

    /// <summary>Whether nothing from a page on was ever handed over, and the end lies in the zone: all are reserved then.</summary>
    internal bool IsUntouched(uint pfn, uint endPfn) => pfn >= _handedEndPfn && endPfn <= _endPfn;

    /// <summary>Nothing from here on was ever handed over.</summary>
    internal uint HandedEndPfn => _handedEndPfn;

    /// <summary>Counts reserved pages as handed over.</summary>
    internal void Count(uint pfn, uint endPfn)
    {
        _managedPages += endPfn - pfn;
        _handedEndPfn = endPfn > _handedEndPfn ? endPfn : _handedEndPfn;
    }

    /// <summary>
    /// The long middle of a range: so many blocks of the largest order side by side, as if each were handed over by itself. None of
    /// them has a buddy, so nothing merges, and only the block itself could be there already. A fresh section stays fresh.
    /// </summary>
    internal void HandOverLargest(uint pfn, uint blocks)
    {
        uint offset = pfn - _startPfn;
        uint room = offset < _spanPages ? (_spanPages - offset) >> (int)MaxOrder : 0;
        uint most = blocks < room ? blocks : room;
        uint head = _heads[MaxOrder];
        PageFrame* frame = _frames + pfn;
        uint done = 0;
        for (; done < most; done++)
        {
            uint tag = (MaxOrder + 1) << PageFrame.TagShift;
            if (frame->Forward == PageFrame.FreshReservedTag)
            {
                tag = PageFrame.FreshFreeTag;
            }
            else if (frame->Forward != 0 && (!FreshSections.Settle(ref this, pfn) || frame->Forward != 0))
            {
                break;
            }

            frame->Forward = tag | head;
            if (head != None)
            {
                _frames[head].Back = pfn;
            }

            head = pfn;
            pfn += SectionPages;
            frame += SectionPages;
        }

        _heads[MaxOrder] = head;
        _counts[MaxOrder] += done;
        _managedPages += done << (int)MaxOrder;
        _handedEndPfn = pfn > _handedEndPfn && done != 0 ? pfn : _handedEndPfn;
        if (done == blocks)
        {
            return;
        }

        if (done == most)
        {
            ZoneRefusals.Outside(ref this, _log, pfn, MaxOrder);
            return;
        }

        ZoneRefusals.Twice(ref this, _log, pfn, MaxOrder);
    }
}
