using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.NoBootmem;

/// <summary>
/// Walks what is free at the end of the NoBootmem chain, ascending: the active ranges without the pages that an early reservation
/// touches.
/// </summary>
/// <remarks>
/// <code>
///     active         [===========)   [================)
///     reservations      [##)  [##]##)      [#)
///     free           [=)    [=)        [==)   [=======)
/// </code>
/// Both lists are walked by address, side by side, so nothing is stored but the place in each and the sorted order of the
/// at most 256 active ranges; Linux 2.6.34 makes a scratch list instead, of twice as many slots as there are
/// reservations, and loses what does not fit. Active ranges that touch are walked one by one, as Linux does.
/// The reservation of the moved table itself is left out: the table is dead once its contents are used.
/// The ranges and reservations must not change during a walk. The pages found may be handed to the page allocator at once,
/// which writes to none of them. O(ranges + reservations) for the whole walk once the ranges are sorted.
/// </remarks>
public unsafe struct FreeRangeWalk
{
    /// <summary>Bytes of the sorted order, all that the walk stores of the ranges.</summary>
    public const ulong ListBytes = ActiveRanges.Capacity * sizeof(ushort);

    private ActiveRanges* _active;
    private EarlyReservations* _reservations;
    private int _range;
    private int _place;
    private ulong _cursorPfn;
    private ulong _reservedPfn;
    private fixed ushort _order[ActiveRanges.Capacity];

    /// <summary>Starts at the bottom. O(ranges) if they are sorted already, O(ranges^2) of at most 256 if not.</summary>
    public void Init(ActiveRanges* active, EarlyReservations* reservations)
    {
        _active = active;
        _reservations = reservations;
        _range = 0;
        _place = 0;
        _cursorPfn = 0;
        _reservedPfn = 0;
        for (int i = 0; i < active->Count; i++)
        {
            int hole = i;
            while (hole > 0 && active->StartPfn(_order[hole - 1]) > active->StartPfn(i))
            {
                _order[hole] = _order[hole - 1];
                hole--;
            }

            _order[hole] = (ushort)i;
        }
    }

    /// <summary>The next free range of whole pages.</summary>
    /// <param name="startPfn">Its first page.</param>
    /// <param name="endPfn">Its end (exclusive).</param>
    /// <returns>False at the end.</returns>
    public bool Next(out ulong startPfn, out ulong endPfn)
    {
        for (; _range < _active->Count; _range++)
        {
            _active->Get(_order[_range], out ulong cursor, out ulong rangeEnd);
            cursor = cursor > _cursorPfn ? cursor : _cursorPfn;
            while (cursor < rangeEnd)
            {
                if (cursor >= _reservedPfn)
                {
                    cursor = PassReserved(cursor);
                    continue;
                }

                startPfn = cursor;
                endPfn = _reservedPfn < rangeEnd ? _reservedPfn : rangeEnd;
                _cursorPfn = endPfn;
                return true;
            }

            _cursorPfn = cursor;
        }

        startPfn = 0;
        endPfn = 0;
        return false;
    }

    /// <summary>
    /// Passes the reservations that reach a cursor, and notes where the next one starts.
    /// </summary>
    /// <returns>The first pfn from <paramref name="cursor"/> on that is not reserved.</returns>
    private ulong PassReserved(ulong cursor)
    {
        for (; _place < _reservations->Count; _place++)
        {
            int slot = _reservations->SlotByAddress(_place);
            _reservations->Get(slot, out ulong start, out ulong end);
            ulong first = PageSize.PfnDown(start);
            ulong last = PageSize.PfnUp(end);
            if (first >= last || (slot == 0 && _reservations->TableMoved))
            {
                continue;
            }

            if (first > cursor)
            {
                _reservedPfn = first;
                return cursor;
            }

            cursor = last > cursor ? last : cursor;
        }

        _reservedPfn = ulong.MaxValue;
        return cursor;
    }
}
