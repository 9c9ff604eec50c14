namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// Where the entries lie, so that one goes in or out without moving all above it, and which blocks have room between theirs.
/// </summary>
/// <remarks>
/// <code>
///     entries          0    1    2    3  |  4    5    6    7  |  8    9         (blocks of 4 for the picture)
///     cells            b    c    d    a  |  f    g    h    e  |  i    j         (a to j ascending: the heads are 3, 3, 0)
///     gap k            below entry k, from the end of the one before it (from 0 for the first)
///     bound b          no gap of block b is larger: may be too high, never too low
/// </code>
/// The array is as long and lies where Linux's does. Its cells form blocks of equal length, about the root of the capacity; the entries
/// of a block are its cells from the head on, round in a ring, and all blocks but the last are full. One that goes in moves its neighbors
/// inside the block, at most half of them, and one cell of every block above: the ring takes the last of the block below in front and
/// gives up its own last. Head and bound are in the notes of the block's first two cells, so they take no memory.
///
/// Bounds are for the list of reservations only. One is raised when a gap enters the block or grows, and becomes exact when a search has
/// gone through the whole block in vain; a search for more than the bound skips the block. early_res does both in the same way.
/// </remarks>
public unsafe partial struct MemblockTable
{
    private const int LeastBlockShift = 4;
    private const uint Unbounded = uint.MaxValue;
    private const uint MostSingly = 4;

    /// <summary>Entry <paramref name="index"/>; valid until the list changes.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public readonly MemblockRegion* At(uint index)
    {
        uint mask = _mask;
        MemblockRegion* cells = _regions + (index & ~mask);
        return cells + ((index + cells->Note) & mask);
    }

    /// <summary>Index of the lowest entry whose end lies above an address; Count if there is none. O(log n).</summary>
    public readonly uint FirstEndingAbove(ulong address)
    {
        // Maps come in ascending order, so the answer is most often "behind the last".
        return Count == 0 || At(Count - 1)->End <= address ? Count : Seek(address, true);
    }

    /// <summary>Number of entries whose base lies below an address. O(log n).</summary>
    public readonly uint CountStartingBelow(ulong address)
    {
        return Count == 0 || address == 0 ? 0 : Seek(address - 1, false);
    }

    /// <summary>A size as bounds have it: what needs more than 32 bits is without bound.</summary>
    internal static uint Bounded(ulong size)
    {
        return size < Unbounded ? (uint)size : Unbounded;
    }

    /// <summary>The first entry of the block of an entry.</summary>
    internal readonly uint BlockStart(uint index) => index & ~_mask;

    /// <summary>The entry after the last of the block that begins with an entry.</summary>
    internal readonly uint BlockEnd(uint first) => Count - first < _mask + 1 ? Count : first + _mask + 1;

    /// <summary>The cells of the block that begins with an entry: entry i is in cell (head + i) &amp; mask.</summary>
    internal readonly MemblockRegion* Ring(uint first, out uint head, out uint mask)
    {
        mask = _mask;
        head = _regions[first].Note;
        return _regions + first;
    }

    /// <summary>The gap itself, or the first of the next block whose bound is not below a size; Count if there is none.</summary>
    internal readonly uint SkipUp(uint gap, uint bounded)
    {
        while (gap < Count && _regions[(gap & ~_mask) + 1].Note < bounded)
        {
            gap = (gap | _mask) + 1;
        }

        return gap < Count ? gap : Count;
    }

    /// <summary>
    /// Leaves a gap as it is, or goes to the last of the next block below whose bound is not below a size. False if there is none.
    /// </summary>
    internal readonly bool SkipDown(ref uint gap, uint bounded)
    {
        uint first = gap & ~_mask;
        if (_regions[first + 1].Note >= bounded)
        {
            return true;
        }

        while (first != 0)
        {
            first -= _mask + 1;
            if (_regions[first + 1].Note >= bounded)
            {
                gap = first | _mask;
                return true;
            }
        }

        return false;
    }

    /// <summary>Lowers the bound of the block that begins with an entry, after a search of all its gaps.</summary>
    internal readonly void SetBound(uint first, ulong largest)
    {
        _regions[first + 1].Note = Bounded(largest);
    }

