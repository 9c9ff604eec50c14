using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Firmware;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>How a new reservation affects those it overlaps, and a table that runs short of slots.</summary>
internal static unsafe class EarlyResPlacing
{
    /// <summary>
    /// Removes the ok reservations that overlap [start, end), in table order, up to the first overlap that is not ok (on which the caller
    /// will panic). The parts below and above come back as ok reservations of the same name, at the end of the table.
    /// </summary>
    /// <remarks>
    /// The leftovers go through <see cref="EarlyReservations.ReserveOverlapOk(ulong, ulong, byte*)"/> themselves: beside reservations made
    /// without check they may meet something, and the table may be full.
    /// </remarks>
    /// <returns>The first overlap that is left, in table order, or -1.</returns>
    private static int GiveWay(ref EarlyReservations m, ulong start, ulong end)
    {
        byte* name = stackalloc byte[EarlyReservations.NameBufferBytes];
        while (true)
        {
            int index = m.Table.FirstOverlap(start, end);
            if (index < 0 || !m.Table.IsOk(index))
            {
                return index;
            }

            ulong oldStart = m.Table.Slots[index].Start;
            ulong oldEnd = m.Table.Slots[index].End;
            m.CopyName(index, name);
            m.Table.Drop(index);
            if (oldStart < start)
            {
                m.ReserveOverlapOk(oldStart, start, name);
            }

            if (oldEnd > end)
            {
                m.ReserveOverlapOk(end, oldEnd, name);
            }
        }
    }

    /// <summary>
    /// Appends a reservation, for which ok ones give way; any other overlap, or a full table, panics. When nothing overlaps, which is
    /// nearly always, a single search by address shows that and finds the place in the order.
    /// </summary>
    internal static void Place(ref EarlyReservations m, ulong start, ulong end, byte* name, bool ok)
    {
        bool regular = !m.Table.Order.Irregular && start < end;
        int position = regular ? m.Table.Order.FirstEndingAfter(start, m.Table.Count) : m.Table.Count;
        if (!regular || (position < m.Table.Count && m.Table.Slots[m.Table.Order.At(position)].Start < end))
        {
            int index = GiveWay(ref m, start, end);
            if (index >= 0)
            {
                PanicOverlap(ref m, start, end, name, index);
                return;
            }

            position = m.Table.Order.FirstStartingAfter(start, m.Table.Count);
        }

        if (m.Table.Count == m.Table.Capacity)
        {
            m.Log->Panic("Too many early reservations");
            return;
        }

        m.Table.Append(start, end, name, ok, position);
    }

    private static void PanicOverlap(ref EarlyReservations m, ulong start, ulong end, byte* name, int index)
    {
        byte* nothing = stackalloc byte[1];
        byte* other = stackalloc byte[EarlyReservations.NameBufferBytes];
        nothing[0] = 0;
        m.CopyName(index, other);
        m.Log->Panic(
            "Overlapping early reservations %x-%x %s to %x-%x %s",
            start,
            end - 1,
            (nuint)(name == null ? nothing : name),
            m.Table.Slots[index].Start,
            m.Table.Slots[index].End - 1,
            (nuint)other);
    }

    /// <summary>
    /// Moves the table to twice the slots when the free ones are at most an eighth, or two. The new place is found like any other: first
    /// below the new reservation [start, end), above the table if that has moved already; then between the new reservation and the end of
    /// mapped memory. There must be room for more than the table. Without it: panic "can not find more space for early_res array".
    /// </summary>
    internal static void GrowIfShort(ref EarlyReservations m, ulong start, ulong end)
    {
        if (m.Table.Capacity == 0)
        {
            m.Log->Bug("early_res: reservation of [%x, %x) after the table was closed", start, end);
            return;
        }

        int reserve = m.Table.Capacity / 8 > 2 ? m.Table.Capacity / 8 : 2;
        if (m.Table.Capacity - m.Table.Count > reserve)
        {
            return;
        }

        ulong size = (ulong)m.Table.Capacity * 2 * EarlyResSlot.SizeInBytes;
        ulong address = PhysicalAddress.None;
        if (m.Table.Capacity * 2 <= EarlyReservations.MaxCapacity)
        {
            address = FindTable(ref m, m.Table.Moved ? m.Table.Slots[0].End : 0, start, size);
            if (address == PhysicalAddress.None)
            {
                address = FindTable(ref m, end, m.MappedEnd, size);
            }
        }

        if (address == PhysicalAddress.None)
        {
            m.Log->Panic("can not find more space for early_res array");
            return;
        }

        m.Table.Move(m.Physical, address, size);
        m.Log->Print("early_res array is doubled to %d at [%x - %x]\n", (ulong)m.Table.Capacity, address, address + size - 1);
    }

    private static ulong FindTable(ref EarlyReservations m, ulong start, ulong end, ulong size)
    {
        if (sizeof(void*) == 4 && end > PcMap.AddressLimit)
        {
            end = PcMap.AddressLimit;
        }

        return end > start && end - start > size ? m.Find(start, end, size, EarlyResSlot.SizeInBytes) : PhysicalAddress.None;
    }
}
