using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// Searching for <see cref="EarlyReservations"/>: the order of reservations by address, and the largest gaps by block.
/// </summary>
/// <remarks>
/// <code>
///     address order     0    1    2    3  |  4    5    6    7  |  8    9         (blocks of 4 for the picture)
///     memory        ...[##].[##]..[#].[##]..[##].[####].[#]...[##].......[##]...
///     gap k         before the k-th reservation, from the end of the one before it (from 0 for the first)
///     bound b       no gap of block b is larger: may be too high, never too low
/// </code>
/// A bound is raised when a gap comes into the block (a reservation is entered below and pushes others on, one is taken out
/// and its neighbours' gaps join) and set to the truth when a search has looked through the whole block in vain. A search
/// for more than the bound steps over the block. The room above the last reservation is no gap and always looked at.
///
/// Gaps make sense while reservations are disjoint. Once one is entered that overlaps another, or is empty, the table is
/// <i>irregular</i>: then all searches walk in address order, which is right for any ranges: a candidate only ever moves up,
/// and the reservations that can stop it come in ascending order.
/// </remarks>
public unsafe partial struct EarlyReservations
{
    private const int MaxBlocks = 256;
    private const int LeastBlockShift = 4;

    /// <summary>
    /// The lowest free place for <paramref name="size"/> bytes in the first RAM entry of the map, in map order, that has one
    /// inside [<paramref name="start"/>, <paramref name="end"/>). Reserves nothing. O(map entries x cost of
    /// <see cref="FindInRange"/>). 2.6.34 find_e820_area.
    /// </summary>
    /// <param name="start">Lowest address.</param>
    /// <param name="end">First byte after the highest; <see cref="ulong.MaxValue"/> for no limit.</param>
    /// <param name="size">Bytes; 0 finds an address that is not inside a reservation.</param>
    /// <param name="align">Power of two.</param>
    /// <returns>An address, or <see cref="NotFound"/>.</returns>
    public ulong Find(ulong start, ulong end, ulong size, ulong align)
    {
        int entries = _map->Count;
        for (int i = 0; i < entries; i++)
        {
            if (_map->IsRam(i))
            {
                ulong address = FindInRange(_map->Start(i), _map->End(i), start, end, size, align);
                if (address != NotFound)
                {
                    return address;
                }
            }
        }

        return NotFound;
    }

    /// <summary>
    /// The lowest address A, a multiple of <paramref name="align"/>, with [A, A + <paramref name="size"/>) inside both
    /// [<paramref name="rangeStart"/>, <paramref name="rangeEnd"/>) and [<paramref name="start"/>, <paramref name="end"/>) and free of
    /// reservations. Asks the map nothing. O(log n + blocks + one block). 2.6.34 find_early_area, which is fooled by sizes that
    /// pass 2^64.
    /// </summary>
    /// <returns>An address, or <see cref="NotFound"/>.</returns>
    public ulong FindInRange(ulong rangeStart, ulong rangeEnd, ulong start, ulong end, ulong size, ulong align)
    {
        if (!Bits.IsPowerOfTwo(align))
        {
            _log->Bug("early_res: alignment %x is no power of two", align);
            return NotFound;
        }

        ulong low = rangeStart > start ? rangeStart : start;
        ulong high = rangeEnd < end ? rangeEnd : end;
        ulong address = Bits.RoundUp(low, align);
        if (address < low || address >= rangeEnd || size > high || address > high - size)
        {
            return NotFound;
        }

        return _irregular ? Walk(address, high - size, size, align) : Search(address, high - size, size, align);
    }

