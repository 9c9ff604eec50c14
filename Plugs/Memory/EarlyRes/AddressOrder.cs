using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// The order of a table's reservations by address, kept in spare bits of its slots, and the largest gaps by block. It knows the slots but
/// not how many are in use.
/// </summary>
/// <remarks>
/// <code>
///     address order     0    1    2    3  |  4    5    6    7  |  8    9         (blocks of 4 for the picture)
///     memory        ...[##].[##]..[#].[##]..[##].[####].[#]...[##].......[##]...
///     cells            b    c    d    a   |  f    g    h    e  |  i    j         (a to j ascending: the heads are 3, 3, 0)
///     gap k         before the k-th reservation, from the end of the one before it (from 0 for the first)
///     bound b       no gap of block b is larger: may be too high, never too low
/// </code>
/// Slot k holds cell k. The places of a block are its cells from the head on, round in a ring; all blocks but the last are full. So one
/// that enters moves its neighbors inside the block, at most half of them, and one cell of every block above: the ring takes the last
/// of the block below in front and gives up its own last. With n reservations that is a few times the root of n.
/// Cells of one block lie side by side and those of different blocks pages apart, so a block has at least four times as many places as
/// there are blocks.
///
/// A bound is raised when a gap enters the block (a reservation entered below passes one on from block to block, or one is removed and its
/// neighbors' gaps join), and becomes exact when a search has gone through the whole block without success. A search for more than the
/// bound skips the block. The room above the last reservation is not a gap and is always considered.
///
/// Gaps are meaningful only while reservations are disjoint. Once an overlapping or empty one is entered, the table is <i>irregular</i>:
/// then all searches walk in address order, which is right for any ranges: a candidate only ever moves up, and the reservations that can
/// stop it come in ascending order.
/// </remarks>
internal unsafe struct AddressOrder
{
    /// <summary>Bytes of what is remembered of the blocks: heads and bounds.</summary>
    internal const ulong Bytes = MaxBlocks * 2 * sizeof(uint);

    private const int MaxBlocks = 256;
    private const int LeastBlockShift = 4;
    private const uint Unbounded = uint.MaxValue;

    private EarlyResSlot* _slots;
    private bool _irregular;
    private int _blockShift;
    private int _mask;
    private fixed uint _bounds[MaxBlocks];
    private fixed uint _heads[MaxBlocks];

    /// <summary>True when reservations overlap or are empty: gaps mean nothing then.</summary>
    internal readonly bool Irregular => _irregular;

    /// <summary>log2 of the places in a block.</summary>
    internal readonly int BlockShift => _blockShift;

    /// <summary>The slot in a place of the order by address. O(1).</summary>
    internal int At(int position)
    {
        int cell = (position & ~_mask) | ((position + (int)_heads[position >> _blockShift]) & _mask);
        return _slots[cell].Link & EarlyResSlot.OrderMask;
    }

    /// <summary>The first place in the order whose reservation ends after an address. Needs a regular table. O(log n).</summary>
    internal int FirstEndingAfter(ulong address, int count)
    {
        return Seek(address, count, true);
    }

    /// <summary>The first of the places 0..ordered-1 whose reservation starts after an address. O(log n).</summary>
    internal int FirstStartingAfter(ulong address, int ordered)
    {
        return Seek(address, ordered, false);
    }

    /// <summary>
    /// Forgets the order: regular, with blocks of the least length. A block is set up when its first place is taken.
    /// </summary>
    internal void Reset(EarlyResSlot* slots)
    {
        _slots = slots;
        _irregular = false;
        _blockShift = LeastBlockShift;
        _mask = (1 << LeastBlockShift) - 1;
    }

    /// <summary>log2 of the places in a block of a table of <paramref name="capacity"/> slots.</summary>
    internal static int ShiftFor(int capacity)
    {
        int shift = LeastBlockShift;
        while ((capacity >> shift) > MaxBlocks || (capacity >> shift) > 1 << shift >> 2)
        {
            shift++;
        }

        return shift;
    }

    /// <summary>The cell of a place whose block is as it was set up.</summary>
    internal static int FreshCell(int position, int shift)
    {
        int mask = (1 << shift) - 1;
        return (position & ~mask) | ((position + FreshHead(position >> shift, mask)) & mask);
    }

