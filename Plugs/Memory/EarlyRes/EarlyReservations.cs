using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// The early reservations: a small table of named byte ranges that must not be handed out yet. Memory is free when the
/// memory map calls it RAM and no reservation covers it.
/// </summary>
/// <remarks>
/// Life: the table starts with 32 slots inside this struct. When it runs short it moves to twice the size, into memory that
/// it finds for itself; a moved table is its own reservation number 0, without a name. Under bootmem it ends when the
/// bitmap takes over; without bootmem it lives until the buddy has been fed. Behavior and order of 2.6.34 early_res.
///
/// Vocabulary. <i>Slot</i>: a place in the table; slots 0..<see cref="Count"/>-1 are in use, in the order of their making, which
/// every listing shows. <i>Ok</i>: a reservation that may be overlapped: a later one cuts its part out of it. <i>No check</i>: a
/// reservation that is appended without looking at the others, because its maker has just found the place free.
///
/// Beside the visible order the table keeps a second one, by address, so that nothing is searched by walking the table.
/// A slot has 15 bits to spare, so slot k names the slot that is k-th by address: a sorted array of slot numbers, inside
/// the table's own bytes, growing with it and moving nothing that can be seen (<see cref="EarlyResSlot"/>). What overlaps a range
/// is a binary search. To find room, the sorted places are looked at in up to 256 blocks of equal length; for each block
/// the struct remembers a size that no free gap in it exceeds, and a search steps over blocks whose gaps are too small
/// (EarlyResSearch.cs). 15 bits reach 32,768 slots, 1 MiB of table.
///
/// Cost, n = reservations: find O(log n + blocks + one block) unless alignment makes gaps unfit that are large enough;
/// reserve O(log n) to find its place and moves of 2 bytes for each reservation above it; free O(n), since the visible order
/// closes up. Reservations made without check that do overlap, and empty ones, switch searches to a plain walk in address
/// order, O(n), until the table moves next without them.
///
/// Ranges are half-open, in bytes; an end of 2^64 cannot be expressed. The struct is reached by pointer and must not move.
/// </remarks>
public unsafe struct EarlyReservations
{
    /// <summary>Slots of the table inside the struct.</summary>
    public const int InitialCapacity = 32;

    /// <summary>Most slots a table may have.</summary>
    public const int MaxCapacity = EarlyResSlot.OrderMask + 1;

    /// <summary>Bytes that <see cref="CopyName"/> writes: a name and its NUL.</summary>
    public const int NameBufferBytes = EarlyResSlot.NameBytes + 1;

    /// <summary>The slots, and their order by address.</summary>
    internal EarlyResTable Table;

    /// <summary>Says where RAM is.</summary>
    internal E820Map* Map;

    /// <summary>Where lines and panics go.</summary>
    internal KernelLog* Log;

    /// <summary>Where a moved table is written.</summary>
    internal PhysicalMemory Physical;

    private ulong _mappedEnd;

    /// <summary>An empty table with the 32 slots inside this struct.</summary>
    /// <param name="log">Receives the line about a moved table, and panics.</param>
    /// <param name="physical">Where a moved table is written.</param>
    /// <param name="map">Says where RAM is; asked at each search.</param>
    public void Init(KernelLog* log, PhysicalMemory physical, E820Map* map)
    {
        Log = log;
        Physical = physical;
        Map = map;
        _mappedEnd = 0;
        Table.Init();
    }

    /// <summary>Reservations in the table, a moved table's own among them.</summary>
    public int Count => Table.Count;

    /// <summary>Slots of the table.</summary>
    public int Capacity => Table.Capacity;

    /// <summary>Bytes of the table: its slots, in use or not, and what it remembers of their order; 0 once it is closed.</summary>
    public ulong TableBytes => Table.Bytes;

    /// <summary>The most bytes that the table took at one moment, its old slots beside the new ones when it moved.</summary>
    public ulong MostTableBytes => Table.MostBytes;

    /// <summary>True once the table has moved: reservation 0 is then the table itself.</summary>
    public bool TableMoved => Table.Moved;

    /// <summary>First byte after the memory that is mapped, as <see cref="SetMappedEnd"/> said it.</summary>
    public ulong MappedEnd => _mappedEnd;

    /// <summary>
    /// Says up to which pfn memory is mapped: a moved table lies below it, unless there is room below the new reservation.
    /// </summary>
    public void SetMappedEnd(ulong pfn)
    {
        _mappedEnd = pfn << PageSize.Shift;
    }

