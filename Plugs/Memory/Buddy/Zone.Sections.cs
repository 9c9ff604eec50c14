using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// Frames that are cleared when they are first needed. A section is the 1,024 pages of a largest block, its frames are 8 KiB of the
/// table. While it is reserved as a whole or free as a whole it is fresh: only its first frame was ever written, and says so by its tag.
/// </summary>
/// <remarks>
/// Clearing the whole table is half of the boot on a small machine and nearly all of it on a large one (a table of 8 MiB at 4 GiB). Most
/// sections are handed over in one block and are not split for long. So a section is cleared when a part of it is handed over, or when
/// its block leaves the free list; it is never fresh again.
/// <para>
/// The other frames of a fresh section hold whatever was in memory, and after a warm reboot that is an earlier kernel's table: heads of
/// blocks that look right. Nobody may look at a frame without knowing that its section is not fresh. <see cref="Free"/> looks at the
/// section's first frame too; a walk steps over a fresh section as over one block; a buddy is always in the same section, and a block below
/// the largest order means that it was cleared. The heaps have a map of their own (SlabMap).
/// </para>
/// </remarks>
public unsafe partial struct Zone
{
    private const uint SectionPages = PageBlock.MaxPages;

    /// <summary>First page of the section that a page lies in.</summary>
    private static uint SectionOf(uint pfn) => pfn & ~(SectionPages - 1);

    /// <summary>
    /// Whether the section of a page of the zone is fresh: reserved or free as a whole, and its other frames unknown. O(1).
    /// </summary>
    internal bool IsFresh(uint pfn) => _frames[SectionOf(pfn)].Forward >= PageFrame.FreshTag;

    /// <summary>Clears the frames of a section whose block is in no list.</summary>
    internal void ClearSection(uint pfn) => ClearFrames(pfn, pfn + SectionPages);

    /// <summary>
    /// All sections that lie in the zone as a whole are fresh. Those of the incomplete ones at both ends are cleared, from the section's
    /// first frame on, so that each page of the zone and its buddies below the end have one.
    /// </summary>
    private void StartSections()
    {
        uint pfn = SectionOf(_startPfn);
        if (pfn != _startPfn)
        {
            uint end = pfn + SectionPages < _endPfn ? pfn + SectionPages : _endPfn;
            ClearFrames(pfn, end);
            pfn = end;
        }

        for (; pfn < SectionOf(_endPfn); pfn += SectionPages)
        {
            _frames[pfn].Forward = PageFrame.FreshReservedTag;
        }

        ClearFrames(pfn, _endPfn);
    }

    // Every Forward; a Back is read only where the list wrote it.
    private void ClearFrames(uint pfn, uint endPfn)
        => Words.ClearEveryOther((uint*)(_frames + pfn), endPfn - pfn);
}
