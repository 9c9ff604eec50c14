using CosmosBootAlloc.Memory.Firmware;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// The table of <see cref="EarlyReservations"/>: slots in the order of their making, what a new reservation does to those it overlaps,
/// and how the table moves when it runs short.
/// </summary>
public unsafe partial struct EarlyReservations
{
    private bool IsOk(int index)
    {
        return (_slots[index].Link & EarlyResSlot.OkFlag) != 0;
    }

    private bool IsOwnTable(int index)
    {
        return _moved && index == 0;
    }

    /// <summary>The first in table order that overlaps [start, end), or -1. O(log n) if none does.</summary>
    private int FirstOverlap(ulong start, ulong end)
    {
        if (!Overlaps(start, end))
        {
            return -1;
        }

        if (!_irregular)
        {
            // Disjoint: the common case is one overlap, and it is the one found.
            int position = FirstEndingAfter(start);
            if (position + 1 == _count || _slots[OrderAt(position + 1)].Start >= end)
            {
                return OrderAt(position);
            }
        }

        int i = 0;
        while (_slots[i].Start >= end || _slots[i].End <= start)
        {
            i++;
        }

        return i;
    }

    /// <summary>
    /// Removes the ok reservations that overlap [start, end), in table order, up to the first overlap that is not ok (on
    /// which the caller will panic). What reaches out below and above comes back as ok reservations of the same name, at
    /// the end of the table.
    /// </summary>
    /// <remarks>
    /// The leftovers go through <see cref="ReserveOverlapOk(ulong, ulong, byte*)"/> themselves: beside reservations made
    /// without check they may meet something, and the table may be full.
    /// </remarks>
    private void GiveWay(ulong start, ulong end)
    {
        byte* name = stackalloc byte[NameBufferBytes];
        for (;;)
        {
            int index = FirstOverlap(start, end);
            if (index < 0 || !IsOk(index))
            {
                return;
            }

            ulong oldStart = _slots[index].Start;
            ulong oldEnd = _slots[index].End;
            CopyName(index, name);
            Drop(index);
            if (oldStart < start)
            {
                ReserveOverlapOk(oldStart, start, name);
            }

            if (oldEnd > end)
            {
                ReserveOverlapOk(end, oldEnd, name);
            }
        }
    }

    /// <summary>
    /// Appends a reservation for which ok ones give way; another overlap and a full table panic. Where nothing overlaps,
    /// which is nearly always, one search by address tells that, and the place in the order too.
    /// </summary>
    private void Place(ulong start, ulong end, byte* name, bool ok)
    {
        bool regular = !_irregular && start < end;
        int position = regular ? FirstEndingAfter(start) : _count;
        if (!regular || (position < _count && _slots[OrderAt(position)].Start < end))
        {
            GiveWay(start, end);
            int index = FirstOverlap(start, end);
            if (index >= 0)
            {
                PanicOverlap(start, end, name, index);
                return;
            }

            position = FirstStartingAfter(start, _count);
        }

        if (_count == _capacity)
        {
            _log->Panic("Too many early reservations");
            return;
        }

        Append(start, end, name, ok, position);
    }

    private void PanicOverlap(ulong start, ulong end, byte* name, int index)
    {
        byte* nothing = stackalloc byte[1];
        byte* other = stackalloc byte[NameBufferBytes];
        nothing[0] = 0;
        CopyName(index, other);
        _log->Panic(
            "Overlapping early reservations %x-%x %s to %x-%x %s",
            start,
            end - 1,
            (nuint)(name == null ? nothing : name),
            _slots[index].Start,
            _slots[index].End - 1,
            (nuint)other);
    }

    /// <summary>Enters a reservation after the last in the table, and at a place in the order by address.</summary>
    private void Append(ulong start, ulong end, byte* name, bool ok, int position)
    {
        EarlyResSlot* slot = _slots + _count;
        slot->Start = start;
        slot->End = end;
        slot->Link = (ushort)((slot->Link & EarlyResSlot.OrderMask) | (ok ? EarlyResSlot.OkFlag : 0));
        if (name != null)
        {
            int i = 0;
            for (; i < EarlyResSlot.NameBytes && name[i] != 0; i++)
            {
                slot->Name[i] = name[i];
            }

            for (; i < EarlyResSlot.NameBytes; i++)
            {
                slot->Name[i] = 0;
            }
        }

        _count++;
        Enter(_count - 1, position, _count - 1);
    }