    /// <summary>
    /// While the table moves: true bounds and regularity for <paramref name="ordered"/> places that are in their
    /// <see cref="FreshCell"/>s. O(n).
    /// </summary>
    internal void Rebuild(EarlyResSlot* slots, int shift, int ordered)
    {
        _slots = slots;
        _irregular = false;
        _blockShift = shift;
        _mask = (1 << shift) - 1;
        ulong below = 0;
        for (int i = 0; i < ordered; i++)
        {
            int block = i >> shift;
            if (i == block << shift)
            {
                SetUp(block);
            }

            EarlyResSlot* slot = slots + At(i);
            _irregular |= slot->Start >= slot->End || below > slot->Start;
            Raise(block, slot->Start - below);
            below = slot->End;
        }
    }

    /// <summary>Puts a slot at a place into an order of <paramref name="ordered"/> places, which then has one more.</summary>
    internal void Enter(int index, int position, int ordered)
    {
        int mask = _mask;
        int block = position >> _blockShift;
        int last = ordered >> _blockShift;
        if ((ordered & mask) == 0)
        {
            SetUp(last);
        }

        // A full block gives up its last, which is in the cell before the head.
        int moving = _slots[(block << _blockShift) | ((int)(_heads[block] - 1) & mask)].Link & EarlyResSlot.OrderMask;
        Open(block, index, position & mask, block < last ? mask : ordered & mask);
        NoteNeighbors(_slots + index, position, ordered + 1);
        int head = (int)_heads[block];
        while (block < last)
        {
            if (_bounds[block] > _bounds[block + 1])
            {
                EarlyResSlot* below = _slots + (_slots[(block << _blockShift) | ((head - 1) & mask)].Link & EarlyResSlot.OrderMask);
                Raise(block + 1, _slots[moving].Start - below->End);
            }

            block++;
            head = ((int)_heads[block] - 1) & mask;
            _heads[block] = (uint)head;
            moving = Exchange(_slots + ((block << _blockShift) | head), moving);
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
        int mask = _mask;
        int block = position >> _blockShift;
        int last = (count - 1) >> _blockShift;
        Close(block, position & mask, block < last ? mask + 1 : ((count - 1) & mask) + 1);
        for (; block < last; block++)
        {
            int head = (int)_heads[block + 1];
            int moving = _slots[((block + 1) << _blockShift) | head].Link & EarlyResSlot.OrderMask;
            _heads[block + 1] = (uint)((head + 1) & mask);
            Exchange(_slots + ((block << _blockShift) | (((int)_heads[block] - 1) & mask)), moving);
        }
    }

    /// <summary>
    /// After a slot was taken out of the table, and its place out of the order, of which <paramref name="ordered"/> places are left:
    /// gives those in later slots the number before.
    /// </summary>
    internal void Renumber(int index, int ordered)
    {
        for (int first = 0; first < ordered && index < ordered; first += _mask + 1)
        {
            EarlyResSlot* cells = Ring(first >> _blockShift, out int place);
            for (int size = ordered - first <= _mask ? ordered - first : _mask + 1; size > 0; size--)
            {
                EarlyResSlot* cell = cells + (place & _mask);
                place++;
                if ((cell->Link & EarlyResSlot.OrderMask) > index)
                {
                    cell->Link--;
                }
            }
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

        for (int last = position | _mask; last < ordered; last += 1 << _blockShift)
        {
            NoteGap(last);
        }
    }

    /// <summary>A size as <see cref="Bound"/> and <see cref="SetBound"/> have it: what needs more than 32 bits is without bound.</summary>
    internal static uint Bounded(ulong size)
    {
        return size < Unbounded ? (uint)size : Unbounded;
    }

    /// <summary>A size that no gap of a block exceeds.</summary>
    internal uint Bound(int block) => _bounds[block];

    /// <summary>Lowers the bound of a block after a search of all its gaps.</summary>
    internal void SetBound(int block, ulong largest)
    {
        _bounds[block] = Bounded(largest);
    }

    private static int Exchange(EarlyResSlot* cell, int slot)
    {
        int old = cell->Link;
        cell->Link = (ushort)((old & EarlyResSlot.OkFlag) | slot);
        return old & EarlyResSlot.OrderMask;
    }

    /// <summary>
    /// The first place whose reservation ends, or starts, after an address: in the last block that starts at or below the address, or
    /// just behind it.
    /// </summary>
    private int Seek(ulong address, int count, bool ends)
    {
        int mask = _mask;
        int low = 1;
        int high = (count + mask) >> _blockShift;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (_slots[_slots[(middle << _blockShift) | (int)_heads[middle]].Link & EarlyResSlot.OrderMask].Start > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        int first = (low - 1) << _blockShift;
        int head = (int)_heads[low - 1];
        EarlyResSlot* cells = _slots + first;
        low = 0;
        high = count - first;
        if (high > mask)
        {
            high = mask + 1;
        }

        int field = ends ? sizeof(ulong) : 0;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            EarlyResSlot* slot = _slots + (cells[(head + middle) & mask].Link & EarlyResSlot.OrderMask);
            if (*(ulong*)((byte*)slot + field) > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return first + low;
    }

    /// <summary>Two cells further in each block: what one insertion touches in all of them is then not in one set of a cache.</summary>
    private static int FreshHead(int block, int mask)
    {
        return (block << 1) & mask;
    }

    private void SetUp(int block)
    {
        _heads[block] = (uint)FreshHead(block, _mask);
        _bounds[block] = 0;
    }

    /// <summary>The cells of a block, of which the first place has number <paramref name="head"/>.</summary>
    internal EarlyResSlot* Ring(int block, out int head)
    {
        head = (int)_heads[block];
        return _slots + (block << _blockShift);
    }

    /// <summary>Puts a slot into the ring of a block between <paramref name="size"/> others; the nearer end moves.</summary>
    private void Open(int block, int slot, int offset, int size)
    {
        int mask = _mask;
        int head = (int)_heads[block];
        EarlyResSlot* cells = _slots + (block << _blockShift);
        int step = 1;
        int moves = size - offset;
        if (moves > offset)
        {
            head = (head - 1) & mask;
            _heads[block] = (uint)head;
            step = -1;
            moves = offset;
        }

        int place = head + offset;
        for (; moves >= 0; moves--)
        {
            slot = Exchange(cells + (place & mask), slot);
            place += step;
        }
    }

    /// <summary>Takes a place out of the ring of a block of <paramref name="size"/>; the nearer end moves.</summary>
    private void Close(int block, int offset, int size)
    {
        int mask = _mask;
        int head = (int)_heads[block];
        EarlyResSlot* cells = _slots + (block << _blockShift);
        int step = -1;
        int place = head + size - 1;
        int moves = size - 1 - offset;
        if (moves > offset)
        {
            _heads[block] = (uint)((head + 1) & mask);
            step = 1;
            place = head;
            moves = offset;
        }

        // From the end towards the place: each takes what was in the cell before.
        int slot = cells[place & mask].Link & EarlyResSlot.OrderMask;
        for (; moves > 0; moves--)
        {
            place += step;
            slot = Exchange(cells + (place & mask), slot);
        }
    }

    /// <summary>Raises the bound of the block to the gap before a place; in an irregular table this means nothing.</summary>
    private void NoteGap(int position)
    {
        ulong below = position == 0 ? 0 : _slots[At(position - 1)].End;
        Raise(position >> _blockShift, _slots[At(position)].Start - below);
    }

    private void Raise(int block, ulong gap)
    {
        uint bounded = Bounded(gap);
        if (_bounds[block] < bounded)
        {
            _bounds[block] = bounded;
        }
    }

    /// <summary>Checks one that has entered at a place against its neighbors, and raises its block's bound to the gap before it.</summary>
    private void NoteNeighbors(EarlyResSlot* slot, int position, int ordered)
    {
        ulong below = position == 0 ? 0 : _slots[At(position - 1)].End;
        if (slot->Start >= slot->End
            || below > slot->Start
            || (position + 1 < ordered && _slots[At(position + 1)].Start < slot->End))
        {
            _irregular = true;
        }

        Raise(position >> _blockShift, slot->Start - below);
    }
}
