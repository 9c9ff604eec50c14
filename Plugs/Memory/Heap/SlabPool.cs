using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The descriptors of all heaps: pages of 101 behind a head, taken one at a time and given back when the last user is gone and
/// <see cref="Trim"/> is called. Every slab can be reached by walking them. The leaves of the heaps' maps come from here too.
/// </summary>
public unsafe struct SlabPool
{
    private const uint PerPage = (uint)PageSize.Bytes / Slab.Bytes;

    // One of descriptors, and a leaf each for two heaps.
    private const uint FirstPages = 3;

    private MemoryBase _base;
    private PageAllocator* _pages;

    /// <summary>First descriptor page, linked by the <see cref="Slab.Next"/> of their heads; the oldest is last.</summary>
    private uint _firstPage;

    private uint _firstUnused;

    /// <summary>Descriptors [this, <see cref="_freshEnd"/>) of the newest page were never used.</summary>
    private uint _fresh;

    private uint _freshEnd;

    private uint _pageCount;

    /// <summary>Sizes of the classes.</summary>
    internal ClassTable Classes;

    /// <summary>Times that a heap took pages. It wraps; who remembers it sees that pages were taken since.</summary>
    public uint Takes;

    /// <summary>Times that a heap took pages or gave some back. It wraps too.</summary>
    public uint Moves;

    /// <summary>Pages that hold descriptors, and the leaves of the maps.</summary>
    public uint Pages => _pageCount;

    /// <summary>Starts empty: no page is taken.</summary>
    public void Init(PhysicalMemory* physical, PageAllocator* pages)
    {
        _base.Start = physical->At(0);
        _pages = pages;
        _firstPage = 0;
        _firstUnused = 0;
        _fresh = 0;
        _freshEnd = 0;
        _pageCount = 0;
        Classes.Init();
        Takes = 0;
        Moves = 0;
    }

    /// <summary>Where physical address 0 is seen.</summary>
    internal readonly MemoryBase Base => _base;

    /// <summary>The descriptor at a physical address.</summary>
    public Slab* At(uint address) => (Slab*)(_base.Start + address);

    /// <summary>The physical address of a descriptor.</summary>
    public uint AddressOf(Slab* slab) => (uint)((byte*)slab - _base.Start);

    /// <summary>Takes a descriptor, in no list and with <see cref="Slab.Limit"/> 0, the rest undefined. O(1).</summary>
    /// <returns>Null when a page is needed and none is free.</returns>
    public Slab* Take()
    {
        Slab* slab;
        if (_firstUnused != 0)
        {
            slab = At(_firstUnused);
            _firstUnused = slab->Next;
            slab->Next = 0;
            return slab;
        }

        if (_fresh == _freshEnd && !AddPage())
        {
            return null;
        }

        slab = At(_fresh);
        _fresh += Slab.Bytes;
        return slab;
    }

    /// <summary>Gives a descriptor back. O(1).</summary>
    public void Give(Slab* slab)
    {
        slab->State = SlabState.Unused;
        slab->Limit = 0;
        slab->Next = _firstUnused;
        _firstUnused = AddressOf(slab);
    }

    /// <summary>
    /// The first descriptor that is in use, or null. With <see cref="Next"/> a walk over all; taking and giving meanwhile is fine.
    /// </summary>
    public Slab* First() => _firstPage == 0 ? null : Next(At(_firstPage));

    /// <summary>The next one in use, or null.</summary>
    public Slab* Next(Slab* slab)
    {
        while (true)
        {
            slab++;
            if (((nuint)slab & (uint)PageSize.OffsetMask) == PerPage * Slab.Bytes)
            {
                uint page = (slab - PerPage)->Next;
                if (page == 0)
                {
                    return null;
                }

                slab = At(page);
                continue;
            }

            if (slab->State != SlabState.Unused)
            {
                return slab;
            }
        }
    }

    /// <summary>Gives back the pages in which no descriptor is used. O(descriptors).</summary>
    /// <returns>Pages given back.</returns>
    public uint Trim()
    {
        Moves++;
        uint given = 0;
        uint page = _firstPage;
        _firstPage = 0;
        _firstUnused = 0;
        _fresh = 0;
        _freshEnd = 0;
        while (page != 0)
        {
            Slab* head = At(page);
            uint next = head->Next;
            bool used = false;
            for (uint i = 1; i < PerPage; i++)
            {
                used |= head[i].State != SlabState.Unused;
            }

            if (used)
            {
                head->Next = _firstPage;
                _firstPage = page;
                LinkUnused(head);
            }
            else
            {
                GivePage(page);
                given++;
            }

            page = next;
        }

        return given;
    }

    /// <summary>
    /// A page for a heap's map, its content undefined. It stays for long and is first needed where all around it is free, so it goes where
    /// it fits best; but for the first few, when there is no better place.
    /// </summary>
    /// <returns>Its physical address; 0 when none is free.</returns>
    internal uint TakePage()
    {
        uint pfn = _pageCount < FirstPages ? PageAllocator.None : _pages->Dma32.AllocateFitting(1, 0, true);
        return Counted(pfn != PageAllocator.None ? pfn : _pages->AllocatePages(0));
    }

    /// <summary>Takes back what <see cref="TakePage"/> gave.</summary>
    internal void GivePage(uint address)
    {
        _pages->FreePages(address >> PageSize.Shift, 0);
        _pageCount--;
    }

    private uint Counted(uint pfn)
    {
        if (pfn == PageAllocator.None)
        {
            return 0;
        }

        _pageCount++;
        return pfn << PageSize.Shift;
    }

    private bool AddPage()
    {
        uint address = Counted(_pages->AllocatePages(0));
        if (address == 0)
        {
            return false;
        }

        Zeroing.Clear((byte*)At(address), (nuint)PageSize.Bytes);
        At(address)->Next = _firstPage;
        _firstPage = address;
        _fresh = address + Slab.Bytes;
        _freshEnd = address + (PerPage * Slab.Bytes);
        return true;
    }

    /// <summary>Puts a page's unused descriptors into the list, the lowest first.</summary>
    private void LinkUnused(Slab* head)
    {
        for (uint i = PerPage - 1; i > 0; i--)
        {
            if (head[i].State == SlabState.Unused)
            {
                head[i].Next = _firstUnused;
                _firstUnused = AddressOf(head + i);
            }
        }
    }
}
