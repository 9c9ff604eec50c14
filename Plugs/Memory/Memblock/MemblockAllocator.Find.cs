using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Free memory: the walk over "memory minus reserved", and the search for a place. The walk gives the free part of each
/// memory region separately, so two regions that touch but differ in flags give two ranges; between two reservations
/// that touch but differ in flags it gives an empty range, as Linux's does.
/// </summary>
/// <remarks>
/// The search starts with a binary search for the end of the window that it looks from (its start when going up), then
/// passes from gap to gap until one fits: O(log n + gaps passed). Merged reservations leave few gaps: allocations that
/// go top-down one below the other are one region, and the first gap fits.
/// </remarks>
public unsafe partial struct MemblockAllocator
{
    /// <summary>Alignment that <see cref="Alloc"/> takes for 0: the cache line.</summary>
    public const ulong DefaultAlign = 64;

    /// <summary>Starts a walk over all free ranges, ascending. O(1); <see cref="Next"/> is O(1) amortised.</summary>
    public readonly MemblockCursor FreeRanges()
    {
        MemblockCursor cursor = default;
        return cursor;
    }

    /// <summary>Starts a walk over all free ranges, descending. O(1); <see cref="Previous"/> is O(1) amortised.</summary>
    public readonly MemblockCursor FreeRangesFromTop()
    {
        MemblockCursor cursor = default;
        cursor.Memory = _memory.Count;
        cursor.Gap = _reserved.Count + 1;
        return cursor;
    }

