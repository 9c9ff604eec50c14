using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// The page allocator of one zone, a range of pages [start, end): blocks of 2^order pages, orders 0..10, aligned to their
/// size, in one last-in-first-out list per order.
/// </summary>
/// <remarks>
/// Life of a page: reserved (nobody's, or owned since boot) - handed over once, in a block - then allocated and freed for
/// ever. What Linux 2.6.34 does, block for block: a block that becomes free merges with its buddy (the block that differs in
/// the one bit of its order) while that is free and of the same order, up to order 10, and goes to the head of its list;
/// an allocation takes the head of the smallest sufficient order, keeps the lower part and pushes the upper halves.
/// Pages outside the zone are never anybody's buddy.
/// <para>
/// Everything is O(1) in the number of pages: at most 11 steps, each touching one or two <see cref="PageFrame"/>s. No page
/// of memory is itself touched. The frames lie in a table that the caller gives, 8 bytes per page.
/// </para>
/// <para>
/// Every contract is checked in every build: a block is taken back only with the order it was given with, which finds
/// a double free, a wrong order, a misaligned or foreign pfn with the same single comparison.
/// </para>
/// Files: Zone.cs (the hot paths), Zone.HandOver.cs (pages that come from the boot allocators), Zone.Sections.cs (frames that are cleared
/// when they are first needed), Zone.Rows.cs (exact page counts), Zone.Inspect.cs (counts, lists, walk, self-check).
/// </remarks>
public unsafe partial struct Zone
{
    /// <summary>The largest order: blocks of 1,024 pages, 4 MiB.</summary>
    public const uint MaxOrder = PageBlock.MaxOrder;

    /// <summary>Number of orders.</summary>
    public const uint Orders = MaxOrder + 1;

    /// <summary>"No block": returned when nothing is free, and at the end of a list.</summary>
    public const uint None = PageFrame.NoLink;

    /// <summary>Ends above this cannot be managed: links have 28 bits and the last value means "none".</summary>
    public const uint MaxEndPfn = PageFrame.NoLink;

    /// <summary>The table, biased so that a pfn is the index; ours from the section of _startPfn to _endPfn.</summary>
    private PageFrame* _frames;

    private uint _startPfn;
    private uint _endPfn;
    private uint _spanPages;
    private uint _managedPages;

    /// <summary>Nothing from here on was ever handed over.</summary>
    private uint _handedEndPfn;

    /// <summary>First block of each order's list, or <see cref="None"/>.</summary>
    private fixed uint _heads[(int)Orders];

    /// <summary>Blocks in each order's list.</summary>
    private fixed uint _counts[(int)Orders];

    private KernelLog* _log;

    /// <summary>
    /// Makes an empty zone: every page is reserved until it is handed over. Writes one frame for each 4 MiB and clears those of
    /// incomplete sections at both ends. O(sections).
    /// </summary>
    /// <param name="log">Where broken contracts are reported.</param>
    /// <param name="table">Frames of [<paramref name="tableFirstPfn"/>, at least <paramref name="endPfn"/>), 8 bytes aligned; any
    /// content.</param>
    /// <param name="tableFirstPfn">The pfn of the table's first frame: at most the largest multiple of 1,024 that is not above
    /// <paramref name="startPfn"/>.</param>
    /// <param name="startPfn">First page of the zone.</param>
    /// <param name="endPfn">End of the zone (exclusive), at most <see cref="MaxEndPfn"/>; equal to the start for a zone without
    /// pages.</param>
    public void Init(KernelLog* log, PageFrame* table, uint tableFirstPfn, uint startPfn, uint endPfn)
    {
        if (tableFirstPfn > SectionOf(startPfn) || startPfn > endPfn || endPfn > MaxEndPfn)
        {
            log->Bug(
                "zone %x-%x with a page table from %x: needs table <= start of the zone's first 4 MiB, start <= end <= %x",
                startPfn,
                endPfn,
                tableFirstPfn,
                MaxEndPfn);
            return;
        }

        _log = log;
        _frames = (PageFrame*)((byte*)table - ((nuint)tableFirstPfn << PageFrame.SizeShift));
        _startPfn = startPfn;
        _endPfn = endPfn;
        _spanPages = endPfn - startPfn;
        _managedPages = 0;
        _handedEndPfn = startPfn;
        for (uint order = 0; order < Orders; order++)
        {
            _heads[order] = None;
            _counts[order] = 0;
        }

        FreshSections.Start(ref this);
    }

    /// <summary>Takes a block of 2^<paramref name="order"/> pages (2.6.34 buddy). O(1): at most 10 splits.</summary>
    /// <param name="order">0..10; a larger one is never available.</param>
    /// <returns>Pfn of the first page, aligned to the block's size, or <see cref="None"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Allocate(uint order)
    {
        if (order >= MaxOrder)
        {
            return AllocateLargest(order);
        }

        uint pfn = _heads[order];
        if (pfn == None)
        {
            return AllocateFromLarger(order);
        }

        PageFrame* frame = _frames + pfn;
        uint forward = frame->Forward;
        if (forward >= PageFrame.FreshTag)
        {
            return AllocateFromFresh(order);
        }

        // The new head's Back stays stale: a head is recognized by the list, not by its own link.
        _heads[order] = forward & PageFrame.LinkMask;
        _counts[order]--;
        frame->Forward = PageFrame.AllocatedTag | order;
        return pfn;
    }

