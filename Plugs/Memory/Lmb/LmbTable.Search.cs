using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>
/// Searching a table. Each question has two answers that agree: by halving while the table is in order, by walking from the
/// front when it is not.
/// </summary>
public unsafe partial struct LmbTable
{
    /// <summary>Index of the first region that shares a byte with [start, start + size), or <see cref="NotFound"/>. O(log n)
    /// in order, else O(n).</summary>
    public readonly int FindOverlap(ulong start, ulong size)
    {
        ulong end = start + size;
        uint index = 0;
        if (_inOrder && end >= start)
        {
            index = FirstEndingAbove(start);
            return index < Count && _regions[index].Base < end ? (int)index : NotFound;
        }

        for (; index < Count; index++)
        {
            if (start < _regions[index].End && _regions[index].Base < end)
            {
                return (int)index;
            }
        }

        return NotFound;
    }

    /// <summary>
    /// The highest aligned address in [bottom, top) for which [address, address + bytes) meets no region, found by going
    /// below the first region in the way, again and again; <see cref="PhysicalAddress.None"/> if there is none. In order:
    /// O(log n + regions passed); else O(n) for each step.
    /// </summary>
    /// <param name="bottom">Lowest address that will do; 0 itself never does.</param>
    /// <param name="top">First byte that must not be used.</param>
    /// <param name="bytes">Not 0.</param>
    /// <param name="align">A power of two.</param>
    public readonly ulong FindFreeBelow(ulong bottom, ulong top, ulong bytes, ulong align)
    {
        // In order, regions from this one on start at or above the top: they are never in the way.
        uint below = _inOrder ? CountStartingBelow(top) : Count;
        while (top >= bytes)
        {
            ulong candidate = Bits.RoundDown(top - bytes, align);
            if (candidate == 0 || candidate < bottom)
            {
                return PhysicalAddress.None;
            }

            int inTheWay = _inOrder ? StepBelow(ref below, candidate, candidate + bytes) : FindOverlap(candidate, bytes);
            if (inTheWay == NotFound)
            {
                return candidate;
            }

            top = _regions[inTheWay].Base;
        }

        return PhysicalAddress.None;
    }

    /// <summary>True if a region holds the byte at an address. O(log n) in order, else O(n).</summary>
    public readonly bool Holds(ulong address)
    {
        if (_inOrder)
        {
            uint index = FirstEndingAbove(address);
            return index < Count && _regions[index].Base <= address;
        }

        for (uint i = 0; i < Count; i++)
        {
            // The last byte, not the end: an empty region at 0 then reaches to the top, as in 2.6.34.
            if (address >= _regions[i].Base && address <= _regions[i].Base + (_regions[i].Size - 1))
            {
                return true;
            }
        }

        return false;
    }

    private readonly int FindHolder(ulong start, ulong end)
    {
        uint index = 0;
        if (_inOrder && end > start)
        {
            index = FirstEndingAbove(start);
            return index < Count && _regions[index].Base <= start && end <= _regions[index].End ? (int)index : NotFound;
        }

        for (; index < Count; index++)
        {
            if (_regions[index].Base <= start && end <= _regions[index].End)
            {
                return (int)index;
            }
        }

        return NotFound;
    }

    /// <summary>In order only: index of the lowest region whose end lies above an address; Count if none. O(log n).</summary>
    private readonly uint FirstEndingAbove(ulong address)
    {
        return OrderedRanges.FirstEndingAbove(_regions, (uint)sizeof(LmbRegion), Count, address);
    }

    /// <summary>In order only: number of regions whose base lies below an address. O(log n).</summary>
    private readonly uint CountStartingBelow(ulong address)
    {
        return OrderedRanges.CountStartingBelow(_regions, (uint)sizeof(LmbRegion), Count, address);
    }

    /// <summary>In order only: the lowest region that meets [start, end), looked for downwards from region
    /// <paramref name="below"/>, which moves along; or <see cref="NotFound"/>.</summary>
    private readonly int StepBelow(ref uint below, ulong start, ulong end)
    {
        while (below > 0 && _regions[below - 1].Base >= end)
        {
            below--;
        }

        int lowest = NotFound;
        while (below > 0 && _regions[below - 1].End > start)
        {
            below--;
            lowest = (int)below;
        }

        return lowest;
    }

    private static bool Joins(LmbRegion* region, ulong start, ulong size)
    {
        return (region->Base == start && region->Size == size) || region->Base == start + size || region->End == start;
    }

    /// <summary>First region that equals or touches the range, whatever the order.</summary>
    private readonly int FindJoin(ulong start, ulong size)
    {
        for (uint i = 0; i < Count; i++)
        {
            if (Joins(_regions + i, start, size))
            {
                return (int)i;
            }
        }

        return NotFound;
    }

    /// <summary>The same in a table in order: the region that ends at the start, else the one that starts there, else the
    /// one that starts at the end.</summary>
    private readonly int FindJoinOrdered(ulong start, ulong size)
    {
        ulong end = start + size;
        if (end < start || size == 0)
        {
            return FindJoin(start, size);
        }

        uint index = FirstEndingAbove(start);
        if (index > 0 && Joins(_regions + index - 1, start, size))
        {
            return (int)index - 1;
        }

        if (index < Count && Joins(_regions + index, start, size))
        {
            return (int)index;
        }

        index = FirstEndingAbove(end);
        return index < Count && _regions[index].Base == end ? (int)index : NotFound;
    }
}
