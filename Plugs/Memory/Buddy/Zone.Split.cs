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
    private const uint Candidates = 16;
    private const uint Neighbours = 12;

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
    /// among the first <see cref="Candidates"/> blocks of each list, each joined with up to <see cref="Neighbours"/> free blocks on
    /// either side. Bounded: at most some thousand steps on a zone in pieces, a few when one fits exactly.
    /// </summary>
    /// <remarks>
    /// For whoever holds many rows of many sizes for long: the buddy's own choice, the last block freed, spreads them until no large
    /// run is left. With this one free memory stays in one piece nearly as well as under an exact best fit (a test compares them).
    /// </remarks>
    /// <returns>Pfn of the first page, or <see cref="None"/> if none of those runs is long enough; <see cref="AllocateRow"/> looks
    /// everywhere.</returns>
    public uint AllocateFitting(uint pages)
    {
        uint best = None;
        uint bestPages = uint.MaxValue;

        // A run is no smaller than the block in it: once the best is no larger than the blocks to come, it stays.
        for (uint order = 0; order <= MaxOrder && bestPages != pages && bestPages > 1u << (int)order; order++)
        {
            uint pfn = _heads[order];
            for (uint i = 0; i < Candidates && pfn != None && bestPages != pages; i++, pfn = NextFree(pfn))
            {
                if (best != None && pfn - best < bestPages)
                {
                    // A part of the run that is the best so far.
                    continue;
                }

                uint found = RunAround(pfn, order, bestPages, out uint first);
                if (found >= pages && found < bestPages)
                {
                    best = first;
                    bestPages = found;
                }
            }
        }

        if (best != None)
        {
            TakeRow(best, pages);
        }

        return best;
    }

    /// <summary>
    /// Takes the lowest <paramref name="pages"/> pages in a row from <paramref name="lowestPfn"/> on; fails only if there are none.
    /// O(blocks of the zone), holes counting as blocks of one page: the last resort, and the way to more than the largest block.
    /// </summary>
    public uint AllocateRow(uint pages, uint lowestPfn)
    {
        uint first = 0;
        uint run = 0;
        uint end = EndPfn;
        uint next;
        for (uint pfn = _startPfn; pfn < end; pfn = next)
        {
            PageState state = BlockAt(pfn, out uint order);
            next = pfn + (1u << (int)order);
            if (state != PageState.Free || pfn < lowestPfn)
            {
                run = 0;
                continue;
            }

            first = run == 0 ? pfn : first;
            run = next - first;
            if (run >= pages)
            {
                TakeRow(first, pages);
                return first;
            }
        }

        return None;
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
    /// Allocated blocks [<paramref name="pfn"/>, <paramref name="end"/>), one or two, become a row of so many pages and a free tail, both
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
    /// Pages of the run of free blocks around a free block, looking at a bounded number on each side, and only until there are
    /// <paramref name="enough"/>: a longer run is of no interest.
    /// </summary>
    private uint RunAround(uint pfn, uint order, uint enough, out uint first)
    {
        first = pfn;
        uint end = pfn + (1u << (int)order);
        for (uint i = 0; i < Neighbours && end - _startPfn < _spanPages && end - first < enough; i++)
        {
            uint tag = _frames[end].Forward >> PageFrame.TagShift;
            if (tag - 1 > MaxOrder)
            {
                break;
            }

            end += 1u << (int)(tag - 1);
        }

        for (uint i = 0; i < Neighbours && first != _startPfn && end - first < enough; i++)
        {
            uint before = FreeBefore(first);
            if (before == 0)
            {
                break;
            }

            first -= before;
        }

        return end - first;
    }

    /// <summary>Pages of the free block that ends at a page of the zone, or 0. Its order is at most the page's alignment.</summary>
    private uint FreeBefore(uint pfn)
    {
        uint tag = 1;
        for (uint pages = 1; pages <= 1u << (int)MaxOrder; pages *= 2)
        {
            if (pfn - _startPfn < pages)
            {
                return 0;
            }

            if (_frames[pfn - pages].Forward >> PageFrame.TagShift == tag)
            {
                return pages;
            }

            if ((pfn & pages) != 0)
            {
                return 0;
            }

            tag++;
        }

        return 0;
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