    /// <summary>Reservation <paramref name="index"/>, 0 &lt;= index &lt; <see cref="Count"/>, in the order of the table.</summary>
    public void Get(int index, out ulong start, out ulong end, out bool overlapOk)
    {
        start = Table.Slots[index].Start;
        end = Table.Slots[index].End;
        overlapOk = Table.IsOk(index);
    }

    /// <summary>Reservation <paramref name="index"/>: [<paramref name="start"/>, <paramref name="end"/>).</summary>
    public void Get(int index, out ulong start, out ulong end)
    {
        start = Table.Slots[index].Start;
        end = Table.Slots[index].End;
    }

    /// <summary>
    /// The index of the reservation that is in place <paramref name="place"/> by start address, 0 &lt;= place &lt; <see cref="Count"/>.
    /// O(1).
    /// </summary>
    public int SlotByAddress(int place)
    {
        return Table.Order.At(place);
    }

    /// <summary>Writes the name of reservation <paramref name="index"/> and a NUL, at most <see cref="NameBufferBytes"/> bytes.</summary>
    public void CopyName(int index, byte* name) => Table.CopyName(index, name);

    /// <summary>
    /// Reserves [<paramref name="start"/>, <paramref name="end"/>); empty and reversed ranges are ignored. The table grows if it
    /// is short of slots. Ok reservations give way; any other overlap panics, naming both. O(log n) and the shift of the
    /// order; with overlaps O(n) for each. 2.6.34 reserve_early.
    /// </summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte after.</param>
    /// <param name="name">Bytes up to a NUL, of which 14 are kept; null leaves the name that the slot had before.</param>
    public void Reserve(ulong start, ulong end, byte* name)
    {
        if (start >= end)
        {
            return;
        }

        EarlyResPlacing.GrowIfShort(ref this, start, end);
        EarlyResPlacing.Place(ref this, start, end, name, false);
    }

    /// <summary>As <see cref="Reserve(ulong, ulong, byte*)"/>.</summary>
    public void Reserve(ulong start, ulong end, string name)
    {
        byte* bytes = stackalloc byte[NameBufferBytes];
        Reserve(start, end, ToBytes(name, bytes));
    }

    /// <summary>
    /// Reserves a range that later ones may overlap. As <see cref="Reserve(ulong, ulong, byte*)"/>, but the table does not grow
    /// (a full one panics "Too many early reservations") and an empty range is entered too; a range that ends at 0 is
    /// ignored, there being nothing it could cover. 2.6.34 reserve_early_overlap_ok.
    /// </summary>
    public void ReserveOverlapOk(ulong start, ulong end, byte* name)
    {
        if (end == 0)
        {
            return;
        }

        EarlyResPlacing.Place(ref this, start, end, name, true);
    }

    /// <summary>As <see cref="ReserveOverlapOk(ulong, ulong, byte*)"/>.</summary>
    public void ReserveOverlapOk(ulong start, ulong end, string name)
    {
        byte* bytes = stackalloc byte[NameBufferBytes];
        ReserveOverlapOk(start, end, ToBytes(name, bytes));
    }

    /// <summary>
    /// Reserves a range that its maker knows to be free: grows the table if needed, appends, looks at no overlap. Empty and
    /// reversed ranges are ignored. 2.6.34 reserve_early_without_check.
    /// </summary>
    public void ReserveNoCheck(ulong start, ulong end, byte* name)
    {
        if (start >= end)
        {
            return;
        }

        EarlyResPlacing.GrowIfShort(ref this, start, end);
        Table.Append(start, end, name, false, Table.Order.FirstStartingAfter(start, Table.Count));
    }

    /// <summary>As <see cref="ReserveNoCheck(ulong, ulong, byte*)"/>.</summary>
    public void ReserveNoCheck(ulong start, ulong end, string name)
    {
        byte* bytes = stackalloc byte[NameBufferBytes];
        ReserveNoCheck(start, end, ToBytes(name, bytes));
    }

    /// <summary>
    /// Gives back a reservation: the range must be exactly one, and the first in the table that it overlaps; else panics
    /// "free_early on not reserved area: A-B!". A moved table's own reservation cannot be given back. O(n). 2.6.34
    /// free_early.
    /// </summary>
    public void Free(ulong start, ulong end)
    {
        int index = Table.FirstOverlap(start, end);
        if (index < 0 || Table.Slots[index].Start != start || Table.Slots[index].End != end || Table.IsOwnTable(index))
        {
            Log->Panic("free_early on not reserved area: %x-%x!", start, end - 1);
            return;
        }

        Table.Drop(index);
    }

