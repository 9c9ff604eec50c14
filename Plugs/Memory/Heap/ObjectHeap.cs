namespace CosmosBootAlloc.Memory;

/// <summary>
/// The heap under <c>new</c>: small objects come from slabs (after Bonwick 1994), larger ones are blocks of the page allocator.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/> on a page allocator that holds its pages; <see cref="Allocate"/> and <see cref="Free"/> in any order. A slab
/// with room is in the list of its class; one that gets empty goes back to the page allocator unless it is the last with room.
/// An object's slab is found through the page table, so objects carry no head. A block that is one large object starts on its first
/// page; a small object never does, for there is the slab's head.
/// What it does not do yet: collect, shrink a large object to its pages, check what was written behind an object's end.
/// </remarks>
public unsafe struct ObjectHeap
{
    private KernelLog* _log;
    private PhysicalMemory _physical;
    private PageAllocator* _pages;
    private uint _slabPages;
    private uint _largePages;
    private uint _objects;
    private fixed uint _partial[(int)SizeClass.Count];

    /// <summary>Pages that are slabs now.</summary>
    public uint SlabPages => _slabPages;

    /// <summary>Pages that are large objects now.</summary>
    public uint LargePages => _largePages;

    /// <summary>Objects handed out and not given back, small and large.</summary>
    public uint Objects => _objects;

