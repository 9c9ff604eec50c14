using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Growth: a full list doubles, in memory that memblock finds for it as for any caller, in whole pages. The new
/// list is reserved as soon as it is in use; a moved old one is freed just before, the one inside the struct is left.
/// </summary>
/// <remarks>
/// Where the new list lies: the free range that <see cref="MemblockAllocator.Find"/> gives for it, page-aligned, below the limit. If it
/// is the reserved list that grows, the range about to be reserved or freed is not yet known to the list, so the search takes first
/// what lies above that range, then what lies below. memblock 6.12. Unlike in Linux the search also ends where physical memory can no
/// longer be reached.
/// </remarks>
internal static unsafe class MemblockGrowth
{
    /// <summary>Makes room for the two more regions that splitting may need; changes the list only if it is short of
    /// them.</summary>
    internal static bool MakeRoomToSplit(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size)
    {
        while (table.Count + 2 > table.Capacity)
        {
            if (!Grow(ref m, ref table, start, size))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Doubles a list. O(n), plus the search.</summary>
    /// <param name="m">The allocator that the list belongs to.</param>
    /// <param name="table">The list.</param>
    /// <param name="start">The range that is about to be added or removed and must not be taken.</param>
    /// <param name="size">Its bytes.</param>
    internal static bool Grow(ref MemblockAllocator m, ref MemblockTable table, ulong start, ulong size)
    {
        if (!m.MayResize)
        {
            if (table.IsReserved)
            {
                m.Log->Panic("memblock: cannot resize reserved array");
            }
            else
            {
                m.Log->Panic("memblock: cannot resize memory array");
            }

            return false;
        }

        uint capacity = table.Capacity * 2;
        ulong oldBytes = PageSize.WholePages(table.Capacity * MemblockRegion.Bytes);
        ulong newBytes = PageSize.WholePages(capacity * MemblockRegion.Bytes);
        ulong address = FindForTable(ref m, table.IsReserved, start, size, newBytes);
        if (address == PhysicalAddress.None)
        {
            if (table.IsReserved)
            {
                m.Log->Print("memblock: Failed to double reserved array from %d to %d entries !\n", table.Capacity, capacity);
            }
            else
            {
                m.Log->Print("memblock: Failed to double memory array from %d to %d entries !\n", table.Capacity, capacity);
            }

            return false;
        }

        ulong most = m.InlineBytes + m.GrownBytes + newBytes;
        m.MostListBytes = most > m.MostListBytes ? most : m.MostListBytes;
        ulong oldAddress = table.Address;
        table.MoveTo(address, m.Physical->At(address), capacity);
        if ((oldAddress != 0 && !m.Free(oldAddress, oldBytes)) || !m.Reserve(address, newBytes))
        {
            m.Log->Bug("memblock: no room to reserve the list doubled to %d entries at [%x-%x]", capacity, address, address + newBytes - 1);
            return false;
        }

        return true;
    }

    private static ulong FindForTable(ref MemblockAllocator m, bool isReserved, ulong start, ulong size, ulong bytes)
    {
        ulong limit = m.Limit < m.ReachEnd ? m.Limit : m.ReachEnd;
        if (!isReserved || size == 0)
        {
            return m.Find(0, limit, bytes, PageSize.Bytes);
        }

        ulong address = m.Find(start + size, limit, bytes, PageSize.Bytes);
        if (address == PhysicalAddress.None && start > PageSize.Bytes)
        {
            // Below a page nothing fits, and an end of 0 would mean "up to the limit".
            address = m.Find(0, start < limit ? start : limit, bytes, PageSize.Bytes);
        }

        return address;
    }
}