    /// <summary>
    /// Gives back whatever is reserved of [<paramref name="start"/>, <paramref name="end"/>): reservations inside go, others
    /// are trimmed; one that reaches out on both sides keeps its head, and its tail becomes a new reservation, not ok.
    /// What is not reserved is passed over, and so is the table's own reservation. A reversed range frees nothing and is
    /// reported. O(n). 2.6.34 free_early_partial, which never returns when the range touches two reservations or reaches past
    /// one.
    /// </summary>
    public void FreePartial(ulong start, ulong end)
    {
        if (start > end)
        {
            Log->Print("WARNING:   wrong range [0x%x, 0x%x]\n", start, end);
        }

        if (start >= end || Table.FirstOverlap(start, end) < 0)
        {
            return;
        }

        byte* name = stackalloc byte[NameBufferBytes];
        int i = 0;
        while (i < Table.Count)
        {
            ulong oldStart = Table.Slots[i].Start;
            ulong oldEnd = Table.Slots[i].End;
            ulong commonStart = oldStart > start ? oldStart : start;
            ulong commonEnd = oldEnd < end ? oldEnd : end;
            if (commonStart >= commonEnd || Table.IsOwnTable(i))
            {
                i++;
                continue;
            }

            bool all = oldStart <= start && oldEnd >= end;
            if (oldStart < commonStart)
            {
                Table.Resize(i, oldStart, commonStart);
                if (oldEnd > commonEnd)
                {
                    CopyName(i, name);
                    ReserveNoCheck(commonEnd, oldEnd, name);
                }

                i++;
            }
            else if (oldEnd > commonEnd)
            {
                Table.Resize(i, commonEnd, oldEnd);
                i++;
            }
            else
            {
                Table.Drop(i);
            }

            if (all)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Ends the table: no reservation, no slot; a reservation after this is a bug. What was reserved now belongs to whoever took
    /// the reservations over; a moved table's memory is not touched any more.
    /// </summary>
    public void Close() => Table.Close();

    private static byte* ToBytes(string name, byte* bytes)
    {
        if (name == null)
        {
            return null;
        }

        int length = name.Length < EarlyResSlot.NameBytes ? name.Length : EarlyResSlot.NameBytes;
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)name[i];
        }

        bytes[length] = 0;
        return bytes;
    }

    /// <summary>
    /// The lowest free place for <paramref name="size"/> bytes in the first RAM entry of the map, in map order, that has one
    /// inside [<paramref name="start"/>, <paramref name="end"/>). Reserves nothing. O(map entries x cost of
    /// <see cref="FindInRange"/>). 2.6.34 find_e820_area.
    /// </summary>
    /// <param name="start">Lowest address.</param>
    /// <param name="end">First byte after the highest; <see cref="ulong.MaxValue"/> for no limit.</param>
    /// <param name="size">Bytes; 0 finds an address that is not inside a reservation.</param>
    /// <param name="align">Power of two.</param>
    /// <returns>An address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong Find(ulong start, ulong end, ulong size, ulong align)
    {
        int entries = Map->Count;
        for (int i = 0; i < entries; i++)
        {
            if (Map->IsRam(i))
            {
                ulong address = FindInRange(Map->Start(i), Map->End(i), start, end, size, align);
                if (address != PhysicalAddress.None)
                {
                    return address;
                }
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>
    /// The lowest address A, a multiple of <paramref name="align"/>, with [A, A + <paramref name="size"/>) inside both
    /// [<paramref name="rangeStart"/>, <paramref name="rangeEnd"/>) and [<paramref name="start"/>, <paramref name="end"/>) and free of
    /// reservations. Asks the map nothing. O(log n + blocks + one block). 2.6.34 find_early_area, which is fooled by sizes that
    /// pass 2^64.
    /// </summary>
    /// <returns>An address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong FindInRange(ulong rangeStart, ulong rangeEnd, ulong start, ulong end, ulong size, ulong align)
    {
        if (!Bits.IsPowerOfTwo(align))
        {
            Log->Bug("early_res: alignment %x is no power of two", align);
            return PhysicalAddress.None;
        }

        ulong low = rangeStart > start ? rangeStart : start;
        ulong high = rangeEnd < end ? rangeEnd : end;
        ulong address = Bits.RoundUp(low, align);
        if (address < low || address >= rangeEnd || size > high || address > high - size)
        {
            return PhysicalAddress.None;
        }

        return Table.Order.Irregular
            ? EarlyResSearch.Walk(ref Table, address, high - size, size, align)
            : EarlyResSearch.Search(ref Table, address, high - size, size, align);
    }
}
