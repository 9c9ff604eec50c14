using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// One of memblock's two lists of regions: sorted by base, never overlapping, 128 entries inside the struct at first.
/// This file knows how to search the list and how to move its entries; which ranges go in and out, and when the list
/// grows, is decided by <see cref="MemblockAllocator"/>.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/>; entries come and go; <see cref="MoveTo"/> when the list has grown into memory that memblock found for it.
/// The struct must not move: it points at its own inline storage. Vocabulary: "entry i" is the region with index i; "window" is a run
/// of entries that is rebuilt or merged.
/// </remarks>
public unsafe struct MemblockTable
{
    /// <summary>Entries inside the struct. memblock 6.12: 128.</summary>
    public const uint InlineCapacity = 128;

    private const int WordsPerRegion = 3;

    private fixed ulong _inline[(int)InlineCapacity * WordsPerRegion];
    private MemblockRegion* _regions;

    /// <summary>Entries in use.</summary>
    public uint Count { get; private set; }

    /// <summary>Entries there is room for.</summary>
    public uint Capacity { get; private set; }

    /// <summary>Bytes of all entries.</summary>
    public ulong TotalBytes { get; private set; }

    /// <summary>Physical address of the list once it has moved; 0 while it is inside the struct.</summary>
    public ulong Address { get; private set; }

    /// <summary>True for the list of reservations, false for the list of memory.</summary>
    public bool IsReserved { get; private set; }

    /// <summary>Makes the list empty, inside the struct.</summary>
    public void Init(bool isReserved)
    {
        fixed (ulong* storage = _inline)
        {
            _regions = (MemblockRegion*)storage;
        }

        Count = 0;
        Capacity = InlineCapacity;
        TotalBytes = 0;
        Address = 0;
        IsReserved = isReserved;
    }

    /// <summary>Entry <paramref name="index"/>; valid until the list changes.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public readonly MemblockRegion* At(uint index)
    {
        return _regions + index;
    }

    /// <summary>Index of the lowest entry whose end lies above an address; Count if there is none. O(log n).</summary>
    public readonly uint FirstEndingAbove(ulong address)
    {
        // Maps come in ascending order, so the answer is most often "behind the last".
        if (Count == 0 || _regions[Count - 1].End <= address)
        {
            return Count;
        }

        return OrderedRanges.FirstEndingAbove(_regions, (uint)sizeof(MemblockRegion), Count, address);
    }

    /// <summary>Number of entries whose base lies below an address. O(log n).</summary>
    public readonly uint CountStartingBelow(ulong address)
    {
        return OrderedRanges.CountStartingBelow(_regions, (uint)sizeof(MemblockRegion), Count, address);
    }

    /// <summary>The entry that holds an address, or null. O(log n).</summary>
    public readonly MemblockRegion* Find(ulong address)
    {
        uint index = FirstEndingAbove(address);
        return index < Count && _regions[index].Base <= address ? _regions + index : null;
    }

    /// <summary>
    /// Opens room for <paramref name="slots"/> entries in front of entry <paramref name="index"/>; their contents are
    /// garbage until <see cref="Put"/>. O(n - index).
    /// </summary>
    /// <param name="index">At most Count.</param>
    /// <param name="slots">Count + slots is at most Capacity.</param>
    public void Open(uint index, uint slots)
    {
        MemblockRegion* first = _regions + index;
        MemblockRegion* p = _regions + Count;
        while (p > first)
        {
            p--;
            p[slots] = *p;
        }

        Count += slots;
    }

    /// <summary>Closes a hole of <paramref name="slots"/> entries from entry <paramref name="index"/> on. O(n - index).</summary>
    /// <remarks>Bytes of the entries are not subtracted: they are garbage or counted elsewhere.</remarks>
    public void Close(uint index, uint slots)
    {
        MemblockRegion* p = _regions + index;
        MemblockRegion* end = _regions + Count - slots;
        while (p < end)
        {
            *p = p[slots];
            p++;
        }

        Count -= slots;
    }

    /// <summary>Writes an entry into an open slot and adds its bytes to the total.</summary>
    public void Put(uint index, ulong start, ulong size, uint flags)
    {
        MemblockRegion* region = _regions + index;
        region->Base = start;
        region->Size = size;
        region->Flags = flags;
        region->Node = 0;
        TotalBytes += size;
    }

    /// <summary>Gives an entry another range, keeping its flags; the total follows.</summary>
    public void Resize(uint index, ulong start, ulong size)
    {
        MemblockRegion* region = _regions + index;
        TotalBytes += size - region->Size;
        region->Base = start;
        region->Size = size;
    }

    /// <summary>Takes <paramref name="count"/> entries out, from entry <paramref name="index"/> on. O(n - index).</summary>
    public void Take(uint index, uint count)
    {
        for (uint i = index; i < index + count; i++)
        {
            TotalBytes -= _regions[i].Size;
        }

        Close(index, count);
    }

    /// <summary>
    /// Merges neighbors that touch and have equal flags. Looked at are the pairs from (first - 1, first) up to
    /// (last - 1, last); other pairs are left as they are. One pass: O(n - first).
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
            MemblockRegion* kept = _regions + keep;
            MemblockRegion* candidate = _regions + next;
            if (kept->End == candidate->Base && kept->Flags == candidate->Flags)
            {
                kept->Size += candidate->Size;
            }
            else
            {
                keep++;
                _regions[keep] = *candidate;
            }

            next++;
        }

        uint merged = next - keep - 1;
        if (merged != 0)
        {
            Close(keep + 1, merged);
        }
    }

    /// <summary>Copies the list to memory of its own. The old storage is no longer used.</summary>
    /// <param name="address">Physical address of the new storage.</param>
    /// <param name="storage">Where the code sees it.</param>
    /// <param name="capacity">Entries it has room for, at least Count.</param>
    public void MoveTo(ulong address, byte* storage, uint capacity)
    {
        MemblockRegion* old = _regions;
        MemblockRegion* moved = (MemblockRegion*)storage;
        for (uint i = 0; i < Count; i++)
        {
            moved[i] = old[i];
        }

        _regions = moved;
        Capacity = capacity;
        Address = address;
    }
}
