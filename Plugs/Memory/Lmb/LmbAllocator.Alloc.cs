using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>
/// Allocation: top-down from the last memory region of the table. A candidate that overlaps a reservation steps down
/// below the first reservation that it overlaps, and is aligned down again. Sizes are rounded up to the alignment, so
/// the reservation may be larger than asked for.
/// </summary>
/// <remarks>
/// Costs: one O(log n) search, then the reservations passed, one by one. Memory is not cleared. Address 0 is never handed
/// out: in 2.6.34 it means "none".
/// </remarks>
public unsafe partial struct LmbAllocator
{
    /// <summary>Takes memory below an address. 2.6.34 lmb (__lmb_alloc_base).</summary>
    /// <param name="size">Bytes; 0 is a bug.</param>
    /// <param name="align">A power of two, anything else is a bug.</param>
    /// <param name="maxAddress">First byte that may not be used, or <see cref="Anywhere"/>.</param>
    /// <returns>The address; <see cref="PhysicalAddress.None"/> if nothing fits or the table of reservations is full.</returns>
    public ulong AllocBase(ulong size, ulong align, ulong maxAddress)
    {
        if (!CheckRequest(size, align))
        {
            return PhysicalAddress.None;
        }

        ulong bytes = Bits.RoundUp(size, align);
        if (bytes == 0)
        {
            return PhysicalAddress.None;
        }

        for (uint i = _memory.Count; i > 0; i--)
        {
            LmbRegion* region = _memory.At(i - 1);
            if (region->Size < bytes || (maxAddress != Anywhere && region->Base >= maxAddress))
            {
                continue;
            }

            ulong top = region->End;
            if (maxAddress != Anywhere && maxAddress < top)
            {
                top = maxAddress;
            }

            ulong found = _reserved.FindFreeBelow(region->Base, top, bytes, align);
            if (found != PhysicalAddress.None)
            {
                return _reserved.Add(found, bytes) ? found : PhysicalAddress.None;
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>Takes memory anywhere, and panics if there is none: callers of this one do not look at the result. 2.6.34
    /// lmb (lmb_alloc).</summary>
    public ulong Alloc(ulong size, ulong align)
    {
        ulong found = AllocBase(size, align, Anywhere);
        if (found == PhysicalAddress.None)
        {
            _log->Panic("ERROR: Failed to allocate 0x%x bytes below 0x%x.", size, Anywhere);
        }

        return found;
    }

    /// <summary>
    /// Takes memory of the one node: regions in ascending order of the table, from the top of each; if none has room,
    /// <see cref="Alloc"/> is the last resort. 2.6.34 lmb (lmb_alloc_nid).
    /// </summary>
    public ulong AllocNode(ulong size, ulong align)
    {
        if (!CheckRequest(size, align))
        {
            return PhysicalAddress.None;
        }

        ulong bytes = Bits.RoundUp(size, align);
        for (uint i = 0; bytes != 0 && i < _memory.Count; i++)
        {
            LmbRegion* region = _memory.At(i);
            ulong start = Bits.RoundUp(region->Base, align);
            if (start < region->Base || region->End < start || region->End - start < bytes)
            {
                continue;
            }

            ulong found = _reserved.FindFreeBelow(start, region->End, bytes, align);
            if (found != PhysicalAddress.None && _reserved.Add(found, bytes))
            {
                return found;
            }
        }

        return Alloc(size, align);
    }

    private readonly bool CheckRequest(ulong size, ulong align)
    {
        if (size == 0)
        {
            _log->Bug("lmb: an allocation of 0 bytes");
            return false;
        }

        if (!Bits.IsPowerOfTwo(align))
        {
            _log->Bug("lmb: alignment 0x%x is no power of two", align);
            return false;
        }

        return true;
    }
}
