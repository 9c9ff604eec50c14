using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>Runs of free blocks side by side in a zone: finding one that holds a number of pages. Nothing is taken.</summary>
internal static unsafe class FreeRuns
{
    /// <summary>Blocks of each list that a best fit looks at.</summary>
    internal const uint Candidates = 16;

    /// <summary>Blocks that a quick one looks at in all lists together.</summary>
    internal const uint QuickCandidates = 8;

    /// <summary>Free blocks on either side that it joins with each candidate.</summary>
    internal const uint Neighbours = 12;

    /// <summary>As <see cref="Neighbours"/>, for a quick one.</summary>
    internal const uint QuickNeighbours = 3;

    /// <summary>
    /// First page of the smallest run found that is long enough, or <see cref="Zone.None"/>; see <see cref="Zone.AllocateFitting"/>.
    /// </summary>
    internal static uint Best(ref Zone zone, uint pages, uint lowestPfn, bool quick)
    {
        uint neighbours = quick ? QuickNeighbours : Neighbours;
        uint all = quick ? QuickCandidates : Candidates * Zone.Orders;
        uint start = zone.StartPfn;
        start = start < lowestPfn ? lowestPfn : start;
        uint best = Zone.None;
        uint bestPages = uint.MaxValue;

        // A run is no smaller than the block in it: once the best is no larger than the blocks to come, it stays.
        for (uint order = 0; order <= Zone.MaxOrder && bestPages != pages && bestPages > 1u << (int)order; order++)
        {
            uint pfn = zone.FirstFree(order);
            uint left = all < Candidates ? all : Candidates;
            left = left == 0 && best == Zone.None ? 1 : left;
            for (; left != 0 && pfn != Zone.None && bestPages != pages; pfn = zone.NextFree(pfn))
            {
                if (pfn < start)
                {
                    continue;
                }

                left--;
                all -= all == 0 ? 0u : 1u;
                if (best != Zone.None && pfn - best < bestPages)
                {
                    // A part of the run that is the best so far.
                    continue;
                }

                uint found = RunAround(ref zone, start, pfn, order, bestPages, neighbours, out uint first);
                if (found >= pages && found < bestPages)
                {
                    best = first;
                    bestPages = found;
                }
            }
        }

        return best;
    }

    /// <summary>First page of the lowest run that is long enough, or <see cref="Zone.None"/>; see <see cref="Zone.AllocateRow"/>.</summary>
    internal static uint Lowest(ref Zone zone, uint pages, uint lowestPfn)
    {
        uint first = 0;
        uint run = 0;
        uint end = zone.EndPfn;
        uint next;
        for (uint pfn = zone.StartPfn; pfn < end; pfn = next)
        {
            PageState state = zone.BlockAt(pfn, out uint order);
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
                return first;
            }
        }

        return Zone.None;
    }

    /// <summary>Pages of the longest run of free blocks from a page on. O(blocks of the zone), a hole counting as one a page.</summary>
    internal static uint Longest(ref Zone zone, uint lowestPfn)
    {
        uint longest = 0;
        uint run = 0;
        uint end = zone.EndPfn;
        for (uint pfn = zone.StartPfn; pfn < end;)
        {
            PageState state = zone.BlockAt(pfn, out uint order);
            run = state == PageState.Free && pfn >= lowestPfn ? run + (1u << (int)order) : 0;
            longest = longest < run ? run : longest;
            pfn += 1u << (int)order;
        }

        return longest;
    }

    /// <summary>Free pages of the blocks that start below a page. O(blocks there).</summary>
    internal static uint PagesBelow(ref Zone zone, uint endPfn)
    {
        uint pages = 0;
        uint end = zone.EndPfn < endPfn ? zone.EndPfn : endPfn;
        for (uint pfn = zone.StartPfn; pfn < end;)
        {
            PageState state = zone.BlockAt(pfn, out uint order);
            pages += state == PageState.Free ? 1u << (int)order : 0;
            pfn += 1u << (int)order;
        }

        return pages;
    }

    /// <summary>
    /// Pages of the run of free blocks around a free block, from <paramref name="start"/> on, looking at a bounded number on each side,
    /// and only until there are <paramref name="enough"/>: a longer run is of no interest.
    /// </summary>
    private static uint RunAround(ref Zone zone, uint start, uint pfn, uint order, uint enough, uint neighbours, out uint first)
    {
        uint zoneEnd = zone.EndPfn;
        uint from = pfn;
        uint end = pfn + (1u << (int)order);
        for (uint i = 0; i < neighbours && end < zoneEnd && end - from < enough; i++)
        {
            if (zone.BlockAt(end, out uint next) != PageState.Free)
            {
                break;
            }

            end += 1u << (int)next;
        }

        for (uint i = 0; i < neighbours && from != start && end - from < enough; i++)
        {
            uint before = FreeBefore(ref zone, start, from);
            if (before == 0)
            {
                break;
            }

            from -= before;
        }

        first = from;
        return end - from;
    }

    /// <summary>
    /// Pages of the free block that ends at a page of the zone, or 0, also where it is one of several in a fresh section. Its order is at
    /// most the page's alignment.
    /// </summary>
    private static uint FreeBefore(ref Zone zone, uint start, uint pfn)
    {
        PageFrame* frames = zone.Frames;
        if (zone.IsFresh(pfn - 1))
        {
            // A chain can be followed only forward, and clearing the section for a look costs more than a worse fit.
            uint section = Zone.SectionOf(pfn - 1);
            bool whole = FreshSections.IsFree(ref zone, section) && section >= start && pfn - section == PageBlock.MaxPages;
            return whole ? PageBlock.MaxPages : 0;
        }

        uint tag = 1;
        for (uint pages = 1; pages <= 1u << (int)Zone.MaxOrder; pages *= 2)
        {
            if (pfn - start < pages)
            {
                return 0;
            }

            if (frames[pfn - pages].Forward >> PageFrame.TagShift == tag)
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
}
