using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// A range of pages on its way into a zone: cut at its sections (Zone.Sections.cs), and in each into the largest aligned blocks, ascending.
/// </summary>
/// <remarks>
/// A boot allocator hands over from low to high, so nearly always nothing from a part's first page on was handed over before, and one look
/// at the part tells that its blocks are reserved and have no buddies (<see cref="FreshSections.Begin"/>). Any other part goes block by
/// block through <see cref="Zone.HandOver"/>, which looks.
/// </remarks>
internal static class RangeHandOver
{
    /// <summary>See <see cref="Zone.HandOverRange"/>.</summary>
    internal static void Give(ref Zone zone, uint pfn, uint endPfn)
    {
        while (pfn < endPfn)
        {
            uint next = (pfn | (PageBlock.MaxPages - 1)) + 1;
            uint blocks = (endPfn - pfn) >> (int)Zone.MaxOrder;
            if (next - pfn == PageBlock.MaxPages && blocks != 0)
            {
                next = pfn + (blocks << (int)Zone.MaxOrder);
                zone.HandOverLargest(pfn, blocks);
            }
            else
            {
                next = next < endPfn ? next : endPfn;
                GivePart(ref zone, pfn, next);
            }

            pfn = next;
        }
    }

    /// <summary>Hands over pages of one section, not all of it: blocks grow while the next one fits, then shrink.</summary>
    private static void GivePart(ref Zone zone, uint startPfn, uint endPfn)
    {
        if (zone.IsUntouched(startPfn, endPfn) && FreshSections.Begin(ref zone, startPfn, endPfn))
        {
            PushPart(ref zone, startPfn, endPfn);
            FreshSections.End(ref zone, endPfn);
            return;
        }

        for (uint pfn = startPfn; pfn != endPfn;)
        {
            uint order = PageBlock.LargestOrder(pfn, endPfn - pfn);
            zone.HandOver(pfn, order);
            pfn += 1u << (int)order;
        }
    }

    /// <summary>The same for blocks of a fresh section, which have no buddies.</summary>
    private static void PushPart(ref Zone zone, uint pfn, uint endPfn)
    {
        uint order = 0;
        while ((pfn & (PageBlock.MaxPages - 1)) != 0)
        {
            while ((pfn >> (int)order & 1) == 0)
            {
                order++;
            }

            uint next = pfn + (1u << (int)order);
            if (next > endPfn)
            {
                break;
            }

            FreshSections.Push(ref zone, pfn, order);
            pfn = next;
        }

        order = Zone.MaxOrder;
        while (pfn != endPfn)
        {
            order--;
            uint next = pfn + (1u << (int)order);
            if (next <= endPfn)
            {
                FreshSections.Push(ref zone, pfn, order);
                pfn = next;
            }
        }
    }
}
