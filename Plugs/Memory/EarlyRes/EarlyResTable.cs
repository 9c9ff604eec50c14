using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// The slots of <see cref="EarlyReservations"/> in creation order: how they are taken, changed and closed up, and how the table moves.
/// </summary>
internal unsafe struct EarlyResTable
{
    /// <summary>The order by address.</summary>
    internal AddressOrder Order;

    private EarlyResSlot* _slots;
    private int _capacity;
    private ulong _mostBytes;
    private int _count;
    private bool _moved;
    private fixed ulong _initialSlots[EarlyReservations.InitialCapacity * EarlyResSlot.SizeInBytes / 8];

    /// <summary>The slots; the first <see cref="Count"/> are in use.</summary>
    internal readonly EarlyResSlot* Slots => _slots;

    /// <summary>Slots in use.</summary>
    internal readonly int Count => _count;

    /// <summary>Total slots.</summary>
    internal readonly int Capacity => _capacity;

    /// <summary>Bytes of the slots, in use or not, and of what is remembered of their order; 0 once the table is closed.</summary>
    internal readonly ulong Bytes => _capacity == 0 ? 0 : AddressOrder.Bytes + ((ulong)_capacity * EarlyResSlot.SizeInBytes);

    /// <summary>The most bytes that the table took at one moment: when it moves, the old slots and the new ones.</summary>
    internal readonly ulong MostBytes => _mostBytes;

    /// <summary>True once the table has moved: slot 0 is then its own reservation.</summary>
    internal readonly bool Moved => _moved;

    /// <summary>An empty table with the slots inside this struct, which must not move.</summary>
    internal void Init()
    {
        fixed (ulong* slots = _initialSlots)
        {
            Words.Set((uint*)slots, EarlyReservations.InitialCapacity * EarlyResSlot.SizeInBytes / sizeof(uint), 0);

            // The struct does not move, so the pointer outlives the fixed block.
            _slots = (EarlyResSlot*)slots;
        }

        _capacity = EarlyReservations.InitialCapacity;
        _mostBytes = Bytes;
        _count = 0;
        _moved = false;
        Order.Reset(_slots);
    }

    /// <summary>Ends the table: no reservations, no slots.</summary>
    internal void Close()
    {
        _count = 0;
        _capacity = 0;
        _moved = false;
        Order.Reset(_slots);
    }

    /// <summary>True for a reservation that may be overlapped.</summary>
    internal bool IsOk(int index)
    {
        return (_slots[index].Link & EarlyResSlot.OkFlag) != 0;
    }

    /// <summary>True for a moved table's own reservation.</summary>
    internal bool IsOwnTable(int index)
    {
        return _moved && index == 0;
    }

    /// <summary>
    /// Writes the name of reservation <paramref name="index"/> and a NUL, at most <see cref="EarlyReservations.NameBufferBytes"/> bytes.
    /// </summary>
    internal void CopyName(int index, byte* name)
    {
        byte* from = _slots[index].Name;
        for (int i = 0; i < EarlyResSlot.NameBytes; i++)
        {
            name[i] = from[i];
        }

        name[EarlyResSlot.NameBytes] = 0;
    }

    /// <summary>The first in table order that overlaps [start, end), or -1. O(log n) if none does, or one.</summary>
    internal int FirstOverlap(ulong start, ulong end)
    {
        if (!Order.Irregular)
        {
            int position = Order.FirstEndingAfter(start, _count);
            int index = position < _count ? Order.At(position) : -1;
            if (index < 0 || _slots[index].Start >= end)
            {
                return -1;
            }

            if (position + 1 == _count || _slots[Order.At(position + 1)].Start >= end)
            {
                return index;
            }
        }

        for (int i = 0; i < _count; i++)
        {
            if (_slots[i].Start < end && _slots[i].End > start)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Enters a reservation after the last in the table, and at a place in the order by address.</summary>
    internal void Append(ulong start, ulong end, byte* name, bool ok, int position)
    {
        EarlyResSlot* slot = _slots + _count;
        slot->Start = start;
        slot->End = end;
        slot->Link = (ushort)((slot->Link & EarlyResSlot.OrderMask) | (ok ? EarlyResSlot.OkFlag : 0));
        if (name != null)
        {
            // The fourteen bytes by their words, then as many as the name has.
            uint* words = (uint*)slot->Name;
            words[0] = 0;
            words[1] = 0;
            words[2] = 0;
            *(ushort*)(words + 3) = 0;
            for (int i = 0; i < EarlyResSlot.NameBytes && name[i] != 0; i++)
            {
                slot->Name[i] = name[i];
            }
        }

        _count++;
        Order.Enter(_count - 1, position, _count - 1);
    }

    /// <summary>Changes the range of a reservation in its slot.</summary>
    internal void Resize(int index, ulong start, ulong end)
    {
        int position = Order.PlaceOf(index, _count);
        Order.Leave(position, _count);
        _slots[index].Start = start;
        _slots[index].End = end;
        Order.NoteJoinedGap(position, _count - 1);
        Order.Enter(index, Order.FirstStartingAfter(start, _count - 1), _count - 1);
    }

    /// <summary>
    /// Removes a reservation; later ones move down one slot, without the cells of the order beside them. The last slot keeps its old bytes.
    /// O(n).
    /// </summary>
    internal void Drop(int index)
    {
        int position = Order.PlaceOf(index, _count);
        Order.Leave(position, _count);
        _count--;
        Order.Renumber(index, _count);
        for (int i = index; i < _count; i++)
        {
            EarlyResSlot* slot = _slots + i;
            int order = slot->Link & EarlyResSlot.OrderMask;
            *slot = slot[1];
            slot->Link = (ushort)((slot->Link & EarlyResSlot.OkFlag) | order);
        }

        Order.NoteJoinedGap(position, _count);
    }

    /// <summary>
    /// Copies the table to [address, address + size), its own reservation in slot 0, and zeroes the old one. A table that
    /// had not moved goes to the slots from 1 on; one that had keeps its slots, its old own reservation being replaced.
    /// Slots that are not in use are copied too: they hold names that reservations without a name will show.
    /// </summary>
    internal void Move(PhysicalMemory physical, ulong address, ulong size)
    {
        EarlyResSlot* old = _slots;
        EarlyResSlot* slots = (EarlyResSlot*)physical.At(address);
        physical.Clear(address, size);
        int shift = _moved ? 0 : 1;
        for (int i = 1 - shift; i < _capacity; i++)
        {
            slots[i + shift] = old[i];
        }

        slots->Start = address;
        slots->End = address + size;
        slots->Link = 0;
        int ordered = 0;
        int blockShift = AddressOrder.ShiftFor(_capacity * 2);
        for (int i = 0; i < _count; i++)
        {
            int slot = Order.At(i) + shift;
            if (slot != 0)
            {
                EarlyResSlot* cell = slots + AddressOrder.FreshCell(ordered, blockShift);
                cell->Link = (ushort)((cell->Link & EarlyResSlot.OkFlag) | slot);
                ordered++;
            }
        }

        for (int i = 0; i < _capacity; i++)
        {
            old[i] = default;
        }

        _slots = slots;
        _mostBytes = Bytes + size;
        _count = ordered + 1;
        _capacity *= 2;
        _moved = true;
        Order.Rebuild(_slots, blockShift, ordered);
        Order.Enter(0, Order.FirstStartingAfter(address, ordered), ordered);
    }
}