    /// <summary>Starts with no slabs.</summary>
    public void Init(KernelLog* log, PhysicalMemory physical, PageAllocator* pages)
    {
        _log = log;
        _physical = physical;
        _pages = pages;
        _slabPages = 0;
        _largePages = 0;
        _objects = 0;
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            _partial[i] = Buddy.None;
        }
    }

    /// <summary>An object of at least <paramref name="bytes"/>, zeroed, 8-byte aligned. Constant time but for the zeroing.</summary>
    /// <param name="bytes">1..4 MiB; 0 counts as 1.</param>
    /// <returns>Its physical address, or 0 when no memory is left or the size is beyond the largest block.</returns>
    public ulong Allocate(uint bytes)
    {
        if (bytes == 0)
        {
            bytes = 1;
        }

        return bytes <= SizeClass.LargestBytes ? AllocateSmall(bytes) : AllocateLarge(bytes);
    }

    /// <summary>Gives an object back. Constant time. An address that <see cref="Allocate"/> did not give, or gave back already, is a BUG.</summary>
    public void Free(ulong address)
    {
        uint pfn = (uint)(address >> PageSize.Shift);
        PageState state = _pages->StateOf(pfn, out uint head, out uint order);
        if (state != PageState.Allocated)
        {
            _log->Bug("free of %x, which lies in no allocated block", address);
            return;
        }

        ulong start = (ulong)head << PageSize.Shift;
        if (address == start)
        {
            _largePages -= 1u << (int)order;
            _objects--;
            _pages->FreePages(head, order);
            return;
        }

        FreeSmall((Slab*)_physical.At(start), head, (uint)(address - start));
    }

    private ulong AllocateSmall(uint bytes)
    {
        uint sizeClass = SizeClass.Of(bytes);
        uint pfn = _partial[sizeClass];
        if (pfn == Buddy.None)
        {
            pfn = MakeSlab(sizeClass);
            if (pfn == Buddy.None)
            {
                return 0;
            }
        }

        ulong start = (ulong)pfn << PageSize.Shift;
        Slab* slab = (Slab*)_physical.At(start);
        uint offset = slab->FirstFree;
        if (offset != 0)
        {
            slab->FirstFree = *(uint*)((byte*)slab + offset);
        }
        else
        {
            offset = slab->Fresh;
            slab->Fresh = offset + SizeClass.Bytes(sizeClass);
        }

        slab->Used++;
        if (slab->Used == slab->Capacity)
        {
            Unlink(slab, sizeClass);
        }

        _objects++;
        _physical.Clear(start + offset, SizeClass.Bytes(sizeClass));
        return start + offset;
    }

    private void FreeSmall(Slab* slab, uint pfn, uint offset)
    {
        uint size = slab->Mark == Slab.ExpectedMark ? SizeClass.Bytes(slab->Class) : 0;
        if (size == 0 || offset < Slab.HeadBytes || (offset - Slab.HeadBytes) % size != 0 || offset >= slab->Fresh)
        {
            _log->Bug("free of %x, which is no object of the heap (block at %x)", ((ulong)pfn << PageSize.Shift) + offset, (ulong)pfn << PageSize.Shift);
            return;
        }

        if (slab->Used == 0 || slab->FirstFree == offset)
        {
            _log->Bug("free of %x, which is free already (slab of %d bytes)", ((ulong)pfn << PageSize.Shift) + offset, size);
            return;
        }

        uint sizeClass = slab->Class;
        *(uint*)((byte*)slab + offset) = slab->FirstFree;
        slab->FirstFree = offset;
        bool wasFull = slab->Used == slab->Capacity;
        slab->Used--;
        _objects--;
        if (wasFull)
        {
            Link(slab, pfn, sizeClass);
        }

        if (slab->Used == 0 && (slab->NextPartial != Buddy.None || slab->PreviousPartial != Buddy.None))
        {
            Unlink(slab, sizeClass);
            slab->Mark = 0;
            uint order = SizeClass.SlabOrder(sizeClass);
            _slabPages -= 1u << (int)order;
            _pages->FreePages(pfn, order);
        }
    }

    private ulong AllocateLarge(uint bytes)
    {
        uint pages = (uint)PageSize.PfnUp(bytes);
        uint order = 0;
        while (order <= Buddy.MaxOrder && (1u << (int)order) < pages)
        {
            order++;
        }

        uint pfn = _pages->AllocatePages(order);
        if (pfn == Buddy.None)
        {
            return 0;
        }

        _largePages += 1u << (int)order;
        _objects++;
        ulong start = (ulong)pfn << PageSize.Shift;
        _physical.Clear(start, (ulong)pages << PageSize.Shift);
        return start;
    }

    private uint MakeSlab(uint sizeClass)
    {
        uint order = SizeClass.SlabOrder(sizeClass);
        uint pfn = _pages->AllocatePages(order);
        if (pfn == Buddy.None)
        {
            return Buddy.None;
        }

        _slabPages += 1u << (int)order;
        Slab* slab = (Slab*)_physical.At((ulong)pfn << PageSize.Shift);
        slab->Mark = Slab.ExpectedMark;
        slab->Class = sizeClass;
        slab->Used = 0;
        slab->Capacity = (((uint)PageSize.Bytes << (int)order) - Slab.HeadBytes) / SizeClass.Bytes(sizeClass);
        slab->FirstFree = 0;
        slab->Fresh = Slab.HeadBytes;
        Link(slab, pfn, sizeClass);
        return pfn;
    }

    private void Link(Slab* slab, uint pfn, uint sizeClass)
    {
        uint next = _partial[sizeClass];
        slab->PreviousPartial = Buddy.None;
        slab->NextPartial = next;
        if (next != Buddy.None)
        {
            At(next)->PreviousPartial = pfn;
        }

        _partial[sizeClass] = pfn;
    }

    private void Unlink(Slab* slab, uint sizeClass)
    {
        if (slab->PreviousPartial != Buddy.None)
        {
            At(slab->PreviousPartial)->NextPartial = slab->NextPartial;
        }
        else
        {
            _partial[sizeClass] = slab->NextPartial;
        }

        if (slab->NextPartial != Buddy.None)
        {
            At(slab->NextPartial)->PreviousPartial = slab->PreviousPartial;
        }
    }

    private Slab* At(uint pfn) => (Slab*)_physical.At((ulong)pfn << PageSize.Shift);
}