    /// <summary>True if something reserved overlaps [start, end): O(log n) when regular.</summary>
    private bool Overlaps(ulong start, ulong end)
    {
        if (!_irregular)
        {
            int position = FirstEndingAfter(start);
            return position < _count && _slots[OrderAt(position)].Start < end;
        }

        for (int i = 0; i < _count; i++)
        {
            if (_slots[i].Start < end && _slots[i].End > start)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lowest multiple of align in [address, last] with size free bytes. Needs a regular table.</summary>
    private ulong Search(ulong address, ulong last, ulong size, ulong align)
    {
        int position = FirstEndingAfter(address);
        while (position < _count)
        {
            int first = position;
            int block = position >> _blockShift;
            while (position < _count && _bounds[block] < size)
            {
                block++;
                position = block << _blockShift;
            }

            if (position > first)
            {
                // Nothing fits before this place, wherever in the first block the search began.
                position = position < _count ? position : _count;
                if (!MoveUp(ref address, _slots[OrderAt(position - 1)].End, last, align))
                {
                    return NotFound;
                }

                continue;
            }

            int end = (block + 1) << _blockShift;
            end = end < _count ? end : _count;
            bool whole = position == block << _blockShift;
            ulong below = position == 0 ? 0 : _slots[OrderAt(position - 1)].End;
            ulong largest = 0;
            for (; position < end; position++)
            {
                EarlyResSlot* slot = _slots + OrderAt(position);
                if (slot->Start >= address && slot->Start - address >= size)
                {
                    return address;
                }

                largest = slot->Start - below > largest ? slot->Start - below : largest;
                below = slot->End;
                if (!MoveUp(ref address, slot->End, last, align))
                {
                    return NotFound;
                }
            }

            if (whole)
            {
                _bounds[block] = largest;
            }
        }

        return address;
    }

    /// <summary>As <see cref="Search"/>, for any table: all reservations in address order.</summary>
    private ulong Walk(ulong address, ulong last, ulong size, ulong align)
    {
        for (int i = 0; i < _count; i++)
        {
            EarlyResSlot* slot = _slots + OrderAt(i);
            if (slot->Start >= address + size)
            {
                break;
            }

            if (!MoveUp(ref address, slot->End, last, align))
            {
                return NotFound;
            }
        }

        return address;
    }

    /// <summary>Moves a candidate up to the end of a reservation if it is below; false when that is past the last possible one.</summary>
    private static bool MoveUp(ref ulong address, ulong end, ulong last, ulong align)
    {
        if (end <= address)
        {
            return true;
        }

        address = Bits.RoundUp(end, align);
        return address >= end && address <= last;
    }

    private void ResetSearch()
    {
        _irregular = false;
        _blockShift = LeastBlockShift;
        for (int i = 0; i < MaxBlocks; i++)
        {
            _bounds[i] = 0;
        }
    }

    /// <summary>
    /// While the table moves: the blocks' length for the new capacity, and true bounds and regularity for an order of
    /// <paramref name="ordered"/> places. O(n).
    /// </summary>
    private void RebuildSearch(int ordered)
    {
        ResetSearch();
        while ((_capacity >> _blockShift) > MaxBlocks)
        {
            _blockShift++;
        }

        for (int i = 0; i < ordered; i++)
        {
            NoteIrregular(i, ordered);
        }

        for (int i = 0; i < ordered; i++)
        {
            NoteGap(i);
        }
    }

    private int OrderAt(int position)
    {
        return _slots[position].Link & EarlyResSlot.OrderMask;
    }

    private void SetOrder(int position, int slot)
    {
        _slots[position].Link = (ushort)((_slots[position].Link & EarlyResSlot.OkFlag) | slot);
    }

    /// <summary>The first place in the order whose reservation ends after an address. Needs a regular table. O(log n).</summary>
    private int FirstEndingAfter(ulong address)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_slots[OrderAt(middle)].End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>The first of the places 0..ordered-1 whose reservation starts after an address. O(log n).</summary>
    private int FirstStartingAfter(ulong address, int ordered)
    {
        int low = 0;
        int high = ordered;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_slots[OrderAt(middle)].Start > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Puts a slot at a place into an order of <paramref name="ordered"/> places, which then has one more.</summary>
    private void Enter(int index, int position, int ordered)
    {
        int moving = index;
        for (int i = position; i <= ordered; i++)
        {
            int next = OrderAt(i);
            SetOrder(i, moving);
            moving = next;
        }

        ordered++;
        NoteIrregular(position, ordered);
        NoteGap(position);
        for (int block = (position >> _blockShift) + 1; (block << _blockShift) < ordered; block++)
        {
            NoteGap(block << _blockShift);
        }
    }

    /// <summary>The place that a slot has in the order. O(log n), and one more for each that starts at the same address.</summary>
    private int PlaceOf(int index)
    {
        int position = FirstStartingAfter(_slots[index].Start, _count) - 1;
        while (OrderAt(position) != index)
        {
            position--;
        }

        return position;
    }

    /// <summary>Closes the order of <see cref="_count"/> places over one.</summary>
    private void Leave(int position)
    {
        for (int i = position; i + 1 < _count; i++)
        {
            SetOrder(i, OrderAt(i + 1));
        }
    }

    /// <summary>
    /// After a place left the order: bounds for the joined gap at the place, and for those that moved into earlier blocks.
    /// </summary>
    private void NoteJoinedGap(int position, int ordered)
    {
        if (position < ordered)
        {
            NoteGap(position);
        }

        for (int last = position | ((1 << _blockShift) - 1); last < ordered; last += 1 << _blockShift)
        {
            NoteGap(last);
        }
    }

    /// <summary>Raises the bound of the block to the gap before a place.</summary>
    private void NoteGap(int position)
    {
        if (_irregular)
        {
            return;
        }

        ulong below = position == 0 ? 0 : _slots[OrderAt(position - 1)].End;
        ulong gap = _slots[OrderAt(position)].Start - below;
        int block = position >> _blockShift;
        if (_bounds[block] < gap)
        {
            _bounds[block] = gap;
        }
    }

    /// <summary>Checks the reservation at a place against its neighbours.</summary>
    private void NoteIrregular(int position, int ordered)
    {
        EarlyResSlot* slot = _slots + OrderAt(position);
        if (slot->Start >= slot->End
            || (position > 0 && _slots[OrderAt(position - 1)].End > slot->Start)
            || (position + 1 < ordered && _slots[OrderAt(position + 1)].Start < slot->End))
        {
            _irregular = true;
        }
    }
}
