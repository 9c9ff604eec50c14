namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// The interval algebra: putting ranges into a list and taking them out. All of memblock's changes of its lists are one
/// of three: add a range (fill the gaps that it covers), remove a range, isolate a range (split the regions at its
/// ends, so that flags can be set on it alone).
/// </summary>
/// <remarks>
/// Room is asked for in Linux's measure, which decides when a list doubles: adding needs one slot for each gap that the
/// range fills, even if the pieces then merge away; removing and isolating need two, even if nothing is split.
/// </remarks>
internal static unsafe class MemblockRanges
{
    /// <summary>See <see cref="MemblockAllocator.Add"/>.</summary>
    internal static bool AddRange(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size)
    {
        size = MemblockAllocator.CapSize(start, size);
        if (size == 0)
        {
            return true;
        }

        ulong end = start + size;
        uint first;
        uint after;
        uint gaps;
        while (true)
        {
            first = table.FirstEndingAbove(start);
            gaps = CountGaps(ref table, first, start, end, out after);
            if (gaps == 0)
            {
                return true;
            }

            if (table.Count + gaps <= table.Capacity)
            {
                break;
            }

            // Growing reserves the new list, so the gaps have to be counted again.
            if (!MemblockGrowth.Grow(ref m, ref table, start, size))
            {
                return false;
            }
        }

        if (first == after)
        {
            InsertBetween(ref table, first, start, size);
        }
        else
        {
            FillGaps(ref table, first, after, gaps, start, end);
        }

        return true;
    }

    /// <summary>See <see cref="MemblockAllocator.Remove"/>.</summary>
    internal static bool RemoveRange(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size)
    {
        size = MemblockAllocator.CapSize(start, size);
        if (size == 0)
        {
            return true;
        }

        if (!MemblockGrowth.MakeRoomToSplit(ref m, ref table, start, size))
        {
            return false;
        }

        ulong end = start + size;
        uint first = table.FirstEndingAbove(start);
        uint after = table.CountStartingBelow(end);
        if (first >= after)
        {
            return true;
        }

        MemblockRegion* lowest = table.At(first);
        MemblockRegion* highest = table.At(after - 1);
        ulong highestEnd = highest->End;
        uint highestFlags = highest->Flags;
        bool leavesTail = highestEnd > end;
        if (lowest->Base < start)
        {
            bool inside = leavesTail && first == after - 1;
            table.Resize(first, lowest->Base, start - lowest->Base);
            first++;
            if (inside)
            {
                table.Open(first, 1);
                table.Put(first, end, highestEnd - end, highestFlags);
                table.NoteGap(first, size);
                return true;
            }
        }

        if (leavesTail)
        {
            after--;
            table.Resize(after, end, highestEnd - end);
        }

        if (after > first)
        {
            table.Take(first, after - first);
        }

        return true;
    }

    /// <summary>
    /// Splits the regions at both ends of [start, start + size), so that regions first..after-1 are exactly what of the
    /// list lies inside. Both are 0 if nothing does. O(log n) plus the entries moved.
    /// </summary>
    internal static bool Isolate(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size, out uint first, out uint after)
    {
        first = 0;
        after = 0;
        size = MemblockAllocator.CapSize(start, size);
        if (size == 0)
        {
            return true;
        }

        if (!MemblockGrowth.MakeRoomToSplit(ref m, ref table, start, size))
        {
            return false;
        }

        ulong end = start + size;
        uint low = table.FirstEndingAbove(start);
        uint high = table.CountStartingBelow(end);
        if (low >= high)
        {
            return true;
        }

        if (table.At(low)->Base < start)
        {
            Split(ref table, low, start);
            low++;
            high++;
        }

        if (table.At(high - 1)->End > end)
        {
            Split(ref table, high - 1, end);
        }

        first = low;
        after = high;
        return true;
    }

    /// <summary>Counts the parts of [start, end) that no region covers.</summary>
    /// <param name="table">The list.</param>
    /// <param name="first">Lowest region ending above start.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte after.</param>
    /// <param name="after">Lowest region starting at or above end: regions first..after-1 overlap the range.</param>
    private static uint CountGaps(ref MemblockTable table, uint first, ulong start, ulong end, out uint after)
    {
        uint gaps = 0;
        uint index = first;
        ulong covered = start;
        while (index < table.Count)
        {
            MemblockRegion* region = table.At(index);
            if (region->Base >= end)
            {
                break;
            }

            if (region->Base > covered)
            {
                gaps++;
            }

            covered = region->End;
            index++;
        }

        after = index;
        return covered < end ? gaps + 1 : gaps;
    }

    /// <summary>Puts a range between regions index-1 and index, which it does not overlap; extends them where it can, so
    /// that nothing is moved then.</summary>
    private static void InsertBetween(ref MemblockTable table, uint index, ulong start, ulong size)
    {
        ulong end = start + size;
        MemblockRegion* lower = index > 0 ? table.At(index - 1) : null;
        MemblockRegion* upper = index < table.Count ? table.At(index) : null;
        bool joinsLower = lower != null && lower->End == start && lower->Flags == MemblockFlags.None;
        bool joinsUpper = upper != null && upper->Base == end && upper->Flags == MemblockFlags.None;
        if (joinsLower)
        {
            ulong lowerBase = lower->Base;
            end = joinsUpper ? upper->End : end;
            table.Resize(index - 1, lowerBase, end - lowerBase);
            if (joinsUpper)
            {
                table.Take(index, 1);
            }
        }
        else if (joinsUpper)
        {
            table.Resize(index, start, upper->End - start);
        }
        else
        {
            ulong gap = start - (lower == null ? 0 : lower->End);
            table.Open(index, 1);
            table.Put(index, start, size, MemblockFlags.None);
            table.NoteGap(index, gap);
        }
    }

    /// <summary>Puts a plain region into every gap of [start, end) between regions first..after-1, then merges.</summary>
    private static void FillGaps(ref MemblockTable table, uint first, uint after, uint gaps, ulong start, ulong end)
    {
        // The overlapped regions move up by the number of gaps, then everything is laid down again from below. Reading
        // stays ahead of writing: a written slot is always below the region that is read next.
        table.Open(first, gaps);
        uint read = first + gaps;
        uint write = first;
        uint stop = after + gaps;
        uint lowestPut = uint.MaxValue;
        uint afterPut = 0;
        ulong covered = start;
        while (true)
        {
            ulong gapEnd = read < stop ? table.At(read)->Base : end;
            if (gapEnd > covered)
            {
                table.Put(write, covered, gapEnd - covered, MemblockFlags.None);
                if (lowestPut == uint.MaxValue)
                {
                    lowestPut = write;
                }

                write++;
                afterPut = write;
            }

            if (read == stop)
            {
                break;
            }

            covered = table.At(read)->End;
            table.Copy(write, read);
            read++;
            write++;
        }

        table.NoteGaps(first, write);
        table.Merge(lowestPut, afterPut);
    }

    /// <summary>Cuts region <paramref name="index"/> in two at an address inside it.</summary>
    private static void Split(ref MemblockTable table, uint index, ulong address)
    {
        ulong lower = table.At(index)->Base;
        ulong end = table.At(index)->End;
        uint flags = table.At(index)->Flags;
        table.Open(index, 1);
        table.Put(index, lower, address - lower, flags);
        table.Resize(index + 1, address, end - address);
    }
}
