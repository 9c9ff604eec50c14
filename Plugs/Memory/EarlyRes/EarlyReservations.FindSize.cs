using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>Free pieces of any size, and carving a reserved range out of the map itself, for <see cref="EarlyReservations"/>.</summary>
public unsafe partial struct EarlyReservations
{
    /// <summary>
    /// The first free piece at or above <paramref name="start"/>, in map order: its first aligned address, and the bytes up to
    /// the next reservation or the end of the RAM entry. O(map entries x n) at worst. 2.6.34 find_e820_area_size.
    /// </summary>
    /// <param name="start">Lowest address.</param>
    /// <param name="align">Power of two.</param>
    /// <param name="size">Bytes of the piece; 0 when aligning ends exactly at the end of the RAM entry.</param>
    /// <returns>An address, or <see cref="NotFound"/>.</returns>
    /// <remarks>
    /// 2.6.34 passes over the rest of a RAM entry when, moving up, it meets a reservation that it has already taken for the
    /// end of the piece: one that lies earlier in the table than a reservation below it which it has to step over, with
    /// no room between them. The results show it, so it is kept: the piece behind such a pair is not found.
    /// </remarks>
    public ulong FindSize(ulong start, ulong align, out ulong size)
    {
        size = 0;
        if (!Bits.IsPowerOfTwo(align))
        {
            _log->Bug("early_res: alignment %x is no power of two", align);
            return NotFound;
        }

        for (int i = 0; i < _map->Count; i++)
        {
            if (_map->IsRam(i))
            {
                ulong address = FindPiece(_map->Start(i), _map->End(i), start, align, out size);
                if (address != NotFound)
                {
                    return address;
                }
            }
        }

        return NotFound;
    }

    /// <summary>
    /// Takes <paramref name="size"/> bytes away from RAM in the map itself: the top of the first free piece at or above
    /// <paramref name="start"/> that is large enough becomes reserved, in the map and in the firmware's copy; the map is
    /// sanitised and printed. 2.6.34 early_reserve_e820.
    /// </summary>
    /// <returns>The address, a multiple of <paramref name="align"/>; 0 when there is none, or when aligning it down leaves the
    /// piece.</returns>
    public ulong ReserveInMap(ulong start, ulong size, ulong align)
    {
        ulong address = start;
        ulong free;
        for (;;)
        {
            address = FindSize(address, align, out free);
            if (address == NotFound)
            {
                return 0;
            }

            if (free >= size)
            {
                break;
            }

            address += free == 0 ? 1 : free;
        }

        ulong carved = (address + free - size) & ~(align - 1);
        if (carved < address)
        {
            return 0;
        }

        _map->Update(carved, size, E820Type.Ram, E820Type.Reserved);
        _map->UpdateSaved(carved, size, E820Type.Ram, E820Type.Reserved);
        _log->Print("update e820 for early_reserve_e820\n");
        _map->UpdateMap();
        _map->Saved.Sanitize();
        return carved;
    }

    private ulong FindPiece(ulong entryStart, ulong entryEnd, ulong start, ulong align, out ulong size)
    {
        size = 0;
        ulong low = entryStart > start ? entryStart : start;
        ulong address = Bits.RoundUp(low, align);
        if (address < low || address >= entryEnd)
        {
            return NotFound;
        }

        for (;;)
        {
            int above = FirstStartingAfter(address, _count);
            int covering = LastReaching(above, address + 1);
            if (covering < 0)
            {
                bool cut = above < _count && _slots[OrderAt(above)].Start < entryEnd;
                size = (cut ? _slots[OrderAt(above)].Start : entryEnd) - address;
                return address;
            }

            int slot = OrderAt(covering);
            ulong end = _slots[slot].End;
            ulong next = Bits.RoundUp(end, align);
            if (end >= entryEnd || next > entryEnd || next < end)
            {
                return NotFound;
            }

            // Nothing is left of a piece that a reservation found earlier has cut off at or below the next address.
            for (; above < _count && _slots[OrderAt(above)].Start <= next; above++)
            {
                if (OrderAt(above) < slot && _slots[OrderAt(above)].Start < entryEnd)
                {
                    return NotFound;
                }
            }

            address = next;
            if (address == entryEnd)
            {
                return LastReaching(FirstStartingAfter(address, _count), address) >= 0 ? NotFound : address;
            }
        }
    }

    /// <summary>Of the places below <paramref name="above"/>, the last that ends at <paramref name="end"/> or later; or -1.</summary>
    private int LastReaching(int above, ulong end)
    {
        for (int i = above - 1; i >= 0; i--)
        {
            if (_slots[OrderAt(i)].End >= end)
            {
                return i;
            }

            if (!_irregular)
            {
                break;
            }
        }

        return -1;
    }
}
