using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>Questions about the lists; none of them changes anything. memblock 6.12.</summary>
public unsafe partial struct MemblockAllocator
{
    /// <summary>Number of memory regions.</summary>
    public readonly uint MemoryCount => _memory.Count;

    /// <summary>Memory regions there is room for.</summary>
    public readonly uint MemoryCapacity => _memory.Capacity;

    /// <summary>Number of reservations.</summary>
    public readonly uint ReservedCount => _reserved.Count;

    /// <summary>Reservations there is room for.</summary>
    public readonly uint ReservedCapacity => _reserved.Capacity;

    /// <summary>Bytes of memory, free or not. O(1).</summary>
    public readonly ulong MemoryBytes => _memory.TotalBytes;

    /// <summary>Bytes reserved, memory or not. O(1).</summary>
    public readonly ulong ReservedBytes => _reserved.TotalBytes;

    /// <summary>First byte of memory; 0 without memory.</summary>
    public readonly ulong MemoryStart => _memory.Count == 0 ? 0 : _memory.At(0)->Base;

    /// <summary>First byte after all memory; 0 without memory.</summary>
    public readonly ulong MemoryEnd => _memory.Count == 0 ? 0 : _memory.At(_memory.Count - 1)->End;

    /// <summary>Memory region <paramref name="index"/>, below <see cref="MemoryCount"/>; valid until the list changes.</summary>
    public readonly MemblockRegion* MemoryRegion(uint index)
    {
        return _memory.At(index);
    }

    /// <summary>Reservation <paramref name="index"/>, below <see cref="ReservedCount"/>; valid until the list changes.</summary>
    public readonly MemblockRegion* ReservedRegion(uint index)
    {
        return _reserved.At(index);
    }

    /// <summary>True if the byte at an address is reserved. O(log n).</summary>
    public readonly bool IsReserved(ulong address)
    {
        return _reserved.Find(address) != null;
    }

    /// <summary>True if the byte at an address is memory. O(log n).</summary>
    public readonly bool IsMemory(ulong address)
    {
        return _memory.Find(address) != null;
    }

    /// <summary>True if the byte at an address is memory that the kernel maps. O(log n).</summary>
    public readonly bool IsMapMemory(ulong address)
    {
        MemblockRegion* region = _memory.Find(address);
        return region != null && (region->Flags & MemblockFlags.Nomap) == 0;
    }

    /// <summary>True if all of [start, start + size) lies in one memory region. O(log n).</summary>
    public readonly bool IsRegionMemory(ulong start, ulong size)
    {
        MemblockRegion* region = _memory.Find(start);
        return region != null && region->End >= start + CapSize(start, size);
    }

    /// <summary>True if any byte of [start, start + size) is reserved. An empty range counts as the point between two bytes:
    /// it is reserved if both are in one reservation. O(log n).</summary>
    public readonly bool IsRegionReserved(ulong start, ulong size)
    {
        uint index = _reserved.FirstEndingAbove(start);
        return index < _reserved.Count && _reserved.At(index)->Base < start + CapSize(start, size);
    }

    /// <summary>
    /// Walks over the whole pages of memory, reserved or not, region by region; regions without a whole page are left out.
    /// </summary>
    /// <param name="index">0 at the start; moved past the region that is given.</param>
    /// <param name="startPfn">First page.</param>
    /// <param name="endPfn">First page after.</param>
    /// <returns>False at the end.</returns>
    public readonly bool NextPfnRange(ref uint index, out ulong startPfn, out ulong endPfn)
    {
        while (index < _memory.Count)
        {
            MemblockRegion* region = _memory.At(index);
            index++;
            startPfn = PageSize.PfnUp(region->Base);
            endPfn = PageSize.PfnDown(region->End);
            if (startPfn < endPfn)
            {
                return true;
            }
        }

        startPfn = 0;
        endPfn = 0;
        return false;
    }
}