    /// <summary>Raises the bound of an entry's block to a gap of so many bytes below it.</summary>
    internal readonly void NoteGap(uint index, ulong bytes)
    {
        if (IsReserved)
        {
            Raise(index, Bounded(bytes));
        }
    }

    /// <summary>Raises the bounds to the gaps below entries first..last, as far as there are such.</summary>
    internal readonly void NoteGaps(uint first, uint last)
    {
        for (uint i = first; i <= last; i++)
        {
            NoteGap(i);
        }
    }

    private void SetBlockShift(int shift)
    {
        _blockShift = shift;
        _mask = (1u << shift) - 1;
    }

    private static int ShiftFor(uint capacity)
    {
        int shift = LeastBlockShift;
        while ((capacity >> shift) > 2u << shift)
        {
            shift++;
        }

        return shift;
    }

    /// <summary>Where entry <paramref name="index"/> lies while its block is as it was set up.</summary>
    private static uint FreshCell(uint index, int shift)
    {
        uint mask = (1u << shift) - 1;
        return (index & ~mask) | ((index + FreshHead(index >> shift, mask)) & mask);
    }

    /// <summary>Further in each block: what one insertion touches in all of them is then not in a few sets of a cache.</summary>
    private static uint FreshHead(uint block, uint mask)
    {
        return (block * 5) & mask;
    }

    /// <summary>Copies a region without the note, which belongs to the cell.</summary>
    private static void CopyRegion(MemblockRegion* to, MemblockRegion* from)
    {
        to->Base = from->Base;
        to->Size = from->Size;
        to->Flags = from->Flags;
    }

    private static void Exchange(MemblockRegion* cell, ref MemblockRegion other)
    {
        MemblockRegion old = *cell;
        cell->Base = other.Base;
        cell->Size = other.Size;
        cell->Flags = other.Flags;
        other = old;
    }