    /// <summary>
    /// Gives back a block that <see cref="Allocate"/> returned, whole and once (2.6.34 buddy). O(1): at most 10 merges.
    /// Anything else is a BUG that names what was found.
    /// </summary>
    /// <param name="pfn">First page of the block.</param>
    /// <param name="order">The order it was allocated with.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(uint pfn, uint order)
    {
        PageFrame* frames = _frames;
        PageFrame* frame = frames + pfn;
        if (order < MaxOrder && pfn - _startPfn < _spanPages && frame->Forward == (PageFrame.AllocatedTag | order)
            && frames[SectionOf(pfn)].Forward < PageFrame.FreshTag)
        {
            uint buddy = pfn ^ (1u << (int)order);
            if (buddy < _endPfn && (frames[buddy].Forward >> PageFrame.TagShift) - 1 == order)
            {
                Merge(pfn, order);
                return;
            }

            uint oldHead = _heads[order];
            _heads[order] = pfn;
            _counts[order]++;
            frame->Forward = ((order + 1) << PageFrame.TagShift) | oldHead;
            if (oldHead != None)
            {
                frames[oldHead].Back = pfn;
            }

            return;
        }

        FreeLargest(pfn, order);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AllocateFromFresh(uint order) => TakeHead(_heads[order], order, order);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AllocateLargest(uint order)
    {
        uint pfn = _heads[MaxOrder];
        return order == MaxOrder && pfn != None ? TakeHead(pfn, MaxOrder, MaxOrder) : None;
    }

    /// <summary>A block of the largest order has no buddy. Whatever else comes here is refused.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeLargest(uint pfn, uint order)
    {
        if (order != MaxOrder || pfn - _startPfn >= _spanPages || _frames[pfn].Forward != (PageFrame.AllocatedTag | MaxOrder)
            || IsFresh(pfn))
        {
            ZoneRefusals.Free(ref this, _log, pfn, order);
            return;
        }

        Push(pfn, order);
    }

    /// <summary>
    /// The order's own list is empty: takes the head of the next larger one that is not and cuts it down. The lists in between
    /// are empty too, so each upper half becomes its list's only entry.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AllocateFromLarger(uint order)
    {
        uint from = order;
        uint pfn;
        do
        {
            from++;
            if (from > MaxOrder)
            {
                return None;
            }

            pfn = _heads[from];
        }
        while (pfn == None);

        _ = TakeHead(pfn, from, order);
        do
        {
            from--;
            uint upper = pfn + (1u << (int)from);
            _heads[from] = upper;
            _counts[from] = 1;
            _frames[upper].Forward = ((from + 1) << PageFrame.TagShift) | None;
        }
        while (from != order);

        return pfn;
    }

    /// <summary>Takes the first block out of its list; its first page is an allocated head of order <paramref name="to"/> now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint TakeHead(uint pfn, uint order, uint to)
    {
        PageFrame* frame = _frames + pfn;
        uint forward = frame->Forward;
        _heads[order] = forward & PageFrame.LinkMask;
        _counts[order]--;
        if (forward >= PageFrame.FreshTag)
        {
            FreshSections.Open(ref this, pfn);
        }

        frame->Forward = PageFrame.AllocatedTag | to;
        return pfn;
    }

    /// <summary>
    /// Puts a block at the head of its list, merged with its free buddies. The caller has checked it. The way without a merge is kept
    /// apart and short.
    /// </summary>
    internal void Insert(uint pfn, uint order)
    {
        uint buddy = pfn ^ (1u << (int)order);
        if (order < MaxOrder && buddy < _endPfn && (_frames[buddy].Forward >> PageFrame.TagShift) - 1 == order)
        {
            Merge(pfn, order);
            return;
        }

        Push(pfn, order);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Merge(uint pfn, uint order)
    {
        // Neither half stays a head; what they become says so in Push.
        _frames[pfn].Forward = 0;
        do
        {
            uint buddy = pfn ^ (1u << (int)order);
            if (buddy >= _endPfn)
            {
                break;
            }

            uint forward = _frames[buddy].Forward;
            if ((forward >> PageFrame.TagShift) - 1 != order)
            {
                break;
            }

            if (_heads[order] == buddy)
            {
                _heads[order] = forward & PageFrame.LinkMask;
            }
            else
            {
                Unlink(buddy, forward);
            }

            _counts[order]--;
            _frames[buddy].Forward = 0;
            pfn &= buddy;
            order++;
        }
        while (order < MaxOrder);

        Push(pfn, order);
    }

    /// <summary>Puts a block at the head of its list, as <see cref="Free"/> does by itself.</summary>
    private void Push(uint pfn, uint order) => Push(pfn, order, (order + 1) << PageFrame.TagShift);

    /// <summary>As <see cref="Push(uint, uint)"/>, with a tag of the caller's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Push(uint pfn, uint order, uint tag)
    {
        uint oldHead = _heads[order];
        _heads[order] = pfn;
        _counts[order]++;
        _frames[pfn].Forward = tag | oldHead;
        if (oldHead != None)
        {
            _frames[oldHead].Back = pfn;
        }
    }

    /// <summary>Takes a block that is not the head out of its list; <paramref name="forward"/> is its tag and next link.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Unlink(uint pfn, uint forward)
    {
        // The previous one keeps its tag: it may be a fresh section, and this one none.
        uint previous = _frames[pfn].Back;
        uint next = forward & PageFrame.LinkMask;
        _frames[previous].Forward = (_frames[previous].Forward & ~PageFrame.LinkMask) | next;
        if (next != None)
        {
            _frames[next].Back = previous;
        }
    }

    /// <summary>Takes one free block out of its list, wherever it is there.</summary>
    internal void Take(uint pfn, uint order)
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
        if (forward >= PageFrame.FreshTag)
        {
            FreshSections.Open(ref this, pfn);
        }

        _frames[pfn].Forward = PageFrame.AllocatedTag | order;
    }
}
