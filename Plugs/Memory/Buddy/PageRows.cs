using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// Rows of pages of any length in a zone: an allocated block gives its tail back, and what is kept is recorded as allocated blocks side by
/// side. So a request for 5 pages takes 5, not 8; and one larger than the largest block takes several in a row.
/// </summary>
/// <remarks>
/// It keeps nothing of its own: the zone's lists and frames are all there is, and it changes them only through the zone. It does not
/// remember how long a row is; its owner does.
/// <code>
///   order 3, 5 pages wanted        kept: order 2, order 0     given back: order 0, order 1
///   |. . . . . . . .|        ->    |A . . .|A|                |F|F .|
/// </code>
/// </remarks>
internal static unsafe class PageRows
{
    /// <summary>See <see cref="Zone.AllocateExact"/>.</summary>
    internal static uint AllocateExact(ref Zone zone, uint pages)
    {
        if (pages > 1u << (int)Zone.MaxOrder)
        {
            return AllocateRow(ref zone, pages, 0);
        }

        uint order = Bits.HighestSet(pages);
        if (pages > 1u << (int)order)
        {
            order++;
        }

        uint pfn = zone.Allocate(order);
        if (pfn != Zone.None && pages < 1u << (int)order)
        {
            Keep(ref zone, pfn, pages, pfn + (1u << (int)order));
        }

        return pfn;
    }

    /// <summary>See <see cref="Zone.AllocateFitting"/>.</summary>
    internal static uint AllocateFitting(ref Zone zone, uint pages, uint lowestPfn, bool quick)
    {
        uint first = FreeRuns.Best(ref zone, pages, lowestPfn, quick);
        if (first != Zone.None)
        {
            TakeRow(ref zone, first, pages);
        }

        return first;
    }

    /// <summary>See <see cref="Zone.AllocateRow"/>.</summary>
    internal static uint AllocateRow(ref Zone zone, uint pages, uint lowestPfn)
    {
        uint first = FreeRuns.Lowest(ref zone, pages, lowestPfn);
        if (first != Zone.None)
        {
            TakeRow(ref zone, first, pages);
        }

        return first;
    }

    /// <summary>See <see cref="Zone.AllocateAbove"/>.</summary>
    internal static uint AllocateAbove(ref Zone zone, uint pages, uint lowestPfn)
    {
        if (pages > 1u << (int)Zone.MaxOrder)
        {
            return AllocateRow(ref zone, pages, lowestPfn);
        }

        uint order = Bits.HighestSet(pages);
        if (pages > 1u << (int)order)
        {
            order++;
        }

        for (; order <= Zone.MaxOrder; order++)
        {
            for (uint pfn = zone.FirstFree(order); pfn != Zone.None; pfn = zone.NextFree(pfn))
            {
                if (pfn >= lowestPfn)
                {
                    zone.Take(pfn, order);
                    Keep(ref zone, pfn, pages, pfn + (1u << (int)order));
                    return pfn;
                }
            }
        }

        return Zone.None;
    }

    /// <summary>See <see cref="Zone.Shrink"/>.</summary>
    internal static void Shrink(ref Zone zone, uint pfn, uint pages, uint keep)
    {
        // Whole blocks behind the cut go back as they are; the one that is cut is split.
        uint end = pfn + pages;
        uint cut = pfn + keep;
        uint at = pfn;
        while (at < end)
        {
            if (zone.BlockAt(at, out uint order) != PageState.Allocated)
            {
                // The zone names what is there.
                zone.Free(at, 0);
                return;
            }

            uint next = at + (1u << (int)order);
            if (at >= cut)
            {
                zone.Free(at, order);
            }
            else if (next > cut)
            {
                Keep(ref zone, at, cut - at, next);
            }

            at = next;
        }
    }

    /// <summary>See <see cref="Zone.FreeExact"/>.</summary>
    internal static void FreeExact(ref Zone zone, uint pfn, uint pages)
    {
        uint end = pfn + pages;
        while (pfn < end)
        {
            if (zone.BlockAt(pfn, out uint order) != PageState.Allocated)
            {
                order = 0;
            }

            zone.Free(pfn, order);
            pfn += 1u << (int)order;
        }
    }

    /// <summary>
    /// Allocated blocks [<paramref name="pfn"/>, <paramref name="end"/>), one or two, become a row of that many pages and a free tail, both
    /// in their largest aligned blocks.
    /// </summary>
    private static void Keep(ref Zone zone, uint pfn, uint pages, uint end)
    {
        uint cut = pfn + pages;
        uint at = pfn;
        while (at < cut)
        {
            uint order = PageBlock.LargestOrder(at, cut - at);
            zone.Frames[at].Forward = PageFrame.AllocatedTag | order;
            at += 1u << (int)order;
        }

        while (at < end)
        {
            uint order = PageBlock.LargestOrder(at, end - at);
            zone.Insert(at, order);
            at += 1u << (int)order;
        }
    }

    /// <summary>
    /// Takes free blocks side by side, from <paramref name="first"/> until there are enough pages, and gives the tail of the last back.
    /// </summary>
    private static void TakeRow(ref Zone zone, uint first, uint pages)
    {
        uint at = first;
        while (at - first < pages)
        {
            zone.BlockAt(at, out uint order);
            zone.Take(at, order);
            at += 1u << (int)order;
        }

        Keep(ref zone, first, pages, at);
    }
}
