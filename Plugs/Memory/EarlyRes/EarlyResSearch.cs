using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>Free room between the reservations of a table: by gaps when it is regular, by a walk when it is not.</summary>
internal static unsafe class EarlyResSearch
{
    /// <summary>The lowest multiple of align in [address, last] with size free bytes. Needs a regular table.</summary>
    internal static ulong Search(ref EarlyResTable table, ulong address, ulong last, ulong size, ulong align)
    {
        int mask = (1 << table.Order.BlockShift) - 1;
        uint bounded = AddressOrder.Bounded(size);
        int position = table.Order.FirstEndingAfter(address, table.Count);
        while (position < table.Count)
        {
            int first = position;
            int block = position >> table.Order.BlockShift;
            while (position < table.Count && table.Order.Bound(block) < bounded)
            {
                block++;
                position = block << table.Order.BlockShift;
            }

            if (position > first)
            {
                // Nothing fits before this place, wherever the search began in the first block.
                position = position < table.Count ? position : table.Count;
                if (!MoveUp(ref address, table.Slots[table.Order.At(position - 1)].End, last, align))
                {
                    return PhysicalAddress.None;
                }

                continue;
            }

            int end = (block + 1) << table.Order.BlockShift;
            end = end < table.Count ? end : table.Count;
            bool whole = position == block << table.Order.BlockShift;
            ulong below = position == 0 ? 0 : table.Slots[table.Order.At(position - 1)].End;
            ulong largest = 0;
            EarlyResSlot* cells = table.Order.Ring(block, out int place);
            place += position;
            for (int rest = end - position; rest > 0; rest--)
            {
                EarlyResSlot* slot = table.Slots + (cells[place & mask].Link & EarlyResSlot.OrderMask);
                place++;
                ulong gap = slot->Start - below;
                if (gap >= size)
                {
                    if (!MoveUp(ref address, below, last, align))
                    {
                        return PhysicalAddress.None;
                    }

                    if (slot->Start >= address && slot->Start - address >= size)
                    {
                        return address;
                    }
                }

                largest = gap > largest ? gap : largest;
                below = slot->End;
            }

            if (!MoveUp(ref address, below, last, align))
            {
                return PhysicalAddress.None;
            }

            position = end;
            if (whole)
            {
                table.Order.SetBound(block, largest);
            }
        }

        return address;
    }

    /// <summary>As <see cref="Search"/>, for any table: all reservations in address order.</summary>
    internal static ulong Walk(ref EarlyResTable table, ulong address, ulong last, ulong size, ulong align)
    {
        for (int i = 0; i < table.Count; i++)
        {
            EarlyResSlot* slot = table.Slots + table.Order.At(i);
            if (slot->Start >= address + size)
            {
                break;
            }

            if (!MoveUp(ref address, slot->End, last, align))
            {
                return PhysicalAddress.None;
            }
        }

        return address;
    }

    /// <summary>
    /// Moves a candidate up to the end of a reservation if it is below that; false when this passes the last possible candidate.
    /// </summary>
    private static bool MoveUp(ref ulong address, ulong end, ulong last, ulong align)
    {
        if (end <= address)
        {
            return true;
        }

        address = Bits.RoundUp(end, align);
        return address >= end && address <= last;
    }
}
