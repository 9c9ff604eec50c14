namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>
/// One of lmb's two tables: at most 128 regions in ascending order of base. Neighbors that touch exactly are merged;
/// overlaps are not noticed, so overlapping regions stand side by side, and extending one of them downwards can even
/// put it out of order. What the operations do then is defined by the order of the table: the first region that
/// matches counts.
/// </summary>
/// <remarks>
/// Searching is binary while the table is in order (sorted, no overlaps, no empty regions), which is what every sane
/// boot has; the table knows whether it is, and walks from the front when it is not. Both give the first match.
/// Behavior: 2.6.34 lmb, but for three cases in which 2.6.34 loses regions: adding to a table whose last region was
/// removed (the removed one comes back instead), adding below entry 0 of a table that is out of order (entry 0 is
/// overwritten), and extending a region there downwards onto the end of the region behind it (which is dropped).
/// </remarks>
public unsafe partial struct LmbTable
{
    /// <summary>Regions there is room for. 2.6.34: 128.</summary>
    public const uint Capacity = 128;

    /// <summary>Result of a search: no region.</summary>
    public const int NotFound = -1;

    private const int WordsPerRegion = 2;

    private fixed ulong _storage[(int)Capacity * WordsPerRegion];
    private LmbRegion* _regions;
    private bool _inOrder;

    /// <summary>Regions in use.</summary>
    public uint Count { get; private set; }

    /// <summary>Neighbors that ranges have been joined to since <see cref="Init"/>.</summary>
    public uint Merges { get; private set; }

    /// <summary>Makes the table fresh: one empty region at 0, which the first range that is added replaces. The struct must
    /// not move afterwards.</summary>
    public void Init()
    {
        fixed (ulong* storage = _storage)
        {
            _regions = (LmbRegion*)storage;
        }

        Count = 1;
        Merges = 0;
        _regions->Base = 0;
        _regions->Size = 0;
        _inOrder = false;
    }

    /// <summary>Region <paramref name="index"/>, below Count; valid until the table changes.</summary>
    public readonly LmbRegion* At(uint index)
    {
        return _regions + index;
    }

    /// <summary>
    /// Adds [start, start + size). A range that is there already is left; one that touches a region extends it, and what
    /// the extended region then touches is merged into it; else the range is inserted behind the last region that does
    /// not start above it. O(log n) in order, else O(n), plus the regions moved.
    /// </summary>
    /// <returns>False if the table is full.</returns>
    public bool Add(ulong start, ulong size)
    {
        if (Count == 1 && _regions->Size == 0)
        {
            _regions->Base = start;
            _regions->Size = size;
            CheckOrder();
            return true;
        }

        int match = _inOrder ? FindJoinOrdered(start, size) : FindJoin(start, size);
        if (match != NotFound)
        {
            Join((uint)match, start, size);
            return true;
        }

        if (Count >= Capacity)
        {
            return false;
        }

        Insert(start, size);
        return true;
    }

    /// <summary>
    /// Removes [start, start + size), which must lie in one region; the first that holds it counts. A cut in the middle
    /// adds the upper part as a range of its own. O(log n) in order, else O(n), plus the regions moved.
    /// </summary>
    /// <returns>False if no region holds the range, and also if the upper part found no room: then it is gone with the range,
    /// as in 2.6.34, and the caller must not go on as if nothing had happened.</returns>
    public bool Remove(ulong start, ulong size)
    {
        ulong end = start + size;
        int found = FindHolder(start, end);
        if (found == NotFound)
        {
            return false;
        }

        uint index = (uint)found;
        LmbRegion* region = _regions + index;
        ulong regionEnd = region->End;
        if (region->Base == start && regionEnd == end)
        {
            Take(index);
            return true;
        }

        if (region->Base == start)
        {
            region->Base = end;
            region->Size -= size;
            CheckOrderAround(index);
            return true;
        }

        if (regionEnd == end)
        {
            region->Size -= size;
            CheckOrderAround(index);
            return true;
        }

        region->Size = start - region->Base;
        return Add(end, regionEnd - end);
    }

    /// <summary>Bytes of all regions, overlaps counted twice. O(n).</summary>
    public readonly ulong SumOfSizes()
    {
        ulong sum = 0;
        for (uint i = 0; i < Count; i++)
        {
            sum += _regions[i].Size;
        }

        return sum;
    }

