using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Growth: a full list doubles, in memory that memblock finds for it like for anybody else, in whole pages. The new
/// list is reserved as soon as it is in use; a moved old one is freed just before, the one inside the struct is left.
/// </summary>
/// <remarks>
/// Where the new list lies: the free range that <see cref="Find"/> gives for it, page-aligned, below the limit. If it is
/// the reserved list that grows, the range about to be reserved or freed is not yet known to the list, so the search
/// takes first what lies above that range, then what lies below. memblock 6.12.
/// Unlike in Linux the search also ends where physical memory can no longer be reached.
/// </remarks>
public unsafe partial struct MemblockAllocator
{
    /// <summary>Makes room for the two more regions that splitting may need; changes the list only if it is short of
    /// them.</summary>
    private int MakeRoomToSplit(ref MemblockTable table, ulong start, ulong size)
    {
        while (table.Count + 2 > table.Capacity)
        {
            int error = Grow(ref table, start, size);
            if (error != Done)
            {
                return error;
            }
        }

        return Done;
    }

    /// <summary>Doubles a list. O(n), plus the search.</summary>
    /// <param name="table">The list.</param>
    /// <param name="start">The range that is about to be added or removed and must not be taken.</param>
    /// <param name="size">Its bytes.</param>
    private int Grow(ref MemblockTable table, ulong start, ulong size)
    {
        if (!_mayResize)
        {
            if (table.IsReserved)
            {
                _log->Panic("memblock: cannot resize reserved array");
            }
            else
            {
                _log->Panic("memblock: cannot resize memory array");
            }

            return NoMemory;
        }

        uint capacity = table.Capacity * 2;
        ulong oldBytes = PageSize.WholePages(table.Capacity * MemblockRegion.Bytes);
        ulong newBytes = PageSize.WholePages(capacity * MemblockRegion.Bytes);
        ulong address = FindForTable(table.IsReserved, start, size, newBytes);
        if (address == None)
        {
            if (table.IsReserved)
            {
                _log->Print("memblock: Failed to double reserved array from %d to %d entries !\n", table.Capacity, capacity);
            }
            else
            {
                _log->Print("memblock: Failed to double memory array from %d to %d entries !\n", table.Capacity, capacity);
            }

            return NoMemory;
        }

        ulong oldAddress = table.Address;
        table.MoveTo(address, _physical->At(address), capacity);
        if (oldAddress != 0)
        {
            Free(oldAddress, oldBytes);
        }

        if (Reserve(address, newBytes) != Done)
        {
            _log->Bug("memblock: no room to reserve the list doubled to %d entries at [%x-%x]", capacity, address, address + newBytes - 1);
            return NoMemory;
        }

        return Done;
    }

    private ulong FindForTable(bool isReserved, ulong start, ulong size, ulong bytes)
    {
        ulong limit = _limit < _reachEnd ? _limit : _reachEnd;
        if (!isReserved || size == 0)
        {
            return Find(0, limit, bytes, PageSize.Bytes);
        }

        ulong address = Find(start + size, limit, bytes, PageSize.Bytes);
        if (address == None && start > PageSize.Bytes)
        {
            // Below a page nothing fits, and an end of 0 would mean "up to the limit".
            address = Find(0, start < limit ? start : limit, bytes, PageSize.Bytes);
        }

        return address;
    }
}
