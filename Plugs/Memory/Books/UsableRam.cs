using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The RAM that firmware and options call usable, below 4 GiB: what a boot must account for. Taken once the map is sanitized and
/// the options are applied, before the first page and the ISA hole are taken out, so that those are accounted for like any other.
/// </summary>
public unsafe struct UsableRam
{
    /// <summary>Most ranges; the map that they come from has no more.</summary>
    public const int Capacity = E820Table.MaxCapacity;

    private fixed ulong _start[Capacity];
    private fixed ulong _end[Capacity];

    /// <summary>Ranges.</summary>
    public int Count;

    /// <summary>Usable bytes below 4 GiB.</summary>
    public ulong Bytes;

    /// <summary>Whole pages among them: a page counts if all of it lies in one range.</summary>
    public uint Pages;

    /// <summary>Usable bytes from 4 GiB up, which are left alone.</summary>
    public ulong BytesAboveLimit;

    /// <summary>Bytes that belong to no whole page.</summary>
    public ulong FragmentBytes => Bytes - ((ulong)Pages << PageSize.Shift);

    /// <summary>First pfn after the last whole page; 0 with no pages.</summary>
    public uint EndPfn => Count == 0 ? 0 : LastPfn(Count - 1);

    /// <summary>Adds [<paramref name="start"/>, <paramref name="end"/>); ranges come ascending and do not overlap.</summary>
    public void Add(ulong start, ulong end)
    {
        if (end > PcMap.AddressLimit)
        {
            ulong from = start > PcMap.AddressLimit ? start : PcMap.AddressLimit;
            BytesAboveLimit += end - from;
            end = PcMap.AddressLimit;
        }

        if (start >= end || Count == Capacity)
        {
            return;
        }

        _start[Count] = start;
        _end[Count] = end;
        Bytes += end - start;
        uint first = FirstPfn(Count);
        uint last = (uint)PageSize.PfnDown(end);
        Pages += last > first ? last - first : 0;
        Count++;
    }

    /// <summary>First byte of a range.</summary>
    public ulong Start(int index) => _start[index];

    /// <summary>End of a range, exclusive; at most <see cref="PcMap.AddressLimit"/>.</summary>
    public ulong End(int index) => _end[index];

    /// <summary>First whole page of a range.</summary>
    public uint FirstPfn(int index) => (uint)((_start[index] + PageSize.OffsetMask) >> PageSize.Shift);

    /// <summary>First pfn after the last whole page of a range; never before <see cref="FirstPfn"/>.</summary>
    public uint LastPfn(int index)
    {
        uint first = FirstPfn(index);
        uint last = (uint)PageSize.PfnDown(_end[index]);
        return last > first ? last : first;
    }
}
