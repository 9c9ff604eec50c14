using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Free memory: the walk over "memory minus reserved", and the search for a place. The walk gives the free part of each
/// memory region separately, so two regions that touch but differ in flags give two ranges; between two reservations
/// that touch but differ in flags it gives an empty range, as Linux's does.
/// </summary>
/// <remarks>
/// The search takes the memory regions in turn. In each it starts with a binary search for the gap at the end that it looks from, then
/// goes from block to block of the reservations, and through those that may have a gap large enough: O(log n + blocks + one block) for
/// each memory region, unless alignment or the region's end makes a gap unfit that is large enough.
/// </remarks>
internal static unsafe class MemblockSearch
{
    /// <summary>See <see cref="MemblockAllocator.Next"/>.</summary>
    internal static bool Next(ref MemblockAllocator m, ref MemblockCursor cursor)
    {
        for (; cursor.Memory < m.Memory.Count; cursor.Memory++)
        {
            MemblockRegion* region = m.Memory.At(cursor.Memory);
            if (Skips(ref m, region, MemblockFlags.None))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap <= m.Reserved.Count; cursor.Gap++)
            {
                ulong gapStart = GapStart(ref m.Reserved, cursor.Gap);
                if (gapStart >= end)
                {
                    break;
                }

                ulong gapEnd = GapEnd(ref m.Reserved, cursor.Gap);
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
            if (Skips(ref m, region, MemblockFlags.None))
            {
                continue;
            }

            ulong end = region->End;
            for (; cursor.Gap > 0; cursor.Gap--)
            {
                ulong gapEnd = GapEnd(ref m.Reserved, cursor.Gap - 1);
                if (gapEnd <= region->Base)
                {
                    break;
                }

                ulong gapStart = GapStart(ref m.Reserved, cursor.Gap - 1);
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
        for (uint i = m.Memory.FirstEndingAbove(start); i < m.Memory.Count; i++)
        {
            MemblockRegion* region = m.Memory.At(i);
            if (region->Base >= end)
            {
                break;
            }

            ulong low = region->Base > start ? region->Base : start;
            ulong high = region->End < end ? region->End : end;
            if (low < high && high - low >= size && !Skips(ref m, region, wanted))
            {
                ulong found = LowestIn(ref m.Reserved, low, high, size, align);
                if (found != PhysicalAddress.None)
                {
                    return found;
                }
            }
        }

        return PhysicalAddress.None;
    }

    private static ulong FindHighest(ref MemblockAllocator m, ulong start, ulong end, ulong size, ulong align, uint wanted)
    {
        for (uint i = m.Memory.CountStartingBelow(end); i > 0; i--)
        {
            MemblockRegion* region = m.Memory.At(i - 1);
            if (region->End <= start)
            {
                break;
            }

            ulong low = region->Base > start ? region->Base : start;
            ulong high = region->End < end ? region->End : end;
            if (low < high && high - low >= size && !Skips(ref m, region, wanted))
            {
                ulong found = HighestIn(ref m.Reserved, low, high, size, align);
                if (found != PhysicalAddress.None)
                {
                    return found;
                }
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>The lowest fitting address in [low, high), which is memory; or none.</summary>
    private static ulong LowestIn(ref MemblockTable reserved, ulong low, ulong high, ulong size, ulong align)
    {
        uint bounded = MemblockTable.Bounded(size);
        uint gap = reserved.FirstEndingAbove(low);
        ulong gapStart;
        while (true)
        {
            gap = reserved.SkipUp(gap, bounded);
            gapStart = GapStart(ref reserved, gap);
            if (gap == reserved.Count || gapStart >= high)
            {
                break;
            }

            uint first = reserved.BlockStart(gap);
            uint after = reserved.BlockEnd(first);
            MemblockRegion* cells = reserved.Ring(first, out uint head, out uint mask);
            bool whole = gap == first;
            ulong largest = 0;
            for (; gap < after; gap++)
            {
                MemblockRegion* region = cells + ((head + gap) & mask);
                ulong room = region->Base - gapStart;
                if (room >= size)
                {
                    ulong found = Fit(gapStart, region->Base, low, high, size, align, false);
                    if (found != PhysicalAddress.None || gapStart >= high)
                    {
                        return found;
                    }
                }

                largest = room > largest ? room : largest;
                gapStart = region->End;
            }

            if (whole)
            {
                reserved.SetBound(first, largest);
            }
        }

        return Fit(gapStart, ulong.MaxValue, low, high, size, align, false);
    }

    /// <summary>The highest fitting address in [low, high), which is memory; or none.</summary>
    private static ulong HighestIn(ref MemblockTable reserved, ulong low, ulong high, ulong size, ulong align)
    {
        uint bounded = MemblockTable.Bounded(size);
        uint gap = reserved.FirstEndingAbove(high - 1);
        if (gap == reserved.Count)
        {
            ulong above = Fit(GapStart(ref reserved, gap), ulong.MaxValue, low, high, size, align, true);
            if (above != PhysicalAddress.None || gap == 0)
            {
                return above;
            }

            gap--;
        }

        while (reserved.SkipDown(ref gap, bounded))
        {
            ulong gapEnd = GapEnd(ref reserved, gap);
            uint first = reserved.BlockStart(gap);
            bool whole = gap + 1 == reserved.BlockEnd(first);
            MemblockRegion* cells = reserved.Ring(first, out uint head, out uint mask);
            ulong largest = 0;
            while (true)
            {
                // The cell before the block's first is another's.
                MemblockRegion* below = cells + ((head + gap - 1) & mask);
                ulong gapStart = gap == first ? GapStart(ref reserved, first) : below->End;
                ulong room = gapEnd - gapStart;
                if (room >= size)
                {
                    ulong found = Fit(gapStart, gapEnd, low, high, size, align, true);
                    if (found != PhysicalAddress.None || gapEnd <= low)
                    {
                        return found;
                    }
                }

                largest = room > largest ? room : largest;
                if (gap == first)
                {
                    break;
                }

                gapEnd = below->Base;
                gap--;
            }

            if (whole)
            {
                reserved.SetBound(first, largest);
            }

            if (first == 0 || gapEnd <= low)
            {
                break;
            }

            gap = first - 1;
        }

        return PhysicalAddress.None;
    }

    /// <summary>Where the bytes fit into what [low, high) and a gap have in common: as high or as low as possible; or none.</summary>
    private static ulong Fit(ulong gapStart, ulong gapEnd, ulong low, ulong high, ulong size, ulong align, bool top)
    {
        ulong from = gapStart > low ? gapStart : low;
        ulong to = gapEnd < high ? gapEnd : high;
        if (to < from || to - from < size)
        {
            return PhysicalAddress.None;
        }

        if (top)
        {
            ulong highest = Bits.RoundDown(to - size, align);
            return highest >= from ? highest : PhysicalAddress.None;
        }

        ulong lowest = Bits.RoundUp(from, align);
        return lowest >= from && lowest < to && to - lowest >= size ? lowest : PhysicalAddress.None;
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

    private static ulong GapStart(ref MemblockTable reserved, uint gap)
    {
        return gap == 0 ? 0 : reserved.At(gap - 1)->End;
    }

    private static ulong GapEnd(ref MemblockTable reserved, uint gap)
    {
        return gap == reserved.Count ? ulong.MaxValue : reserved.At(gap)->Base;
    }
}
