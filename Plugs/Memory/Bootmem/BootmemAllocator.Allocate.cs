using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>
/// Boot allocations from the bitmap (2.6.34 alloc_bootmem): first fit with a moving hint, and small allocations packed into the
/// tail of the last page.
/// </summary>
/// <remarks>
/// The search works on pages: the lowest aligned run of enough free pages at or after the start, which is the goal's page if that lies
/// in the node (the goal is truncated to its page) and the node's first page otherwise. If the hint is above the start, the search
/// begins at the hint, and once more at the start when that finds nothing. If the run begins just after the page in which the last
/// allocation ended, the new one continues in that page's tail. As long as that page is reserved, the hint is the page after it, and that
/// one is free, this is known without a search. Memory handed out is zeroed. Time: O(pages looked at/32) for the
/// search, plus the zeroing.
/// </remarks>
public unsafe partial struct BootmemAllocator
{
    /// <summary>
    /// The highest byte plus one that <see cref="AllocateLow"/> stays below: what a 32-bit device can reach (2.6.34
    /// ARCH_LOW_ADDRESS_LIMIT).
    /// </summary>
    public const ulong LowLimit = 0xffffffff;

    /// <summary>
    /// Allocates; if nothing is free from the goal up, the goal is dropped. This is the call for callers that can do without the memory.
    /// </summary>
    /// <param name="size">Bytes, not 0.</param>
    /// <param name="align">A power of two.</param>
    /// <param name="goal">Address in bytes to start at, 0 for anywhere. A goal above all memory is a wish, not an error.</param>
    /// <param name="limit">End of the addresses that will do, in bytes, 0 for none.</param>
    /// <returns>Physical address, or <see cref="PhysicalAddress.None"/>. BUG as in <see cref="AllocateOnce"/>.</returns>
    public ulong TryAllocate(ulong size, ulong align, ulong goal, ulong limit)
    {
        if ((goal | limit) == 0 && size != 0 && Bits.IsPowerOfTwo(align))
        {
            ulong inTail = Bits.RoundUp(_tail, align);
            if (inTail < _tailEnd && size <= _tailEnd - inTail)
            {
                return PlaceInTail(inTail, size);
            }
        }

        if (goal != 0 && PageSize.PfnDown(goal) < _endPfn && (limit == 0 || PageSize.PfnDown(limit) > _startPfn))
        {
            ulong address = AllocateOnce(size, align, goal, limit);
            if (address != PhysicalAddress.None)
            {
                return address;
            }
        }

        if (limit != 0 && PageSize.PfnDown(limit) <= _startPfn)
        {
            return PhysicalAddress.None;
        }

        return AllocateOnce(size, align, 0, limit);
    }

    /// <summary>As <see cref="TryAllocate"/> without a limit; panics in Linux's words when nothing is free.</summary>
    public ulong Allocate(ulong size, ulong align, ulong goal)
    {
        return Must(TryAllocate(size, align, goal, 0), size);
    }

    /// <summary>
    /// As <see cref="Allocate"/>, but what lies in the memory stays there: for a table whose user clears it piece by piece. (memblock's
    /// memblock_alloc_raw of later kernels.)
    /// </summary>
    public ulong AllocateRaw(ulong size, ulong align, ulong goal)
    {
        _raw = true;
        ulong address = Allocate(size, align, goal);
        _raw = false;
        return address;
    }

    /// <summary>As <see cref="Allocate"/>, below <see cref="LowLimit"/>.</summary>
    public ulong AllocateLow(ulong size, ulong align, ulong goal)
    {
        return Must(TryAllocate(size, align, goal, LowLimit), size);
    }

    /// <summary>
    /// As <see cref="Allocate"/> for callers that name the node: one attempt in the node even if the goal lies outside, then as
    /// <see cref="Allocate"/>.
    /// </summary>
    public ulong AllocateInNode(ulong size, ulong align, ulong goal)
    {
        ulong address = AllocateOnce(size, align, goal, 0);
        return address != PhysicalAddress.None ? address : Allocate(size, align, goal);
    }

