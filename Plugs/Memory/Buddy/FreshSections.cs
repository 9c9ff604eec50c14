using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// The frames of fresh sections (Zone.Sections.cs). Where parts of one were handed over they are a chain from the first one on, of free
/// blocks and of holes, and each link tells where the next one is. That is enough to clear the rest when a page of it is first needed.
/// </summary>
/// <remarks>
/// A chain is made only where parts come in ascending order with holes between them, so no block has a buddy: neither in its own part,
/// which is in the largest aligned blocks, nor across a hole.
/// <code>
///     pages      |reserved|        free              |reserved|   free    |
///     written    15:8      13 2    13 3     13        15:8     13 5        the tag; of a hole its pages; of a block its order, if not 0
/// </code>
/// </remarks>
internal static unsafe class FreshSections
{
    /// <summary>
    /// All sections that lie in a new zone as a whole are fresh. Those of the incomplete ones at both ends are cleared, from the section's
    /// first frame on, so that each page of the zone and its buddies below the end have one. O(sections).
    /// </summary>
    internal static void Start(ref Zone zone)
    {
        uint pfn = Zone.SectionOf(zone.StartPfn);
        uint endPfn = zone.EndPfn;
        if (pfn != zone.StartPfn)
        {
            uint next = pfn + PageBlock.MaxPages;
            next = next < endPfn ? next : endPfn;
            zone.ClearFrames(pfn, next);
            pfn = next;
        }

        for (; pfn < Zone.SectionOf(endPfn); pfn += PageBlock.MaxPages)
        {
            zone.Frames[pfn].Forward = PageFrame.FreshReservedTag;
        }

        zone.ClearFrames(pfn, endPfn);
    }

    /// <summary>
    /// Begins a part of the section, nothing of which, nor of what follows, was handed over before: writes the hole before it.
    /// </summary>
    /// <param name="zone">The zone that has the whole section.</param>
    /// <param name="pfn">First page of the part.</param>
    /// <param name="endPfn">Its end, in the same section.</param>
    /// <returns>False, with nothing changed, when the part is to be handed over block by block: the section is not fresh, or the part
    /// before touches this one.</returns>
    internal static bool Begin(ref Zone zone, uint pfn, uint endPfn)
    {
        uint section = Zone.SectionOf(pfn);
        uint hole = zone.HandedEndPfn > section ? zone.HandedEndPfn : section;
        if ((hole == pfn && pfn != section) || !zone.IsFresh(pfn))
        {
            return false;
        }

        if (hole != pfn)
        {
            zone.Frames[hole].Forward = PageFrame.FreshReservedTag | (pfn - hole);
        }

        zone.Count(pfn, endPfn);
        return true;
    }

    /// <summary>Puts the part's next block into its list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Push(ref Zone zone, uint pfn, uint order)
    {
        zone.Push(pfn, order, PageFrame.SparseFreeTag);
        if (order != 0)
        {
            zone.Frames[pfn + 1].Forward = order;
        }
    }

    /// <summary>Ends the part: writes the hole behind it.</summary>
    internal static void End(ref Zone zone, uint endPfn)
    {
        uint left = Zone.SectionOf(endPfn - 1) + PageBlock.MaxPages - endPfn;
        if (left != 0)
        {
            zone.Frames[endPfn].Forward = PageFrame.FreshReservedTag | left;
        }
    }

    /// <summary>
    /// <see cref="Zone.BlockAt"/> in a fresh section: one in parts is settled at its first page, where a walk comes to it, and its chain is
    /// followed anywhere else.
    /// </summary>
    internal static PageState BlockAt(ref Zone zone, uint pfn, out uint order)
    {
        uint tag = zone.Frames[pfn].Forward & ~PageFrame.LinkMask;
        if (pfn != Zone.SectionOf(pfn))
        {
            order = tag == PageFrame.SparseFreeTag ? OrderOf(zone.Frames, pfn) : 0;
            return tag == PageFrame.SparseFreeTag ? PageState.Free : PageState.Reserved;
        }

        if (Settle(ref zone, pfn))
        {
            return zone.BlockAt(pfn, out order);
        }

        order = Zone.MaxOrder;
        return tag == PageFrame.FreshFreeTag ? PageState.Free : PageState.Reserved;
    }

    /// <summary>Whether a fresh section is free as a whole.</summary>
    internal static bool IsFree(ref Zone zone, uint section)
        => (zone.Frames[section].Forward & ~PageFrame.LinkMask) == PageFrame.FreshFreeTag;

    /// <summary>
    /// Makes the frames of a page's fresh section good: one of its blocks leaves the free list, or a hole of it is handed over.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Open(ref Zone zone, uint pfn)
    {
        uint section = Zone.SectionOf(pfn);
        if (!Settle(ref zone, section))
        {
            zone.ClearFrames(section, section + PageBlock.MaxPages);
        }
    }

    /// <summary>Clears all frames of a section in parts but the heads of its blocks. It is not fresh any more. O(1,024).</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="section">First page of a section.</param>
    /// <returns>False, with nothing changed, when it is reserved or free as a whole, or not fresh.</returns>
    internal static bool Settle(ref Zone zone, uint section)
    {
        PageFrame* frames = zone.Frames;
        uint forward = frames[section].Forward;
        if (forward < PageFrame.FreshTag || forward == PageFrame.FreshReservedTag || IsFree(ref zone, section))
        {
            return false;
        }

        uint next;
        for (uint pfn = section; pfn != section + PageBlock.MaxPages; pfn = next)
        {
            forward = frames[pfn].Forward;
            if (forward >= PageFrame.FreshReservedTag)
            {
                next = pfn + (forward & PageFrame.LinkMask);
                zone.ClearFrames(pfn, next);
                continue;
            }

            uint order = OrderOf(frames, pfn);
            next = pfn + (1u << (int)order);
            frames[pfn].Forward = ((order + 1) << PageFrame.TagShift) | (forward & PageFrame.LinkMask);
            zone.ClearFrames(pfn + 1, next);
        }

        return true;
    }

    private static uint OrderOf(PageFrame* frames, uint pfn)
    {
        uint next = pfn + 1;
        uint order = (next & (PageBlock.MaxPages - 1)) == 0 ? 0 : frames[next].Forward;
        return order < Zone.MaxOrder ? order : 0;
    }
}
