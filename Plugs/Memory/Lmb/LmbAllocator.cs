using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>
/// lmb, the "logical memory block" tables of 2.6.34: what other architectures booted with, announced as the successor
/// of early_res for 2.6.35 and grown into memblock since. Two tables of at most 128 regions: memory and reserved; what
/// is memory and not reserved is free.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/>; <see cref="Add"/> the map, <see cref="Reserve"/> what is in use, <see cref="Analyze"/>;
/// <see cref="AllocBase"/> and its relatives serve the boot; <see cref="HandOver"/> ends it. The struct must not move. Ranges: start
/// and size in bytes. Nothing grows and nothing is clipped: what a full table cannot take is refused, and sums wrap at 2^64. The
/// table's rules (what merges, what overlaps mean) are in <see cref="LmbTable"/>; this file is the bookkeeping,
/// LmbAllocator.Alloc.cs the allocation, LmbAllocator.HandOver.cs the end. Costs: n is the number of regions; O(log n) means "while
/// the table is in order", see <see cref="LmbTable"/>.
/// </remarks>
public unsafe partial struct LmbAllocator
{
    /// <summary>As the highest address: anywhere.</summary>
    public const ulong Anywhere = 0;

    private LmbTable _memory;
    private LmbTable _reserved;
    private KernelLog* _log;

    /// <summary>Bytes of memory as of the last <see cref="Analyze"/>.</summary>
    public ulong MemoryBytes { get; private set; }

    /// <summary>Size of the memory region that was added at 0, and so can be used in real mode; 0 if there was none.</summary>
    public ulong RealModeBytes { get; private set; }

    /// <summary>Regions of memory in use; a fresh table has one empty region.</summary>
    public readonly uint MemoryCount => _memory.Count;

    /// <summary>Reservations in use; a fresh table has one empty region.</summary>
    public readonly uint ReservedCount => _reserved.Count;

    /// <summary>Bytes of both tables, their regions in use or not.</summary>
    public readonly ulong TableBytes => 2 * LmbTable.Capacity * (ulong)sizeof(LmbRegion);

    /// <summary>Neighbors of a range that <see cref="Add"/>, <see cref="Reserve"/>, and cuts of a region joined to it, all in all: a range
    /// between two that it touches counts 2. What 2.6.34 lmb returns is the difference that one call makes.</summary>
    public readonly uint Merges => _memory.Merges + _reserved.Merges;

    /// <summary>Makes both tables fresh.</summary>
    public void Init(KernelLog* log)
    {
        _log = log;
        MemoryBytes = 0;
        RealModeBytes = 0;
        _memory.Init();
        _reserved.Init();
    }

    /// <summary>Memory region <paramref name="index"/>, below <see cref="MemoryCount"/>; valid until the table changes.</summary>
    public readonly LmbRegion* MemoryRegion(uint index)
    {
        return _memory.At(index);
    }

    /// <summary>Reservation <paramref name="index"/>, below <see cref="ReservedCount"/>; valid until the table changes.</summary>
    public readonly LmbRegion* ReservedRegion(uint index)
    {
        return _reserved.At(index);
    }

    /// <summary>Adds [start, start + size) to memory. 2.6.34 lmb. O(log n) plus the regions moved.</summary>
    /// <returns>False if the table is full.</returns>
    public bool Add(ulong start, ulong size)
    {
        if (start == 0)
        {
            RealModeBytes = size;
        }

        return _memory.Add(start, size);
    }

    /// <summary>Takes [start, start + size) out of memory; it must lie in one region. 2.6.34 lmb. Cost as <see cref="Add"/>.</summary>
    /// <returns>False if no region holds it, or if the upper part of a cut region found no room.</returns>
    public bool Remove(ulong start, ulong size)
    {
        return _memory.Remove(start, size);
    }

    /// <summary>Reserves [start, start + size); a size of 0 is a bug. 2.6.34 lmb. Cost and result as <see cref="Add"/>.</summary>
    public bool Reserve(ulong start, ulong size)
    {
        if (size == 0)
        {
            _log->Bug("lmb: a reservation of 0 bytes at 0x%x", start);
            return false;
        }

        return _reserved.Add(start, size);
    }

    /// <summary>Gives [start, start + size) back; it must lie in one reservation. 2.6.34 lmb. Cost and result as
    /// <see cref="Remove"/>.</summary>
    public bool Free(ulong start, ulong size)
    {
        return _reserved.Remove(start, size);
    }

    /// <summary>Counts memory, for <see cref="MemoryBytes"/>. 2.6.34 lmb. O(n).</summary>
    public void Analyze()
    {
        MemoryBytes = _memory.SumOfSizes();
    }

    /// <summary>
    /// Keeps the first <paramref name="bytes"/> bytes of memory in table order; reservations above what is left are cut.
    /// 0 changes nothing; with less memory than that only the reservations are cut. 2.6.34 lmb. O(n).
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
            ulong size = _memory.At(i)->Size;
            if (left <= size)
            {
                _memory.KeepFirst(i + 1, left);
                break;
            }

            left -= size;
        }

        ulong end = 0;
        if (_memory.Count > 0)
        {
            if (_memory.At(0)->Size < RealModeBytes)
            {
                RealModeBytes = _memory.At(0)->Size;
            }

            end = _memory.At(_memory.Count - 1)->End;
        }

        _reserved.CutAbove(end);
    }

    /// <summary>True if the byte at an address is reserved. A fresh table says so of every address, as in 2.6.34. O(log n).</summary>
    public readonly bool IsReserved(ulong address)
    {
        return _reserved.Holds(address);
    }

    /// <summary>Index of the first reservation that shares a byte with [start, start + size), or -1. 2.6.34 lmb. O(log n).</summary>
    public readonly int FindReserved(ulong start, ulong size)
    {
        return _reserved.FindOverlap(start, size);
    }

    /// <summary>
    /// Clips [start, start + size) to the first memory region that it reaches into. 2.6.34 lmb. O(n).
    /// </summary>
    /// <returns>False if it reaches into none; the range is then unchanged.</returns>
    public readonly bool ClipToMemory(ref ulong start, ref ulong size)
    {
        ulong last = start + (size - 1);
        for (uint i = 0; i < _memory.Count; i++)
        {
            ulong low = _memory.At(i)->Base;
            ulong high = low + (_memory.At(i)->Size - 1);
            if (low > last)
            {
                return false;
            }

            if (high >= start && low < last)
            {
                ulong from = start > low ? start : low;
                ulong to = last < high ? last : high;
                start = from;
                size = to - from + 1;
                return true;
            }
        }

        return false;
    }
}
