using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>Cutting the map: to whole units, to an amount, to a range. memblock 6.12.</summary>
public unsafe partial struct MemblockAllocator
{
    /// <summary>
    /// Rounds every memory region inwards to a multiple of <paramref name="align"/> bytes; regions that vanish are taken
    /// out. Reservations stay. O(n). Linux leaves <see cref="MemoryBytes"/> at the old value; here it follows.
    /// </summary>
    /// <param name="align">A power of two, anything else is a bug.</param>
    public void Trim(ulong align)
    {
        if (!Bits.IsPowerOfTwo(align))
        {
            _log->Bug("memblock: alignment 0x%x is no power of two", align);
            return;
        }

        ulong mask = align - 1;
        uint kept = 0;
        uint count = _memory.Count;
        for (uint i = 0; i < count; i++)
        {
            MemblockRegion* region = _memory.At(i);
            ulong start = (region->Base + mask) & ~mask;
            ulong end = region->End & ~mask;
            if (start < region->Base || start >= end)
            {
                // Nothing whole is left, or rounding up passes 2^64. The slot is closed below.
                _memory.Resize(i, region->Base, 0);
                continue;
            }

            _memory.Resize(i, start, end - start);
            *_memory.At(kept) = *region;
            kept++;
        }

        _memory.Close(kept, count - kept);
    }

    /// <summary>
    /// Keeps only the lowest <paramref name="bytes"/> bytes of memory; memory and reservations above are taken out. 0, or
    /// more than there is, changes nothing. O(n).
    /// </summary>
    public void EnforceLimit(ulong bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        ulong left = bytes;
        for (uint i = 0; i < _memory.Count; i++)
        {
            MemblockRegion* region = _memory.At(i);
            if (left <= region->Size)
            {
                ulong end = region->Base + left;
                Remove(end, ulong.MaxValue);
                Free(end, ulong.MaxValue);
                return;
            }

            left -= region->Size;
        }
    }

    /// <summary>
    /// Keeps only memory in [start, start + size), and all that is marked nomap; reservations outside are taken out. A
    /// size of 0 changes nothing. O(n).
    /// </summary>
    public void CapRange(ulong start, ulong size)
    {
        size = CapSize(start, size);
        if (size == 0)
        {
            return;
        }

        if (_memory.TotalBytes == 0)
        {
            _log->Print("memblock_cap_memory_range: No memory registered yet\n");
            return;
        }

        if (Isolate(ref _memory, start, size, out uint first, out uint after) != Done)
        {
            return;
        }

        uint kept = 0;
        uint count = _memory.Count;
        for (uint i = 0; i < count; i++)
        {
            bool inside = i >= first && i < after;
            MemblockRegion* region = _memory.At(i);
            if (!inside && (region->Flags & MemblockFlags.Nomap) == 0)
            {
                _memory.Resize(i, region->Base, 0);
                continue;
            }

            *_memory.At(kept) = *region;
            kept++;
        }

        _memory.Close(kept, count - kept);
        Free(0, start);
        Free(start + size, ulong.MaxValue);
    }
}
