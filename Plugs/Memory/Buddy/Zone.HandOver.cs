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
            _log->Bug("handing over pfn %x order %d: needs an order up to %d and a pfn aligned to it", pfn, order, MaxOrder);
            return;
        }

        uint offset = pfn - _startPfn;
        if (offset >= _spanPages || _spanPages - offset < (1u << (int)order))
        {
            _log->Bug("handing over pfn %x order %d outside the zone %x-%x", pfn, order, _startPfn, _startPfn + _spanPages);
            return;
        }

        if (EnclosingBlock(pfn, order, out uint head, out uint found) != PageState.Reserved)
        {
            _log->Bug("handing over pfn %x order %d twice: it lies in the block %x order %d", pfn, order, head, found);
            return;
        }

        _managedPages += 1u << (int)order;
        Insert(pfn, order);
    }

    /// <summary>
    /// Hands over [<paramref name="startPfn"/>, <paramref name="endPfn"/>) in the largest aligned blocks, ascending (the way
    /// of memblock 6.12). O(blocks): at most 20 for the two ends and one for each 4 MiB between.
    /// </summary>
    public void HandOverRange(uint startPfn, uint endPfn)
    {
        while (startPfn < endPfn)
        {
            uint order = PageBlock.LargestOrder(startPfn, endPfn - startPfn);
            uint blocks = order == MaxOrder ? (endPfn - startPfn) >> (int)MaxOrder : 1;
            if (blocks == 1)
            {
                HandOver(startPfn, order);
            }
            else
            {
                HandOverLargest(startPfn, blocks);
            }

            startPfn += blocks << (int)order;
        }
    }

    /// <summary>
    /// The long middle of a range: so many blocks of the largest order side by side, as if each were handed over by itself. None of
    /// them has a buddy, so nothing merges, and only the block itself could be there already.
    /// </summary>
    private void HandOverLargest(uint pfn, uint blocks)
    {
        uint offset = pfn - _startPfn;
        uint room = offset < _spanPages ? (_spanPages - offset) >> (int)MaxOrder : 0;
        uint most = blocks < room ? blocks : room;
        uint head = _heads[MaxOrder];
        PageFrame* frame = _frames + pfn;
        uint done = 0;
        for (; done < most && frame->Forward == 0; done++)
        {
            frame->Forward = ((MaxOrder + 1) << PageFrame.TagShift) | head;
            if (head != None)
            {
                _frames[head].Back = pfn;
            }

            head = pfn;
            pfn += 1u << (int)MaxOrder;
            frame += 1u << (int)MaxOrder;
        }

        _heads[MaxOrder] = head;
        _counts[MaxOrder] += done;
        _managedPages += done << (int)MaxOrder;
        if (done != blocks)
        {
            // Says which rule is broken.
            HandOver(pfn, MaxOrder);
        }
    }
}
