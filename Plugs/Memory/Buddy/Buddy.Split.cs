namespace CosmosBootAlloc.Memory;

/// <summary>
/// Exact page counts: an allocated block gives its tail back, and what is kept is remembered as allocated blocks of falling
/// order, side by side. So a request of 5 pages takes 5, not 8; and one larger than the largest block takes several in a row.
/// </summary>
/// <remarks>
/// <code>
///   order 3, 5 pages wanted        kept: order 2, order 0     given back: order 0, order 1
///   |. . . . . . . .|        ->    |A . . .|A|                |F|F .|
/// </code>
/// </remarks>
public unsafe partial struct Buddy
{
    /// <summary>The table of frames, with a pfn as the index; only the zone's own may be touched. For a block's owner to keep its word in.</summary>
    public PageFrame* Frames => _frames;

    /// <summary>
    /// Takes <paramref name="pages"/> pages in a row. O(orders) up to the largest block; beyond it O(zone / largest block) to find
    /// neighbours.
    /// </summary>
    /// <param name="pages">At least 1.</param>
    /// <returns>Pfn of the first page, aligned to the power of two at or above the count (at most the largest block), or <see cref="None"/>.</returns>
    public uint AllocateExact(uint pages)
    {
        if (pages > 1u << (int)MaxOrder)
        {
            return AllocateRow(pages);
        }

        uint order = Bits.HighestSet(pages);
        if (pages > 1u << (int)order)
        {
            order++;
        }

        uint pfn = Allocate(order);
        if (pfn != None && pages < 1u << (int)order)
        {
            Keep(pfn, pages, pfn + (1u << (int)order));
        }

        return pfn;
    }

    /// <summary>
    /// Gives back the pages behind the first <paramref name="keep"/> of a row that <see cref="AllocateExact"/> gave. O(blocks of the row).
    /// </summary>
    /// <param name="pfn">First page of the row.</param>
    /// <param name="pages">Pages it has.</param>
    /// <param name="keep">Pages it shall have, 1..<paramref name="pages"/>.</param>
    public void Shrink(uint pfn, uint pages, uint keep)
    {
        // Whole blocks behind the cut go back as they are; the one that is cut is split.
        uint end = pfn + pages;
        uint cut = pfn + keep;
        uint at = pfn;
        while (at < end)
        {
            uint forward = _frames[at].Forward;
            if (forward < PageFrame.AllocatedTag)
            {
                RefuseFree(at, 0);
                return;
            }

            uint order = forward & PageFrame.LinkMask;
            uint next = at + (1u << (int)order);
            if (at >= cut)
            {
                Free(at, order);
            }
            else if (next > cut)
            {
                Keep(at, cut - at, next);
            }

            at = next;
        }
    }

    /// <summary>Gives back a whole row of <see cref="AllocateExact"/>. O(blocks of the row). A page in it that is not allocated is a BUG.</summary>
    public void FreeExact(uint pfn, uint pages)
    {
        uint end = pfn + pages;
        while (pfn < end)
        {
            uint forward = _frames[pfn].Forward;
            uint order = forward >= PageFrame.AllocatedTag ? forward & PageFrame.LinkMask : 0;
            Free(pfn, order);
            pfn += 1u << (int)order;
        }
    }

    /// <summary>An allocated block [<paramref name="pfn"/>, <paramref name="end"/>) becomes its first pages and a free tail.</summary>
    private void Keep(uint pfn, uint pages, uint end)
    {
        uint at = pfn;
        uint left = pages;
        while (left != 0)
        {
            uint order = Bits.HighestSet(left);
            _frames[at].Forward = PageFrame.AllocatedTag | order;
            at += 1u << (int)order;
            left -= 1u << (int)order;
        }

        // The tail ascends in its largest aligned blocks; the buddy of each holds kept pages, so none merges.
        while (at < end)
        {
            uint order = Bits.LowestSet(at - pfn);
            Insert(at, order);
            at += 1u << (int)order;
        }
    }

    /// <summary>Finds largest blocks that are neighbours, the lowest first.</summary>
    private uint AllocateRow(uint pages)
    {
        uint blocks = ((pages - 1) >> (int)MaxOrder) + 1;
        const uint step = 1u << (int)MaxOrder;
        uint end = EndPfn;
        uint found = 0;
        for (uint pfn = (_startPfn + step - 1) & ~(step - 1); pfn < end && end - pfn >= step; pfn += step)
        {
            found = _frames[pfn].Forward >> PageFrame.TagShift == Orders ? found + 1 : 0;
            if (found != blocks)
            {
                continue;
            }

            uint first = pfn - ((blocks - 1) << (int)MaxOrder);
            for (uint at = first; at <= pfn; at += step)
            {
                Take(at);
            }

            uint kept = pages & (step - 1);
            if (kept != 0)
            {
                Keep(pfn, kept, pfn + step);
            }

            return first;
        }

        return None;
    }

    /// <summary>Takes one free largest block out of the middle of its list.</summary>
    private void Take(uint pfn)
    {
        uint forward = _frames[pfn].Forward;
        if (_heads[(int)MaxOrder] == pfn)
        {
            _heads[(int)MaxOrder] = forward & PageFrame.LinkMask;
        }
        else
        {
            Unlink(pfn, forward);
        }

        _counts[(int)MaxOrder]--;
        _frames[pfn].Forward = PageFrame.AllocatedTag | MaxOrder;
    }
}
