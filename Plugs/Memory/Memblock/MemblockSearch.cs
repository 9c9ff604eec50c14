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
internal static unsafe class MemblockSearch
{
    /// <summary>See <see cref="MemblockAllocator.Next"/>.</summary>
    internal static bool Next(ref MemblockAllocator m, ref MemblockCursor cursor)
    {
        for (; cursor.Memory < m.Memory.Count; cursor.Memory++)
        {
            MemblockRegion* region = m.Memory.At(cursor.Memory);
            if (Skips(ref m, region, cursor.Wanted))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap <= m.Reserved.Count; cursor.Gap++)
            {
                ulong gapStart = GapStart(ref m, cursor.Gap);
                if (gapStart >= end)
                {
                    break;
                }

                ulong gapEnd = GapEnd(ref m, cursor.Gap);
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

    /// <summary>See <see cref="MemblockAllocator.Previous"/>.</summary>
    internal static bool Previous(ref MemblockAllocator m, ref MemblockCursor cursor)
    {
        for (; cursor.Memory > 0; cursor.Memory--)
        {
            MemblockRegion* region = m.Memory.At(cursor.Memory - 1);
            if (Skips(ref m, region, cursor.Wanted))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap > 0; cursor.Gap--)
            {
                ulong gapEnd = GapEnd(ref m, cursor.Gap - 1);
                if (gapEnd <= region->Base)
                {
                    break;
                }

                ulong gapStart = GapStart(ref m, cursor.Gap - 1);
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

    /// <summary>See <see cref="MemblockAllocator.Find"/>.</summary>
    internal static ulong Find(ref MemblockAllocator m, ulong start, ulong end, ulong size, ulong align)
    {
        if (align != 0 && !Bits.IsPowerOfTwo(align))
        {
            m.Log->Bug("memblock: alignment 0x%x is no power of two", align);
            return PhysicalAddress.None;
        }

        if (size == 0 || align == 0)
        {
            return PhysicalAddress.None;
        }

        if (end == MemblockAllocator.Accessible || end == 1)
        {
            end = m.Limit;
        }

        if (start < PageSize.Bytes)
        {
            start = PageSize.Bytes;
        }

        if (m.HasMirror)
        {
            ulong found = FindWith(ref m, start, end, size, align, MemblockFlags.Mirror);
            if (found != PhysicalAddress.None)
            {
                return found;
            }

            m.Log->Print("Could not allocate 0x%016x bytes of mirrored memory\n", size);
        }

        return FindWith(ref m, start, end, size, align, MemblockFlags.None);
    }

    private static ulong FindWith(ref MemblockAllocator m, ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        return m.BottomUp ? FindLowest(ref m, start, end, size, align, wanted) : FindHighest(ref m, start, end, size, align, wanted);
    }

    private static ulong FindLowest(ref MemblockAllocator m, ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        MemblockCursor cursor = default;
        cursor.Wanted = wanted;
        cursor.Memory = m.Memory.FirstEndingAbove(start);
        cursor.Gap = m.Reserved.FirstEndingAbove(start);
        while (Next(ref m, ref cursor) && cursor.Start < end)
        {
            ulong from = cursor.Start > start ? cursor.Start : start;
            ulong to = cursor.End < end ? cursor.End : end;
            ulong candidate = Bits.RoundUp(from, align);
            if (candidate >= from && candidate < to && to - candidate >= size)
            {
                return candidate;
            }
        }

        return PhysicalAddress.None;
    }

    private static ulong FindHighest(ref MemblockAllocator m, ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        MemblockCursor cursor = default;
        cursor.Wanted = wanted;
        cursor.Memory = m.Memory.CountStartingBelow(end);
        cursor.Gap = m.Reserved.CountStartingBelow(end) + 1;
        while (Previous(ref m, ref cursor) && cursor.End > start)
        {
            ulong from = cursor.Start > start ? cursor.Start : start;
            ulong to = cursor.End < end ? cursor.End : end;
            if (to < size)
            {
                continue;
            }

            ulong candidate = Bits.RoundDown(to - size, align);
            if (candidate >= from)
            {
                return candidate;
            }
        }

        return PhysicalAddress.None;
    }

    private static bool Skips(ref MemblockAllocator m, MemblockRegion* region, uint wanted)
    {
        uint flags = region->Flags;
        if ((flags & (MemblockFlags.Nomap | MemblockFlags.Hotplug)) != 0)
        {
            if ((flags & MemblockFlags.Nomap) != 0 || m.MovableNode)
            {
                return true;
            }
        }

        return (flags & wanted) != wanted;
    }

    private static ulong GapStart(ref MemblockAllocator m, uint gap)
    {
        return gap == 0 ? 0 : m.Reserved.At(gap - 1)->End;
    }

    private static ulong GapEnd(ref MemblockAllocator m, uint gap)
    {
        return gap == m.Reserved.Count ? ulong.MaxValue : m.Reserved.At(gap)->Base;
    }
}
