using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// Operations that Linux's recorded traces use but the boot does not: free pieces of any size, and carving a reserved range out of the map
/// itself.
/// </summary>
public static unsafe class EarlyResTraces
{
    /// <summary>
    /// The first free piece at or above <paramref name="start"/>, in map order: its first aligned address, and the bytes up to
    /// the next reservation or the end of the RAM entry. O(map entries x n) at worst. 2.6.34 find_e820_area_size.
    /// </summary>
    /// <param name="m">The reservations.</param>
    /// <param name="start">Lowest address.</param>
    /// <param name="align">Power of two.</param>
    /// <param name="size">Bytes of the piece; 0 when aligning ends exactly at the end of the RAM entry.</param>
    /// <returns>An address, or <see cref="PhysicalAddress.None"/>.</returns>
    /// <remarks>
    /// 2.6.34 passes over the rest of a RAM entry when, moving up, it meets a reservation that it has already taken for the end of the
    /// piece: one that is earlier in the table than a reservation below it that must be stepped over, with no room between them. Results
    /// depend on it, so it is kept: the piece after such a pair is not found.
    /// </remarks>
    public static ulong FindSize(ref EarlyReservations m, ulong start, ulong align, out ulong size)
    {
        size = 0;
        if (!Bits.IsPowerOfTwo(align))
        {
            m.Log->Bug("early_res: alignment %x is no power of two", align);
            return PhysicalAddress.None;
        }

        for (int i = 0; i < m.Map->Count; i++)
        {
            if (m.Map->IsRam(i))
            {
                ulong address = FindPiece(ref m, m.Map->Start(i), m.Map->End(i), start, align, out size);
                if (address != PhysicalAddress.None)
                {
                    return address;
                }
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>
    /// Carves <paramref name="size"/> bytes of RAM out of the map itself: the top of the first free piece at or above <paramref
    /// name="start"/> that is large enough becomes reserved, in the map and in the firmware's copy; the map is sanitized and printed.
    /// 2.6.34 early_reserve_e820.
    /// </summary>
    /// <returns>The address, a multiple of <paramref name="align"/>; 0 when there is none, or when aligning down leaves the
    /// piece.</returns>
    public static ulong ReserveInMap(ref EarlyReservations m, ulong start, ulong size, ulong align)
    {
        ulong address = start;
        ulong free;
        while (true)
        {
            address = FindSize(ref m, address, align, out free);
            if (address == PhysicalAddress.None)
            {
                return 0;
            }

            if (free >= size)
            {
                break;
            }

            address += free == 0 ? 1 : free;
        }

        ulong carved = Bits.RoundDown(address + free - size, align);
        if (carved < address)
        {
            return 0;
        }

        m.Map->Update(carved, size, E820Type.Ram, E820Type.Reserved);
        m.Map->UpdateSaved(carved, size, E820Type.Ram, E820Type.Reserved);
        m.Log->Print("update e820 for early_reserve_e820\n");
        m.Map->UpdateMap();
        m.Map->Saved.Sanitize();
        return carved;
    }

    private static ulong FindPiece(ref EarlyReservations m, ulong entryStart, ulong entryEnd, ulong start, ulong align, out ulong size)
    {
        size = 0;
        ulong low = entryStart > start ? entryStart : start;
        ulong address = Bits.RoundUp(low, align);
        if (address < low || address >= entryEnd)
        {
            return PhysicalAddress.None;
        }

        while (true)
        {
            int above = m.Table.Order.FirstStartingAfter(address, m.Table.Count);
            int covering = LastReaching(ref m, above, address + 1);
            if (covering < 0)
            {
                bool cut = above < m.Table.Count && m.Table.Slots[m.Table.Order.At(above)].Start < entryEnd;
                size = (cut ? m.Table.Slots[m.Table.Order.At(above)].Start : entryEnd) - address;
                return address;
            }

            int slot = m.Table.Order.At(covering);
            ulong end = m.Table.Slots[slot].End;
            ulong next = Bits.RoundUp(end, align);
            if (end >= entryEnd || next > entryEnd || next < end)
            {
                return PhysicalAddress.None;
            }

            // Nothing is left of a piece that a reservation found earlier has cut off at or below the next address.
            for (; above < m.Table.Count && m.Table.Slots[m.Table.Order.At(above)].Start <= next; above++)
            {
                if (m.Table.Order.At(above) < slot && m.Table.Slots[m.Table.Order.At(above)].Start < entryEnd)
                {
                    return PhysicalAddress.None;
                }
            }

            address = next;
            if (address == entryEnd)
            {
                return LastReaching(ref m, m.Table.Order.FirstStartingAfter(address, m.Table.Count), address) >= 0
                    ? PhysicalAddress.None
                    : address;
            }
        }
    }

    /// <summary>Of the places below <paramref name="above"/>, the last that ends at <paramref name="end"/> or later; or -1.</summary>
    private static int LastReaching(ref EarlyReservations m, int above, ulong end)
    {
        for (int i = above - 1; i >= 0; i--)
        {
            if (m.Table.Slots[m.Table.Order.At(i)].End >= end)
            {
                return i;
            }

            if (!m.Table.Order.Irregular)
            {
                break;
            }
        }

        return -1;
    }
}
