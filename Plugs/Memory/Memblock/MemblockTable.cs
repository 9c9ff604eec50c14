using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// One of memblock's two lists of regions: sorted by base, never overlapping, 128 entries inside the struct at first.
/// This file knows how entries go in and out; which ranges they are, and when the list grows, is decided by
/// <see cref="MemblockAllocator"/>. Where entries lie, and how one is found, is in MemblockTable.Blocks.cs.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/>; entries come and go; <see cref="MoveTo"/> when the list has grown into memory that memblock found for it.
/// The struct must not move: it points at its own inline storage. Vocabulary: "entry i" is the region with index i; "window" is a run
/// of entries that is rebuilt or merged.
/// </remarks>
public unsafe partial struct MemblockTable
{
    /// <summary>Entries inside the struct. memblock 6.12: 128.</summary>
    public const uint InlineCapacity = 128;

    private const int WordsPerRegion = 3;

    private fixed ulong _inline[(int)InlineCapacity * WordsPerRegion];
    private MemblockRegion* _regions;
    private int _blockShift;
    private uint _mask;

    /// <summary>Entries in use.</summary>
    public uint Count { get; private set; }

    /// <summary>Entries there is room for.</summary>
    public uint Capacity { get; private set; }

    /// <summary>Bytes of all entries.</summary>
    public ulong TotalBytes { get; private set; }

    /// <summary>Physical address of the list once it has moved; 0 while it is inside the struct.</summary>
    public ulong Address { get; private set; }

    /// <summary>Bytes that the list takes: in RAM, whole pages.</summary>
    public readonly ulong ListBytes
        => Address == 0 ? Capacity * MemblockRegion.Bytes : PageSize.WholePages(Capacity * MemblockRegion.Bytes);

    /// <summary>True for the list of reservations, false for the list of memory.</summary>
    public bool IsReserved { get; private set; }

    /// <summary>Makes the list empty, inside the struct.</summary>
    public void Init(bool isReserved)
    {
        fixed (ulong* storage = _inline)
        {
            _regions = (MemblockRegion*)storage;
        }

        SetBlockShift(LeastBlockShift);
        Count = 0;
        Capacity = InlineCapacity;
        TotalBytes = 0;
        Address = 0;
        IsReserved = isReserved;
    }

    /// <summary>The entry that holds an address, or null. O(log n).</summary>
    public readonly MemblockRegion* Find(ulong address)
    {
        uint index = FirstEndingAbove(address);
        return index < Count && At(index)->Base <= address ? At(index) : null;
    }

    /// <summary>
    /// Opens room for <paramref name="slots"/> entries in front of entry <paramref name="index"/>; their contents are
    /// garbage until <see cref="Put"/>. O(root of n) for each of a few; O(n) for many.
    /// </summary>
    /// <param name="index">At most Count.</param>
    /// <param name="slots">Count + slots is at most Capacity.</param>
    public void Open(uint index, uint slots)
    {
        if (slots > MostSingly)
        {
            OpenMany(index, slots);
            return;
        }

        for (; slots != 0; slots--)
        {
            OpenOne(index);
        }
    }

    /// <summary>Closes a hole of <paramref name="slots"/> entries from entry <paramref name="index"/> on. As <see cref="Open"/>.</summary>
    /// <remarks>Bytes of the entries are not subtracted: they are garbage or counted elsewhere.</remarks>
    public void Close(uint index, uint slots)
    {
        if (slots > MostSingly)
        {
            CloseMany(index, slots);
        }
        else
        {
            for (; slots != 0; slots--)
            {
                CloseOne(index);
            }
        }

        NoteGap(index);
    }

    /// <summary>
    /// Writes an entry into an open slot and adds its bytes to the total. A gap below it that was not there before is the caller's to note.
    /// </summary>
    public void Put(uint index, ulong start, ulong size, uint flags)
    {
        MemblockRegion* region = At(index);
        region->Base = start;
        region->Size = size;
        region->Flags = flags;
        TotalBytes += size;
    }

    /// <summary>Gives an entry another range, keeping its flags; the total follows.</summary>
    public void Resize(uint index, ulong start, ulong size)
    {
        MemblockRegion* region = At(index);
        bool leavesBelow = start > region->Base;
        bool leavesAbove = start + size < region->End;
        TotalBytes += size - region->Size;
        region->Base = start;
        region->Size = size;
        if (leavesBelow)
        {
            NoteGap(index);
        }

        if (leavesAbove)
        {
            NoteGap(index + 1);
        }
    }

    /// <summary>Makes entry <paramref name="to"/> the same as entry <paramref name="from"/>. Totals and bounds do not follow.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly void Copy(uint to, uint from)
    {
        CopyRegion(At(to), At(from));
    }

    /// <summary>Takes <paramref name="count"/> entries out, from entry <paramref name="index"/> on. As <see cref="Close"/>.</summary>
    public void Take(uint index, uint count)
    {
        for (uint i = index; i < index + count; i++)
        {
            TotalBytes -= At(i)->Size;
        }

        Close(index, count);
    }

    /// <summary>
    /// Merges neighbors that touch and have equal flags. Looked at are the pairs from (first - 1, first) up to
    /// (last - 1, last); other pairs are left as they are. One pass: O(last - first), and a <see cref="Close"/>.
    /// </summary>
    public void Merge(uint first, uint last)
    {
        if (Count == 0)
        {
            return;
        }

        uint keep = first > 0 ? first - 1 : 0;
        uint end = last < Count - 1 ? last : Count - 1;
        uint next = keep + 1;
        while (next <= end)
        {
            MemblockRegion* kept = At(keep);
            MemblockRegion* candidate = At(next);
            if (kept->End == candidate->Base && kept->Flags == candidate->Flags)
            {
                kept->Size += candidate->Size;
            }
            else
            {
                keep++;
                Copy(keep, next);
            }

            next++;
        }

        uint merged = next - keep - 1;
        if (merged != 0)
        {
            Close(keep + 1, merged);
            NoteGaps(first, keep + 1);
        }
    }

    /// <summary>Copies the list to memory of its own. The old storage is no longer used.</summary>
    /// <param name="address">Physical address of the new storage.</param>
    /// <param name="storage">Where the code sees it.</param>
    /// <param name="capacity">Entries it has room for, at least Count.</param>
    public void MoveTo(ulong address, byte* storage, uint capacity)
    {
        MemblockRegion* moved = (MemblockRegion*)storage;
        int shift = ShiftFor(capacity);
        for (uint i = 0; i < Count; i++)
        {
            CopyRegion(moved + FreshCell(i, shift), At(i));
        }

        _regions = moved;
        SetBlockShift(shift);
        for (uint first = 0; first < Count; first += 1u << shift)
        {
            SetUp(first >> shift);
        }

        ForgetBounds(0);
        Capacity = capacity;
        Address = address;
    }
}