    /// <summary>Keeps the first <paramref name="count"/> regions, the last of them cut to <paramref name="lastSize"/> bytes.</summary>
    public void KeepFirst(uint count, ulong lastSize)
    {
        Count = count;
        _regions[count - 1].Size = lastSize;
        CheckOrder();
    }

    /// <summary>Cuts everything from <paramref name="end"/> on; regions that vanish are taken out. O(n).</summary>
    public void CutAbove(ulong end)
    {
        uint kept = 0;
        for (uint i = 0; i < Count; i++)
        {
            LmbRegion region = _regions[i];
            if (region.Base > end)
            {
                region.Size = 0;
            }
            else if (region.End > end)
            {
                region.Size = end - region.Base;
            }

            if (region.Size != 0)
            {
                _regions[kept] = region;
                kept++;
            }
        }

        Count = kept;
        CheckOrder();
    }

    /// <summary>
    /// Puts the table in order for good: sorts it, unites what overlaps or touches, drops empty regions. The set of bytes
    /// stays the same. O(n) if it is sorted already, else O(n^2).
    /// </summary>
    public void PutInOrder()
    {
        for (uint i = 1; i < Count; i++)
        {
            LmbRegion moving = _regions[i];
            uint slot = i;
            while (slot > 0 && _regions[slot - 1].Base > moving.Base)
            {
                _regions[slot] = _regions[slot - 1];
                slot--;
            }

            _regions[slot] = moving;
        }

        uint kept = 0;
        for (uint i = 0; i < Count; i++)
        {
            LmbRegion region = _regions[i];
            if (region.Size == 0)
            {
                continue;
            }

            if (kept > 0 && region.Base <= _regions[kept - 1].End)
            {
                if (region.End > _regions[kept - 1].End)
                {
                    _regions[kept - 1].Size = region.End - _regions[kept - 1].Base;
                }

                continue;
            }

            _regions[kept] = region;
            kept++;
        }

        Count = kept;
        CheckOrder();
    }

    /// <summary>Extends region <paramref name="index"/> by a range that equals or touches it, and merges what then touches
    /// the region behind it.</summary>
    private void Join(uint index, ulong start, ulong size)
    {
        LmbRegion* region = _regions + index;
        if (region->Base == start && region->Size == size)
        {
            return;
        }

        Merges++;
        if (region->Base == start + size)
        {
            region->Base = start;
        }

        region->Size += size;
        if (index + 1 < Count)
        {
            LmbRegion* next = region + 1;
            if (region->End == next->Base)
            {
                region->Size += next->Size;
                Take(index + 1);
                Merges++;
            }
            else if (next->End == region->Base)
            {
                // Only in a table out of order: the region behind lies right below. 2.6.34 adds its size at the wrong end.
                region->Base = next->Base;
                region->Size += next->Size;
                Take(index + 1);
                Merges++;
            }
        }

        CheckOrderAround(index);
    }

    private void Insert(ulong start, ulong size)
    {
        uint slot = Count;
        while (slot > 0 && start < _regions[slot - 1].Base)
        {
            _regions[slot] = _regions[slot - 1];
            slot--;
        }

        _regions[slot].Base = start;
        _regions[slot].Size = size;
        Count++;
        CheckOrderAround(slot);
    }

    private void Take(uint index)
    {
        Count--;
        for (uint i = index; i < Count; i++)
        {
            _regions[i] = _regions[i + 1];
        }

        if (!_inOrder)
        {
            CheckOrder();
        }
    }

    /// <summary>After a change of one region: a table in order stays so if the region fits between its neighbors; O(1).
    /// A table out of order may have become orderly; O(n).</summary>
    private void CheckOrderAround(uint index)
    {
        if (!_inOrder)
        {
            CheckOrder();
            return;
        }

        LmbRegion* region = _regions + index;
        _inOrder = region->End > region->Base
            && (index == 0 || region[-1].End <= region->Base)
            && (index + 1 == Count || region->End <= region[1].Base);
    }

    /// <summary>Is every region non-empty, and does each end before the next starts? O(n).</summary>
    private void CheckOrder()
    {
        _inOrder = true;
        for (uint i = 0; i < Count; i++)
        {
            LmbRegion* region = _regions + i;
            if (region->End <= region->Base || (i > 0 && region[-1].End > region->Base))
            {
                _inOrder = false;
                return;
            }
        }
    }
}