    /// <summary>Goes to the next free range upwards: [Start, End) of the cursor. False at the end.</summary>
    public readonly bool Next(ref MemblockCursor cursor)
    {
        for (; cursor.Memory < _memory.Count; cursor.Memory++)
        {
            MemblockRegion* region = _memory.At(cursor.Memory);
            if (Skips(region, cursor.Wanted))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap <= _reserved.Count; cursor.Gap++)
            {
                ulong gapStart = GapStart(cursor.Gap);
                if (gapStart >= end)
                {
                    break;
                }

                ulong gapEnd = GapEnd(cursor.Gap);
                if (region->Base < gapEnd)
                {
                    cursor.Start = region->Base > gapStart ? region->Base : gapStart;
                    cursor.End = end < gapEnd ? end : gapEnd;
                    if (end <= gapEnd)
                    {
                        cursor.Memory++;
                    }
                    else
                    {
                        cursor.Gap++;
                    }

                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Goes to the next free range downwards: [Start, End) of the cursor. False at the end.</summary>
    public readonly bool Previous(ref MemblockCursor cursor)
    {
        for (; cursor.Memory > 0; cursor.Memory--)
        {
            MemblockRegion* region = _memory.At(cursor.Memory - 1);
            if (Skips(region, cursor.Wanted))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap > 0; cursor.Gap--)
            {
                ulong gapEnd = GapEnd(cursor.Gap - 1);
                if (gapEnd <= region->Base)
                {
                    break;
                }

                ulong gapStart = GapStart(cursor.Gap - 1);
                if (end > gapStart)
                {
                    cursor.Start = region->Base > gapStart ? region->Base : gapStart;
                    cursor.End = end < gapEnd ? end : gapEnd;
                    if (region->Base >= gapStart)
                    {
                        cursor.Memory--;
                    }
                    else
                    {
                        cursor.Gap--;
                    }

                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Looks for free memory without taking it: the highest address in [start, end) that fits (the lowest when bottom-up),
    /// never in page 0. If there is mirrored memory, that is looked at first, and the log says when it does not suffice.
    /// memblock 6.12.
    /// </summary>
    /// <param name="start">First byte that may be used; raised to 4096.</param>
    /// <param name="end">First byte that may not; <see cref="Accessible"/> (or 1, Linux's second name for it) or
    /// <see cref="Anywhere"/>.</param>
    /// <param name="size">Bytes; 0 finds nothing.</param>
    /// <param name="align">A power of two; 0 finds nothing, anything else is a bug.</param>
    /// <returns>The address, or <see cref="None"/>.</returns>
    public ulong Find(ulong start, ulong end, ulong size, ulong align)
    {
        if ((align & (align - 1)) != 0)
        {
            _log->Bug("memblock: alignment 0x%x is no power of two", align);
            return None;
        }

        if (size == 0 || align == 0)
        {
            return None;
        }

        if (end == Accessible || end == 1)
        {
            end = _limit;
        }

        if (start < PageSize.Bytes)
        {
            start = PageSize.Bytes;
        }

        if (_hasMirror)
        {
            ulong found = FindWith(start, end, size, align, MemblockFlags.Mirror);
            if (found != None)
            {
                return found;
            }

            _log->Print("Could not allocate 0x%016x bytes of mirrored memory\n", size);
        }

        return FindWith(start, end, size, align, MemblockFlags.None);
    }

    /// <summary>
    /// Takes free memory: <see cref="Find"/> and <see cref="Reserve"/>. The memory is not cleared. memblock 6.12.
    /// </summary>
    /// <param name="size">Bytes.</param>
    /// <param name="align">A power of two; 0 means <see cref="DefaultAlign"/>.</param>
    /// <param name="min">First byte that may be used.</param>
    /// <param name="max">First byte that may not, or <see cref="Accessible"/>, <see cref="Anywhere"/>.</param>
    /// <returns>The address, or <see cref="None"/>.</returns>
    public ulong Alloc(ulong size, ulong align, ulong min, ulong max)
    {
        ulong found = Find(min, max, size, align == 0 ? DefaultAlign : align);
        return found != None && Reserve(found, size) == Done ? found : None;
    }

    /// <summary>
    /// As <see cref="Alloc"/>, never above the limit, and tried again without the lower bound if that was the obstacle:
    /// a goal above all memory still gives memory. The memory is not cleared. memblock 6.12.
    /// </summary>
    public ulong AllocTry(ulong size, ulong align, ulong min, ulong max)
    {
        if (max > _limit)
        {
            max = _limit;
        }

        ulong found = Alloc(size, align, min, max);
        return found == None && min != 0 ? Alloc(size, align, 0, max) : found;
    }

    private readonly ulong FindWith(ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        return _bottomUp ? FindLowest(start, end, size, align, wanted) : FindHighest(start, end, size, align, wanted);
    }

    private readonly ulong FindLowest(ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        MemblockCursor cursor = default;
        cursor.Wanted = wanted;
        cursor.Memory = _memory.FirstEndingAbove(start);
        cursor.Gap = _reserved.FirstEndingAbove(start);
        while (Next(ref cursor) && cursor.Start < end)
        {
            ulong from = cursor.Start > start ? cursor.Start : start;
            ulong to = cursor.End < end ? cursor.End : end;
            ulong candidate = Bits.RoundUp(from, align);
            if (candidate >= from && candidate < to && to - candidate >= size)
            {
                return candidate;
            }
        }

        return None;
    }

    private readonly ulong FindHighest(ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        MemblockCursor cursor = default;
        cursor.Wanted = wanted;
        cursor.Memory = _memory.CountStartingBelow(end);
        cursor.Gap = _reserved.CountStartingBelow(end) + 1;
        while (Previous(ref cursor) && cursor.End > start)
        {
            ulong from = cursor.Start > start ? cursor.Start : start;
            ulong to = cursor.End < end ? cursor.End : end;
            if (to < size)
            {
                continue;
            }

            ulong candidate = (to - size) & ~(align - 1);
            if (candidate >= from)
            {
                return candidate;
            }
        }

        return None;
    }

    private readonly bool Skips(MemblockRegion* region, uint wanted)
    {
        uint flags = region->Flags;
        if ((flags & (MemblockFlags.Nomap | MemblockFlags.Hotplug)) != 0)
        {
            if ((flags & MemblockFlags.Nomap) != 0 || _movableNode)
            {
                return true;
            }
        }

        return (flags & wanted) != wanted;
    }

    private readonly ulong GapStart(uint gap)
    {
        return gap == 0 ? 0 : _reserved.At(gap - 1)->End;
    }

    private readonly ulong GapEnd(uint gap)
    {
        return gap == _reserved.Count ? ulong.MaxValue : _reserved.At(gap)->Base;
    }
}
