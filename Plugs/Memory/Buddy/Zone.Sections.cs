using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// Frames that are cleared when they are first needed. A section is the 1,024 pages of a largest block, its frames are 8 KiB of the
/// table. Until a page of it is first taken it is fresh: only the first frame of each free block and of each hole was ever written, and the
/// section's first frame says so by its tag.
/// </summary>
/// <remarks>
/// Clearing the whole table is half of the boot on a small machine and nearly all of it on a large one (a table of 8 MiB at 4 GiB). Most
/// sections are handed over in one block and are not split for long; on a map in pieces there are some, each of a few blocks, which nobody
/// needs for long either (<see cref="FreshSections"/>). So a section is cleared when one of its blocks leaves the free list, or when pages
/// of it are handed over out of order; it is never fresh again.
/// <para>
/// The other frames of a fresh section hold whatever was in memory, and after a warm reboot that is an earlier kernel's table: heads of
/// blocks that look right. Nobody may look at a frame without knowing that its section is not fresh. <see cref="Free"/> looks at the
/// section's first frame too, an allocation at the tag of the block that it takes; a walk steps over a section that is one block, and has
/// one in pieces cleared; a buddy is always in the same section, where one was taken before. The heaps have a map of their own (SlabMap).
/// </para>
/// </remarks>
public unsafe partial struct Zone
{
    private const uint SectionPages = PageBlock.MaxPages;

    /// <summary>First page of the section that a page lies in.</summary>
    internal static uint SectionOf(uint pfn) => pfn & ~(SectionPages - 1);

    /// <summary>
    /// Whether the section of a page of the zone is fresh: nothing of it was ever taken, and most of its frames are unknown. O(1).
    /// </summary>
    internal bool IsFresh(uint pfn) => _frames[SectionOf(pfn)].Forward >= PageFrame.FreshTag;

    /// <summary>Clears every Forward; a Back is read only where the list wrote it.</summary>
    internal void ClearFrames(uint pfn, uint endPfn)
        => Words.ClearEveryOther((uint*)(_frames + pfn), endPfn - pfn);
}
