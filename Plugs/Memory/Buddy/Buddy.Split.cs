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
    /// As <see cref="AllocateExact"/>, but at any page: what one row leaves of its block starts the next row, when the block behind it is free. So rows of 3
    /// pages fill memory, instead of leaving every fourth page alone. O(orders).
    /// </summary>
    public uint AllocatePacked(uint pages)
    {
        uint order = Bits.HighestSet(pages);
        if (pages == 1u << (int)order || pages > 1u << (int)MaxOrder)
        {
            return AllocateExact(pages);
        }

        for (uint o = 0; o <= order; o++)
        {
            uint first = _heads[o];
            uint second = first + (1u << (int)o);
            if (first == None || second - _startPfn >= _spanPages || BlockAt(second, out uint behind) != PageState.Free)
            {
                continue;
            }

            uint end = second + (1u << (int)behind);
            if (end - first >= pages)
            {
                Take(first, o);
                Take(second, behind);
                Keep(first, pages, end);
                return first;
            }
        }

        return AllocateExact(pages);
    }

    /// <summary>
    /// As <see cref="AllocateExact"/> up to the largest block, but from <paramref name="lowestPfn"/> on: the first block of the smallest sufficient order that
    /// starts there. O(orders + blocks below that lie before it in the lists).
    /// </summary>
    public uint AllocateAbove(uint pages, uint lowestPfn)
    {
        if (pages > 1u << (int)MaxOrder)
        {
            uint row = AllocateRow(pages);
            if (row != None && row < lowestPfn)
            {
                FreeExact(row, pages);
                return None;
            }

            return row;
        }

        uint order = Bits.HighestSet(pages);
        if (pages > 1u << (int)order)
        {
            order++;
        }

        for (; order <= MaxOrder; order++)
        {
            for (uint pfn = _heads[order]; pfn != None; pfn = NextFree(pfn))
            {
                if (pfn >= lowestPfn)
                {
                    Take(pfn, order);
                    Keep(pfn, pages, pfn + (1u << (int)order));
                    return pfn;
                }
            }
        }

        return None;
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

    /// <summary>Allocated blocks [<paramref name="pfn"/>, <paramref name="end"/>), one or two, become a row of so many pages and a free tail, both in their largest aligned blocks.</summary>
    private void Keep(uint pfn, uint pages, uint end)
    {
        uint cut = pfn + pages;
        uint at = pfn;
        while (at < cut)
        {
            uint order = LargestBlock(at, cut);
            _frames[at].Forward = PageFrame.AllocatedTag | order;
            at += 1u << (int)order;
        }

        while (at < end)
        {
            uint order = LargestBlock(at, end);
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
                Take(at, MaxOrder);
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

    /// <summary>Takes one free block out of the middle of its list.</summary>
    private void Take(uint pfn, uint order)
    {
        uint forward = _frames[pfn].Forward;
        if (_heads[order] == pfn)
        {
            _heads[order] = forward & PageFrame.LinkMask;
        }
        else
        {
            Unlink(pfn, forward);
        }

        _counts[order]--;
        _frames[pfn].Forward = PageFrame.AllocatedTag | order;
    }
}
