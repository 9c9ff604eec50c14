namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// The order of a table's reservations by address, kept in spare bits of its slots, and the largest gaps by block. It knows the slots but
/// not how many are in use.
/// </summary>
/// <remarks>
/// <code>
///     address order     0    1    2    3  |  4    5    6    7  |  8    9         (blocks of 4 for the picture)
///     memory        ...[##].[##]..[#].[##]..[##].[####].[#]...[##].......[##]...
///     gap k         before the k-th reservation, from the end of the one before it (from 0 for the first)
///     bound b       no gap of block b is larger: may be too high, never too low
/// </code>
/// A bound is raised when a gap enters the block (a reservation entered below shifts others up, or one is removed and its neighbors' gaps
/// join), and becomes exact when a search has gone through the whole block without success. A search for more than the bound skips the
/// block. The room above the last reservation is not a gap and is always considered.
///
/// Gaps are meaningful only while reservations are disjoint. Once an overlapping or empty one is entered, the table is <i>irregular</i>:
/// then all searches walk in address order, which is right for any ranges: a candidate only ever moves up, and the reservations that can
/// stop it come in ascending order.
/// </remarks>
internal unsafe struct AddressOrder
{
    private const int MaxBlocks = 256;
    private const int LeastBlockShift = 4;

    private EarlyResSlot* _slots;
    private bool _irregular;
    private int _blockShift;
    private fixed ulong _bounds[MaxBlocks];

    /// <summary>True when reservations overlap or are empty: gaps mean nothing then.</summary>
    internal readonly bool Irregular => _irregular;

    /// <summary>log2 of the places in a block.</summary>
    internal readonly int BlockShift => _blockShift;

    /// <summary>The slot in a place of the order by address. O(1).</summary>
    internal int At(int position)
    {
        return _slots[position].Link & EarlyResSlot.OrderMask;
    }

    /// <summary>The first place in the order whose reservation ends after an address. Needs a regular table. O(log n).</summary>
    internal int FirstEndingAfter(ulong address, int count)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_slots[At(middle)].End > address)
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
    internal int FirstStartingAfter(ulong address, int ordered)
    {
        int low = 0;
        int high = ordered;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_slots[At(middle)].Start > address)
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

    /// <summary>Drops all gaps: regular, with blocks of the least length.</summary>
    internal void Reset(EarlyResSlot* slots)
    {
        _slots = slots;
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
    internal void Rebuild(EarlyResSlot* slots, int capacity, int ordered)
    {
        Reset(slots);
        while ((capacity >> _blockShift) > MaxBlocks)
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

    /// <summary>Puts a slot into a place of the order.</summary>
    internal void Set(int position, int slot)
    {
        _slots[position].Link = (ushort)((_slots[position].Link & EarlyResSlot.OkFlag) | slot);
    }

    /// <summary>Puts a slot at a place into an order of <paramref name="ordered"/> places, which then has one more.</summary>
    internal void Enter(int index, int position, int ordered)
    {
        int moving = index;
        for (int i = position; i <= ordered; i++)
        {
            int next = At(i);
            Set(i, moving);
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
    internal int PlaceOf(int index, int count)
    {
        int position = FirstStartingAfter(_slots[index].Start, count) - 1;
        while (At(position) != index)
        {
            position--;
        }

        return position;
    }

    /// <summary>Removes one place from the order of <paramref name="count"/> places.</summary>
    internal void Leave(int position, int count)
    {
        for (int i = position; i + 1 < count; i++)
        {
            Set(i, At(i + 1));
        }
    }

    /// <summary>
    /// After a place left the order: bounds for the joined gap at the place, and for those that moved into earlier blocks.
    /// </summary>
    internal void NoteJoinedGap(int position, int ordered)
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
    internal void NoteGap(int position)
    {
        if (_irregular)
        {
            return;
        }

        ulong below = position == 0 ? 0 : _slots[At(position - 1)].End;
        ulong gap = _slots[At(position)].Start - below;
        int block = position >> _blockShift;
        if (_bounds[block] < gap)
        {
            _bounds[block] = gap;
        }
    }

    /// <summary>Checks the reservation at a place against its neighbors.</summary>
    internal void NoteIrregular(int position, int ordered)
    {
        EarlyResSlot* slot = _slots + At(position);
        if (slot->Start >= slot->End
            || (position > 0 && _slots[At(position - 1)].End > slot->Start)
            || (position + 1 < ordered && _slots[At(position + 1)].Start < slot->End))
        {
            _irregular = true;
        }
    }

    /// <summary>A size that no gap of a block exceeds.</summary>
    internal ulong Bound(int block) => _bounds[block];

    /// <summary>Lowers the bound of a block after a search of all its gaps.</summary>
    internal void SetBound(int block, ulong largest)
    {
        _bounds[block] = largest;
    }
}
