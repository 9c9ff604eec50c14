using CosmosBootAlloc.Memory.Physical;
using System.Collections.Generic;

namespace CosmosBootAlloc.Memory.Tests.Lmb;

/// <summary>
/// One lmb table as a plain list, every rule a walk from the front: what the description says, without the shortcuts.
/// </summary>
internal sealed class LmbModel
{
    private List<(ulong Base, ulong Size)> _regions = [(0, 0)];

    internal IReadOnlyList<(ulong Base, ulong Size)> Regions => _regions;

    internal int Add(ulong start, ulong size)
    {
        if (_regions.Count == 1 && _regions[0].Size == 0)
        {
            _regions[0] = (start, size);
            return 0;
        }

        for (int i = 0; i < _regions.Count; i++)
        {
            (ulong low, ulong bytes) = _regions[i];
            if (low == start && bytes == size)
            {
                return 0;
            }

            if (start + size == low || low + bytes == start)
            {
                _regions[i] = (start + size == low ? start : low, bytes + size);
                return 1 + MergeWithNext(i);
            }
        }

        if (_regions.Count == 128)
        {
            return -1;
        }

        int place = _regions.FindLastIndex(region => region.Base <= start) + 1;
        _regions.Insert(place, (start, size));
        return 0;
    }

    internal int Remove(ulong start, ulong size)
    {
        ulong end = start + size;
        int i = _regions.FindIndex(region => region.Base <= start && end <= region.Base + region.Size);
        if (i < 0)
        {
            return -1;
        }

        (ulong low, ulong bytes) = _regions[i];
        ulong high = low + bytes;
        if (low == start && high == end)
        {
            _regions.RemoveAt(i);
            return 0;
        }

        if (low == start)
        {
            _regions[i] = (end, bytes - size);
            return 0;
        }

        _regions[i] = (low, start - low);
        return high == end ? 0 : Add(end, high - end);
    }

    internal int Overlap(ulong start, ulong size)
        => _regions.FindIndex(region => start < region.Base + region.Size && region.Base < start + size);

    internal bool Holds(ulong address) => _regions.Exists(region => address >= region.Base && address <= region.Base + (region.Size - 1));

    /// <summary>Top-down, one alignment step at a time, in the memory regions from the last to the first.</summary>
    internal static ulong AllocBase(LmbModel memory, LmbModel reserved, ulong size, ulong align, ulong maxAddress)
    {
        size = (size + align - 1) / align * align;
        for (int i = memory._regions.Count - 1; i >= 0; i--)
        {
            (ulong low, ulong bytes) = memory._regions[i];
            ulong top = maxAddress == 0 ? low + bytes : ulong.Min(low + bytes, maxAddress);
            if (bytes < size || top < size)
            {
                continue;
            }

            for (ulong address = (top - size) / align * align; address >= low && address > 0; address -= align)
            {
                if (reserved.Overlap(address, size) < 0)
                {
                    return reserved.Add(address, size) < 0 ? PhysicalAddress.None : address;
                }
            }
        }

        return PhysicalAddress.None;
    }

    private int MergeWithNext(int i)
    {
        if (i + 1 == _regions.Count)
        {
            return 0;
        }

        (ulong low, ulong bytes) = _regions[i];
        (ulong nextLow, ulong nextBytes) = _regions[i + 1];
        if (low + bytes != nextLow && nextLow + nextBytes != low)
        {
            return 0;
        }

        _regions[i] = (ulong.Min(low, nextLow), bytes + nextBytes);
        _regions.RemoveAt(i + 1);
        return 1;
    }
}
