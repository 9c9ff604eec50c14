using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// A range of pages on its way into a zone: cut at its sections (Zone.Sections.cs), and in each into the largest aligned blocks, ascending.
/// </summary>
/// <remarks>
/// A boot allocator hands over from low to high, so nearly always nothing from a part's first page on was handed over before, and one look
/// at the part tells that its blocks are reserved. Any other part goes block by block through <see cref="Zone.HandOver"/>, which looks.
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
    private static void GivePart(ref Zone zone, uint pfn, uint endPfn)
    {
        bool known = zone.IsUntouched(pfn, endPfn);
        if (known)
        {
            zone.Begin(pfn, endPfn);
        }

        uint order = 0;
        uint size = 1;
        while (pfn != endPfn)
        {
            while ((pfn & size) == 0 && endPfn - pfn >= 2 * size)
            {
                size *= 2;
                order++;
            }

            while (endPfn - pfn < size)
            {
                size >>= 1;
                order--;
            }

            if (known)
            {
                zone.Insert(pfn, order);
            }
            else
            {
                zone.HandOver(pfn, order);
            }

            pfn += size;
        }
    }
}