    /// <summary>Changes the range of a reservation in its slot.</summary>
    private void Resize(int index, ulong start, ulong end)
    {
        int position = PlaceOf(index);
        Leave(position);
        _slots[index].Start = start;
        _slots[index].End = end;
        NoteJoinedGap(position, _count - 1);
        Enter(index, FirstStartingAfter(start, _count - 1), _count - 1);
    }

    /// <summary>
    /// Takes a reservation out; those behind it move up one slot, so both the table and the order close up: in one pass
    /// each slot takes the reservation of the next (from <paramref name="index"/> on), the order of the next (from the place
    /// that became empty on), and renumbers it. The last slot keeps its old bytes.
    /// </summary>
    private void Drop(int index)
    {
        int position = PlaceOf(index);
        _count--;
        for (int i = 0; i < _count; i++)
        {
            EarlyResSlot* slot = _slots + i;
            int order = (i < position ? slot : slot + 1)->Link & EarlyResSlot.OrderMask;
            int ok = slot->Link & EarlyResSlot.OkFlag;
            if (i >= index)
            {
                *slot = slot[1];
                ok = slot->Link & EarlyResSlot.OkFlag;
            }

            slot->Link = (ushort)(ok | (order > index ? order - 1 : order));
        }

        NoteJoinedGap(position, _count);
    }

    /// <summary>
    /// Moves the table to twice the slots when the free ones are at most an eighth, or two. The place is found as anybody's:
    /// first below the new reservation [start, end), above the table if that has moved already; then between the new
    /// reservation and the end of mapped memory. There must be room for more than the table. Without it: panic "can not
    /// find more space for early_res array".
    /// </summary>
    private void GrowIfShort(ulong start, ulong end)
    {
        if (_capacity == 0)
        {
            _log->Bug("early_res: reservation of [%x, %x) after the table was closed", start, end);
            return;
        }

        int reserve = _capacity / 8 > 2 ? _capacity / 8 : 2;
        if (_capacity - _count > reserve)
        {
            return;
        }

        ulong size = (ulong)_capacity * 2 * EarlyResSlot.SizeInBytes;
        ulong address = NotFound;
        if (_capacity * 2 <= MaxCapacity)
        {
            address = FindTable(_moved ? _slots[0].End : 0, start, size);
            if (address == NotFound)
            {
                address = FindTable(end, _mappedEnd, size);
            }
        }

        if (address == NotFound)
        {
            _log->Panic("can not find more space for early_res array");
            return;
        }

        MoveTable(address, size);
        _log->Print("early_res array is doubled to %d at [%x - %x]\n", (ulong)_capacity, address, address + size - 1);
    }

    private ulong FindTable(ulong start, ulong end, ulong size)
    {
        if (sizeof(void*) == 4 && end > PcMap.AddressLimit)
        {
            end = PcMap.AddressLimit;
        }

        return end > start && end - start > size ? Find(start, end, size, EarlyResSlot.SizeInBytes) : NotFound;
    }

    /// <summary>
    /// Copies the table to [address, address + size), its own reservation in slot 0, and zeroes the old one. A table that
    /// had not moved goes to the slots from 1 on; one that had keeps its slots, its old own reservation being replaced.
    /// Slots that are not in use are copied too: they hold names that reservations without a name will show.
    /// </summary>
    private void MoveTable(ulong address, ulong size)
    {
        EarlyResSlot* old = _slots;
        EarlyResSlot* slots = (EarlyResSlot*)_physical.At(address);
        _physical.Clear(address, size);
        int shift = _moved ? 0 : 1;
        for (int i = 1 - shift; i < _capacity; i++)
        {
            slots[i + shift] = old[i];
        }

        slots->Start = address;
        slots->End = address + size;
        slots->Link = 0;
        int ordered = 0;
        for (int i = 0; i < _count; i++)
        {
            int slot = OrderAt(i) + shift;
            if (slot != 0)
            {
                slots[ordered].Link = (ushort)((slots[ordered].Link & EarlyResSlot.OkFlag) | slot);
                ordered++;
            }
        }

        for (int i = 0; i < _capacity; i++)
        {
            old[i] = default;
        }

        _slots = slots;
        _count = ordered + 1;
        _capacity *= 2;
        _moved = true;
        RebuildSearch(ordered);
        Enter(0, FirstStartingAfter(address, ordered), ordered);
    }
}