    /// <summary>
    /// The first entry of at least one whose end, or base, lies above an address: in the last block that begins at or below the address,
    /// or just behind it.
    /// </summary>
    private readonly uint Seek(ulong address, bool ends)
    {
        uint mask = _mask;
        uint low = 1;
        uint high = (Count + mask) >> _blockShift;
        while (low < high)
        {
            uint middle = (low + high) >> 1;
            if (At(middle << _blockShift)->Base > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        uint first = (low - 1) << _blockShift;
        MemblockRegion* cells = _regions + first;
        uint head = cells->Note;
        low = 0;
        high = Count - first;
        if (high > mask)
        {
            high = mask + 1;
        }

        while (low < high)
        {
            uint middle = (low + high) >> 1;
            MemblockRegion* region = cells + ((head + middle) & mask);
            if ((ends ? region->End : region->Base) > address)
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

    private readonly void SetUp(uint block)
    {
        MemblockRegion* cells = _regions + (block << _blockShift);
        cells[0].Note = FreshHead(block, _mask);
        cells[1].Note = 0;
    }

    private void OpenOne(uint index)
    {
        uint mask = _mask;
        uint size = Count & mask;
        if (size == 0)
        {
            SetUp(Count >> _blockShift);
        }

        uint block = index >> _blockShift;
        uint last = Count >> _blockShift;
        MemblockRegion* cells = _regions + (index & ~mask);
        Count++;
        if (block == last)
        {
            OpenRing(cells, index & mask, size);
            return;
        }

        // A full block gives up its last, which is in the cell before the head.
        MemblockRegion moving = cells[(cells->Note - 1) & mask];
        OpenRing(cells, index & mask, mask);
        for (; block < last; block++)
        {
            MemblockRegion* above = cells + mask + 1;
            if (IsReserved && cells[1].Note > above[1].Note)
            {
                // The last of the block below may still be open; but the gap was in that block, so its bound holds too.
                uint gap = Bounded(moving.Base - cells[(cells->Note - 1) & mask].End);
                Raise((block + 1) << _blockShift, gap < cells[1].Note ? gap : cells[1].Note);
            }

            cells = above;
            uint head = (cells->Note - 1) & mask;
            cells->Note = head;
            Exchange(cells + head, ref moving);
        }
    }

    private void CloseOne(uint index)
    {
        uint mask = _mask;
        uint block = index >> _blockShift;
        Count--;
        uint last = Count >> _blockShift;
        MemblockRegion* cells = _regions + (block << _blockShift);
        CloseRing(cells, index & mask, block < last ? mask + 1 : (Count & mask) + 1);
        for (; block < last; block++)
        {
            MemblockRegion* above = cells + mask + 1;
            uint head = above->Note;
            CopyRegion(cells + ((cells->Note - 1) & mask), above + head);
            above->Note = (head + 1) & mask;
            NoteGap((block << _blockShift) | mask);
            cells = above;
        }
    }

    private void OpenMany(uint index, uint slots)
    {
        uint block = (Count + _mask) >> _blockShift;
        for (; block << _blockShift < Count + slots; block++)
        {
            SetUp(block);
        }

        for (uint i = Count; i > index; i--)
        {
            Copy(i - 1 + slots, i - 1);
        }

        Count += slots;
        ForgetBounds(index);
    }

    private void CloseMany(uint index, uint slots)
    {
        Count -= slots;
        for (uint i = index; i < Count; i++)
        {
            Copy(i, i + slots);
        }

        ForgetBounds(index);
    }

    /// <summary>Makes room in the ring of a block of <paramref name="size"/>; the nearer end moves.</summary>
    private readonly void OpenRing(MemblockRegion* cells, uint offset, uint size)
    {
        uint head = cells->Note;
        if (size - offset > offset)
        {
            head = (head - 1) & _mask;
            cells->Note = head;
            MoveDown(cells, head, offset);
        }
        else if (size != offset)
        {
            MoveUp(cells, (head + size) & _mask, size - offset);
        }
    }

    /// <summary>Takes an entry out of the ring of a block of <paramref name="size"/>; the nearer end moves.</summary>
    private readonly void CloseRing(MemblockRegion* cells, uint offset, uint size)
    {
        uint head = cells->Note;
        if (size - 1 - offset > offset)
        {
            cells->Note = (head + 1) & _mask;
            MoveUp(cells, (head + offset) & _mask, offset);
        }
        else
        {
            MoveDown(cells, (head + offset) & _mask, size - 1 - offset);
        }
    }

    /// <summary>Cell <paramref name="to"/> of a ring takes the region of the cell before it, that one the one before, and so on.</summary>
    private readonly void MoveUp(MemblockRegion* cells, uint to, uint moves)
    {
        for (MemblockRegion* cell = cells + to; moves != 0; moves--)
        {
            MemblockRegion* from = cell == cells ? cells + _mask : cell - 1;
            CopyRegion(cell, from);
            cell = from;
        }
    }

    /// <summary>Cell <paramref name="to"/> of a ring takes the region of the cell after it, that one the one after, and so on.</summary>
    private readonly void MoveDown(MemblockRegion* cells, uint to, uint moves)
    {
        for (MemblockRegion* cell = cells + to; moves != 0; moves--)
        {
            MemblockRegion* from = cell == cells + _mask ? cells : cell + 1;
            CopyRegion(cell, from);
            cell = from;
        }
    }

    /// <summary>Raises the bound of a block to the gap below an entry, if there is such an entry.</summary>
    private readonly void NoteGap(uint index)
    {
        if (IsReserved && index < Count)
        {
            ulong below = index == 0 ? 0 : At(index - 1)->End;
            Raise(index, Bounded(At(index)->Base - below));
        }
    }

    /// <summary>Raises the bound of an entry's block to the size of a gap.</summary>
    private readonly void Raise(uint index, uint bounded)
    {
        MemblockRegion* cell = _regions + ((index & ~_mask) + 1);
        if (cell->Note < bounded)
        {
            cell->Note = bounded;
        }
    }

    /// <summary>After a move of many: any gap may be in any block from that of an entry on.</summary>
    private readonly void ForgetBounds(uint index)
    {
        for (uint first = index & ~_mask; first < Count; first += _mask + 1)
        {
            _regions[first + 1].Note = Unbounded;
        }
    }
}