    /// <summary>
    /// One attempt: the goal is not dropped, but one outside the node is ignored. BUG if the size is 0, the alignment not a power of two,
    /// or goal + size above the limit. A limit below one page (4,096) is none, since it is truncated to pages first.
    /// </summary>
    /// <returns>Physical address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong AllocateOnce(ulong size, ulong align, ulong goal, ulong limit)
    {
        if (size == 0 || (align != 0 && !Bits.IsPowerOfTwo(align)) || (limit != 0 && EndOf(goal, size) > limit))
        {
            _log->Bug(
                "bootmem alloc of %d bytes, align %x, goal %x, limit %x: needs a size, a power of two, and goal + size within the limit",
                size,
                align,
                goal,
                limit);
            return PhysicalAddress.None;
        }

        ulong maxPfn = _endPfn;
        ulong limitPfn = PageSize.PfnDown(limit);
        if (limitPfn != 0 && limitPfn < maxPfn)
        {
            maxPfn = limitPfn;
        }

        ulong pages = PageSize.PfnUp(size);
        if (maxPfn <= _startPfn || pages > maxPfn - _startPfn)
        {
            return PhysicalAddress.None;
        }

        // An alignment of 0 is none, as in Linux for everything but tails.
        ulong alignPages = align > PageSize.Bytes ? align >> PageSize.Shift : 1;
        ulong goalPfn = PageSize.PfnDown(goal);
        uint start = (uint)(goalPfn > _startPfn && goalPfn < maxPfn ? goalPfn - _startPfn : 0);
        uint max = (uint)(maxPfn - _startPfn);
        uint index = max;
        if (_hint > start)
        {
            index = FindRun(_hint, max, (uint)pages, alignPages);
        }

        if (index == max)
        {
            index = FindRun(start, max, (uint)pages, alignPages);
        }

        return index == max ? PhysicalAddress.None : Place(index, size, align);
    }

    /// <summary>
    /// The lowest index at or after <paramref name="from"/> whose pfn is a multiple of <paramref name="alignPages"/> and that starts a
    /// run of free pages ending at or before <paramref name="max"/>; or <paramref name="max"/>.
    /// </summary>
    private uint FindRun(uint from, uint max, uint pages, ulong alignPages)
    {
        while (true)
        {
            // Every aligned index before the next free page starts on a reserved one, and every one up to a reserved page in the run
            // contains it; so both steps skip nothing that fits.
            uint free = from < max && !_bitmap.IsReserved(from) ? from : _bitmap.NextFree(from, max);
            if (alignPages == 1 && pages == 1)
            {
                return free;
            }

            ulong index = AlignIndex(free, alignPages);
            if (index >= max || pages > max - index)
            {
                return max;
            }

            uint end = (uint)index + pages;
            uint reserved = _bitmap.NextReserved((uint)index, end);
            if (reserved == end)
            {
                return (uint)index;
            }

            from = reserved + 1;
        }
    }

    private ulong AlignIndex(ulong index, ulong alignPages)
    {
        return Bits.RoundUp(_startPfn + index, alignPages) - _startPfn;
    }

    /// <summary>Puts the allocation into the free run found, or into the tail before it and the run's first pages.</summary>
    private ulong Place(uint index, ulong size, ulong align)
    {
        ulong offset = (ulong)index << PageSize.Shift;
        uint firstPage = index;
        if ((_lastEnd & PageSize.OffsetMask) != 0 && PageSize.PfnDown(_lastEnd) + 1 == index)
        {
            ulong startBytes = _startPfn << PageSize.Shift;
            ulong tail = Bits.RoundUp(startBytes + _lastEnd, align == 0 ? 1 : align) - startBytes;
            if (tail < offset)
            {
                // The tail's page may have been freed since. Linux then has it in use and free at once; here it is reserved again.
                firstPage = _bitmap.IsReserved(index - 1) ? index : index - 1;
                offset = tail;
            }
        }

        ulong end = offset + size;
        _lastEnd = end;
        _hint = (uint)PageSize.PfnUp(end);
        _bitmap.Reserve(firstPage, _hint);
        _allocations++;
        ulong address = (_startPfn << PageSize.Shift) + offset;
        bool leavesTail = (end & PageSize.OffsetMask) != 0 && _hint < _bitmap.Pages && !_bitmap.IsReserved(_hint);
        _tail = address + size;
        _tailEnd = leavesTail ? (_startPfn + _hint) << PageSize.Shift : 0;
        return Given(address, size);
    }

    /// <summary>
    /// <see cref="Place"/> when the allocation ends in the page in which the last one ended: the run that a search would find
    /// begins at the hint, and nothing of it is needed.
    /// </summary>
    private ulong PlaceInTail(ulong address, ulong size)
    {
        _tail = address + size;
        _lastEnd = _tail - (_startPfn << PageSize.Shift);
        _allocations++;
        return Given(address, size);
    }

    private ulong Given(ulong address, ulong size)
    {
        if (!_raw)
        {
            _physical->Clear(address, size);
        }

        return address;
    }

    private ulong Must(ulong address, ulong size)
    {
        if (address == PhysicalAddress.None)
        {
            _log->Print("bootmem alloc of %d bytes failed!\n", size);
            _log->Panic("Out of memory");
        }

        return address;
    }
}
