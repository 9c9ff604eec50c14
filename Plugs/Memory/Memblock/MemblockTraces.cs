using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// What the boot does not use, but Linux's recorded traces do: marks on ranges, caps of the map, and questions about both lists. A
/// replay stands and falls with them: they are how a trace shows that the lists are right.
/// </summary>
/// <remarks>
/// Marking splits regions at the ends of the range and merges again what is equal afterwards; parts of the range that are not in the
/// list are ignored. What changes a list returns what <see cref="MemblockAllocator.Add"/> does, and panics when the
/// list needs room and may not grow. O(log n + regions inside), plus the entries moved. Questions change nothing. memblock 6.12.
/// </remarks>
public static unsafe class MemblockTraces
{
    /// <summary>True if the byte at an address is reserved. O(log n).</summary>
    public static bool IsReserved(ref MemblockAllocator m, ulong address)
    {
        return m.Reserved.Find(address) != null;
    }

    /// <summary>True if the byte at an address is memory. O(log n).</summary>
    public static bool IsMemory(ref MemblockAllocator m, ulong address)
    {
        return m.Memory.Find(address) != null;
    }

    /// <summary>True if the byte at an address is memory that the kernel maps. O(log n).</summary>
    public static bool IsMapMemory(ref MemblockAllocator m, ulong address)
    {
        MemblockRegion* region = m.Memory.Find(address);
        return region != null && (region->Flags & MemblockFlags.Nomap) == 0;
    }

    /// <summary>True if all of [start, start + size) lies in one memory region. O(log n).</summary>
    public static bool IsRegionMemory(ref MemblockAllocator m, ulong start, ulong size)
    {
        MemblockRegion* region = m.Memory.Find(start);
        return region != null && region->End >= start + MemblockAllocator.CapSize(start, size);
    }

    /// <summary>True if any byte of [start, start + size) is reserved. An empty range counts as the point between two bytes:
    /// it is reserved if both are in one reservation. O(log n).</summary>
    public static bool IsRegionReserved(ref MemblockAllocator m, ulong start, ulong size)
    {
        uint index = m.Reserved.FirstEndingAbove(start);
        return index < m.Reserved.Count && m.Reserved.At(index)->Base < start + MemblockAllocator.CapSize(start, size);
    }

    /// <summary>
    /// Walks over the whole pages of memory, reserved or not, region by region; regions without a whole page are left out.
    /// </summary>
    /// <param name="m">The allocator.</param>
    /// <param name="index">0 at the start; moved past the region that is given.</param>
    /// <param name="startPfn">First page.</param>
    /// <param name="endPfn">First page after.</param>
    /// <returns>False at the end.</returns>
    public static bool NextPfnRange(ref MemblockAllocator m, ref uint index, out ulong startPfn, out ulong endPfn)
    {
        while (index < m.Memory.Count)
        {
            MemblockRegion* region = m.Memory.At(index);
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

    /// <summary>Marks memory in [start, start + size) as removable.</summary>
    public static bool MarkHotplug(ref MemblockAllocator m, ulong start, ulong size)
    {
        return SetFlag(ref m, ref m.Memory, start, size, MemblockFlags.Hotplug);
    }

    /// <summary>Takes the mark of <see cref="MarkHotplug"/> away.</summary>
    public static bool ClearHotplug(ref MemblockAllocator m, ulong start, ulong size)
    {
        return ClearFlag(ref m, ref m.Memory, start, size, MemblockFlags.Hotplug);
    }

    /// <summary>Marks memory in [start, start + size) as not mapped: it stays known and is never free.</summary>
    public static bool MarkNomap(ref MemblockAllocator m, ulong start, ulong size)
    {
        return SetFlag(ref m, ref m.Memory, start, size, MemblockFlags.Nomap);
    }

    /// <summary>Takes the mark of <see cref="MarkNomap"/> away.</summary>
    public static bool ClearNomap(ref MemblockAllocator m, ulong start, ulong size)
    {
        return ClearFlag(ref m, ref m.Memory, start, size, MemblockFlags.Nomap);
    }

    /// <summary>
    /// Marks memory in [start, start + size) as mirrored. From the first call on, even one that marks nothing, every
    /// search prefers mirrored memory. memblock 6.12 with kernelcore=mirror.
    /// </summary>
    public static bool MarkMirror(ref MemblockAllocator m, ulong start, ulong size)
    {
        m.HasMirror = true;
        return SetFlag(ref m, ref m.Memory, start, size, MemblockFlags.Mirror);
    }

    /// <summary>Marks reservations in [start, start + size): their page descriptors are not to be initialized.</summary>
    public static bool MarkNoinit(ref MemblockAllocator m, ulong start, ulong size)
    {
        return SetFlag(ref m, ref m.Reserved, start, size, MemblockFlags.Noinit);
    }

    /// <summary>
    /// Keeps only the lowest <paramref name="bytes"/> bytes of memory; memory and reservations above are taken out. 0, or
    /// more than there is, changes nothing. O(n).
    /// </summary>
    public static bool EnforceLimit(ref MemblockAllocator m, ulong bytes)
    {
        if (bytes == 0)
        {
            return true;
        }

        ulong left = bytes;
        for (uint i = 0; i < m.Memory.Count; i++)
        {
            MemblockRegion* region = m.Memory.At(i);
            if (left <= region->Size)
            {
                ulong end = region->Base + left;
                return m.Remove(end, ulong.MaxValue) & m.Free(end, ulong.MaxValue);
            }

            left -= region->Size;
        }

        return true;
    }

    /// <summary>
    /// Keeps only memory in [start, start + size), and all that is marked nomap; reservations outside are taken out. A
    /// size of 0 changes nothing. O(n).
    /// </summary>
    public static bool CapRange(ref MemblockAllocator m, ulong start, ulong size)
    {
        size = MemblockAllocator.CapSize(start, size);
        if (size == 0)
        {
            return true;
        }

        if (m.Memory.TotalBytes == 0)
        {
            m.Log->Print("memblock_cap_memory_range: No memory registered yet\n");
            return false;
        }

        if (!MemblockRanges.Isolate(ref m, ref m.Memory, start, size, out uint first, out uint after))
        {
            return false;
        }

        uint kept = 0;
        uint count = m.Memory.Count;
        for (uint i = 0; i < count; i++)
        {
            bool inside = i >= first && i < after;
            MemblockRegion* region = m.Memory.At(i);
            if (!inside && (region->Flags & MemblockFlags.Nomap) == 0)
            {
                m.Memory.Resize(i, region->Base, 0);
                continue;
            }

            m.Memory.Copy(kept, i);
            kept++;
        }

        m.Memory.Close(kept, count - kept);
        return m.Free(0, start) & m.Free(start + size, ulong.MaxValue);
    }

    private static bool SetFlag(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size, uint flag)
    {
        return ChangeFlags(ref m, ref table, start, size, ~0u, flag);
    }

    private static bool ClearFlag(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size, uint flag)
    {
        return ChangeFlags(ref m, ref table, start, size, ~flag, 0);
    }

    private static bool ChangeFlags(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size, uint keep, uint set)
    {
        if (!MemblockRanges.Isolate(ref m, ref table, start, size, out uint first, out uint after))
        {
            return false;
        }

        for (uint i = first; i < after; i++)
        {
            MemblockRegion* region = table.At(i);
            region->Flags = (region->Flags & keep) | set;
        }

        if (after > first)
        {
            table.Merge(first, after);
        }

        return true;
    }
}
