namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>Looking at a zone without changing its blocks: sizes, counts, lists, the state of any page, and the self-check.</summary>
public unsafe partial struct Zone
{
    /// <summary>First page of the zone.</summary>
    public uint StartPfn => _startPfn;

    /// <summary>End of the zone, exclusive.</summary>
    public uint EndPfn => _endPfn;

    /// <summary>Pages ever handed over: free and allocated ones together.</summary>
    public uint ManagedPages => _managedPages;

    /// <summary>Free pages. O(orders); kept in no counter, so the hot paths do not pay for it.</summary>
    public uint FreePages
    {
        get
        {
            // From the largest order down: each step doubles what the larger ones are worth.
            uint pages = 0;
            fixed (uint* counts = _counts)
            {
                for (uint* at = counts + Orders; at != counts;)
                {
                    at--;
                    pages += pages + *at;
                }
            }

            return pages;
        }
    }

    /// <summary>Free blocks of one order, 0..10. O(1).</summary>
    public uint FreeBlocks(uint order) => _counts[order];

    /// <summary>Head of one order's free list, the next to be allocated, or <see cref="None"/>. O(1).</summary>
    public uint FirstFree(uint order) => _heads[order];

    /// <summary>The block after a free block in its list, or <see cref="None"/>. O(1).</summary>
    public uint NextFree(uint pfn) => _frames[pfn].Forward & PageFrame.LinkMask;

    /// <summary>
    /// What stands at a pfn of the zone, for a walk in blocks: start at <see cref="StartPfn"/> and step by the pages of the block,
    /// 2^<paramref name="order"/>, until <see cref="EndPfn"/>. O(1), but for the first look at a fresh section in pieces, which is cleared.
    /// </summary>
    /// <param name="pfn">Start of a block, or a reserved page.</param>
    /// <param name="order">Order of the block; 0 for a reserved page, <see cref="MaxOrder"/> for a section of them that is fresh.</param>
    public PageState BlockAt(uint pfn, out uint order)
    {
        uint forward = _frames[pfn].Forward;
        order = 0;
        if (forward <= PageFrame.LinkMask)
        {
            return PageState.Reserved;
        }

        if (forward >= PageFrame.FreshTag)
        {
            return FreshSections.BlockAt(ref this, pfn, out order);
        }

        if (forward >= PageFrame.AllocatedTag)
        {
            order = forward & PageFrame.LinkMask;
            return PageState.Allocated;
        }

        order = (forward >> PageFrame.TagShift) - 1;
        return PageState.Free;
    }

    /// <summary>
    /// What any page of the zone belongs to, its head or not. O(orders): the block's head can only be the page itself or one of
    /// the ten numbers that clear its low bits.
    /// </summary>
    /// <param name="pfn">Any page of the zone.</param>
    /// <param name="head">First page of the block it lies in; when reserved itself, or the first of its section if that is fresh.</param>
    /// <param name="order">Order of that block; 0 when reserved, <see cref="MaxOrder"/> in a fresh section.</param>
    public PageState StateOf(uint pfn, out uint head, out uint order)
    {
        head = IsFresh(pfn) && !FreshSections.Settle(ref this, SectionOf(pfn)) ? SectionOf(pfn) : pfn;
        while (true)
        {
            PageState state = BlockAt(head, out order);
            if ((state != PageState.Reserved || order != 0) && pfn - head < 1u << (int)order)
            {
                return state;
            }

            // Without the lowest bit that is set: the start of the next larger block that could hold the page.
            uint larger = head & (head - 1);
            if ((head & (SectionPages - 1)) == 0 || larger - _startPfn >= _spanPages)
            {
                head = pfn;
                order = 0;
                return PageState.Reserved;
            }

            head = larger;
        }
    }

    /// <summary>
    /// Checks the zone against itself: every block aligned and inside, no frame inside a block says anything, no two free
    /// buddies side by side, every list's blocks free, of its order, linked both ways and as many as counted, free plus
    /// allocated as many as were handed over. O(pages of the zone); for the self-test.
    /// </summary>
    /// <returns>A pfn where something is wrong, the end of the zone if only the sums are, or <see cref="None"/> when all is well.</returns>
    public uint FindFault() => ZoneCheck.FindFault(ref this);
}
