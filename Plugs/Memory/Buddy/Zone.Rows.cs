namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>Exact page counts: rows of pages of any length, by <see cref="PageRows"/>.</summary>
public unsafe partial struct Zone
{
    /// <summary>The table of frames, with a pfn as the index; only the zone's own may be touched.</summary>
    public PageFrame* Frames => _frames;

    /// <summary>
    /// Takes <paramref name="pages"/> pages in a row: the first ones of a block. O(orders) up to the largest block; beyond it O(blocks
    /// of the zone), the lowest row of free blocks.
    /// </summary>
    /// <param name="pages">At least 1.</param>
    /// <returns>Pfn of the first page, aligned to the power of two at or above the count (up to the largest block), or
    /// <see cref="None"/>.</returns>
    public uint AllocateExact(uint pages) => PageRows.AllocateExact(ref this, pages);

    /// <summary>
    /// Takes <paramref name="pages"/> pages in a row, from <paramref name="lowestPfn"/> on, from the smallest run of free pages that
    /// holds them: a best fit among the first <see cref="FreeRuns.Candidates"/> blocks of each list, each joined with up to
    /// <see cref="FreeRuns.Neighbours"/> free blocks on either side. Bounded: at most some thousand steps on a zone in pieces, a few when
    /// one fits exactly, and one for each free block below <paramref name="lowestPfn"/>.
    /// </summary>
    /// <remarks>
    /// For callers that hold many rows of many sizes for long: the buddy's own choice, the last block freed, spreads them until no large
    /// run is left. With this one free memory stays in one piece nearly as well as under an exact best fit (a test compares them).
    /// </remarks>
    /// <param name="pages">How many.</param>
    /// <param name="lowestPfn">None of them below this one.</param>
    /// <param name="quick">Be content with the best of <see cref="FreeRuns.QuickCandidates"/> blocks of all lists: for short rows that are
    /// taken often.</param>
    /// <returns>Pfn of the first page, or <see cref="None"/> if none of those runs is long enough; <see cref="AllocateRow"/> looks
    /// everywhere.</returns>
    public uint AllocateFitting(uint pages, uint lowestPfn, bool quick) => PageRows.AllocateFitting(ref this, pages, lowestPfn, quick);

    /// <summary>
    /// Takes the lowest <paramref name="pages"/> pages in a row from <paramref name="lowestPfn"/> on; fails only if there are none.
    /// O(blocks of the zone), holes counting as blocks of one page: the last resort, and the way to more than the largest block.
    /// </summary>
    public uint AllocateRow(uint pages, uint lowestPfn) => PageRows.AllocateRow(ref this, pages, lowestPfn);

    /// <summary>
    /// As <see cref="AllocateExact"/> up to the largest block, but from <paramref name="lowestPfn"/> on: the first block of the
    /// smallest sufficient order that starts there. O(orders + blocks below that lie before it in the lists). For aligned rows: others
    /// leave no pages over with <see cref="AllocateFitting"/>.
    /// </summary>
    public uint AllocateAbove(uint pages, uint lowestPfn) => PageRows.AllocateAbove(ref this, pages, lowestPfn);

    /// <summary>
    /// Gives back the pages behind the first <paramref name="keep"/> of a row that <see cref="AllocateExact"/> gave. O(blocks of the row).
    /// </summary>
    /// <param name="pfn">First page of the row.</param>
    /// <param name="pages">Pages it has.</param>
    /// <param name="keep">Pages it shall have, 1..<paramref name="pages"/>.</param>
    public void Shrink(uint pfn, uint pages, uint keep) => PageRows.Shrink(ref this, pfn, pages, keep);

    /// <summary>
    /// Gives back a whole row of <see cref="AllocateExact"/>. O(blocks of the row). A page in it that is not allocated is a BUG.
    /// </summary>
    public void FreeExact(uint pfn, uint pages) => PageRows.FreeExact(ref this, pfn, pages);
}
