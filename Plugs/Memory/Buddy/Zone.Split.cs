using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// Exact page counts: an allocated block gives its tail back, and what is kept is remembered as allocated blocks
/// side by side. So a request of 5 pages takes 5, not 8; and one larger than the largest block takes several in a row.
/// </summary>
/// <remarks>
/// <code>
///   order 3, 5 pages wanted        kept: order 2, order 0     given back: order 0, order 1
///   |. . . . . . . .|        ->    |A . . .|A|                |F|F .|
/// </code>
/// </remarks>
public unsafe partial struct Zone
{
    /// <summary>
    /// The table of frames, with a pfn as the index; only the zone's own may be touched. For a block's owner to keep its word in.
    /// </summary>
    public PageFrame* Frames => _frames;

    /// <summary>
    /// Takes <paramref name="pages"/> pages in a row: the first ones of a block. O(orders) up to the largest block; beyond it O(blocks
    /// of the zone), the lowest row of free blocks.
    /// </summary>
    /// <param name="pages">At least 1.</param>
    /// <returns>Pfn of the first page, aligned to the power of two at or above the count (up to the largest block), or
    /// <see cref="None"/>.</returns>
    public uint AllocateExact(uint pages)
    {
        if (pages > 1u << (int)MaxOrder)
        {
            return AllocateRow(pages, 0);
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
    /// Takes <paramref name="pages"/> pages in a row, at any page, from the smallest run of free pages that holds them: a best fit
    /// among the first <see cref="FreeRuns.Candidates"/> blocks of each list, each joined with up to <see cref="FreeRuns.Neighbours"/>
    /// free blocks on either side. Bounded: at most some thousand steps on a zone in pieces, a few when one fits exactly.
    /// </summary>
    /// <remarks>
    /// For callers that hold many rows of many sizes for long: the buddy's own choice, the last block freed, spreads them until no large
    /// run is left. With this one free memory stays in one piece nearly as well as under an exact best fit (a test compares them).
    /// </remarks>
    /// <returns>Pfn of the first page, or <see cref="None"/> if none of those runs is long enough; <see cref="AllocateRow"/> looks
    /// everywhere.</returns>
    public uint AllocateFitting(uint pages)
    {
        uint first = FreeRuns.Best(ref this, pages);
        if (first != None)
        {
            TakeRow(first, pages);
        }

        return first;
    }

    /// <summary>
    /// Takes the lowest <paramref name="pages"/> pages in a row from <paramref name="lowestPfn"/> on; fails only if there are none.
    /// O(blocks of the zone), holes counting as blocks of one page: the last resort, and the way to more than the largest block.
    /// </summary>
    public uint AllocateRow(uint pages, uint lowestPfn)
    {
        uint first = FreeRuns.Lowest(ref this, pages, lowestPfn);
        if (first != None)
        {
            TakeRow(first, pages);
        }

        return first;
    }

    /// <summary>
    /// As <see cref="AllocateExact"/> up to the largest block, but from <paramref name="lowestPfn"/> on: the first block of the
    /// smallest sufficient order that starts there. O(orders + blocks below that lie before it in the lists).
    /// </summary>
    public uint AllocateAbove(uint pages, uint lowestPfn)
    {
        if (pages > 1u << (int)MaxOrder)
        {
            return AllocateRow(pages, lowestPfn);
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

    /// <summary>
    /// Gives back a whole row of <see cref="AllocateExact"/>. O(blocks of the row). A page in it that is not allocated is a BUG.
    /// </summary>
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

    /// <summary>
    /// Allocated blocks [<paramref name="pfn"/>, <paramref name="end"/>), one or two, become a row of that many pages and a free tail, both
    /// in their largest aligned blocks.
    /// </summary>
    private void Keep(uint pfn, uint pages, uint end)
    {
        uint cut = pfn + pages;
        uint at = pfn;
        while (at < cut)
        {
            uint order = PageBlock.LargestOrder(at, cut - at);
            _frames[at].Forward = PageFrame.AllocatedTag | order;
            at += 1u << (int)order;
        }

        while (at < end)
        {
            uint order = PageBlock.LargestOrder(at, end - at);
            Insert(at, order);
            at += 1u << (int)order;
        }
    }

    /// <summary>
    /// Takes free blocks side by side, from <paramref name="first"/> until there are enough pages, and gives the tail of the last back.
    /// </summary>
    private void TakeRow(uint first, uint pages)
    {
        uint at = first;
        while (at - first < pages)
        {
            BlockAt(at, out uint order);
            Take(at, order);
            at += 1u << (int)order;
        }

        Keep(first, pages, at);
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
