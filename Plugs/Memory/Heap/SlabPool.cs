using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The descriptors of all heaps: pages of 127 behind a head, taken one at a time and given back when the last user is gone and
/// <see cref="Trim"/> is called. Every slab can be reached by walking them.
/// </summary>
public unsafe struct SlabPool
{
    private const uint PerPage = (uint)PageSize.Bytes / Slab.Bytes;

    private byte* _base;
    private PageAllocator* _pages;

    /// <summary>First descriptor page, linked by the <see cref="Slab.Next"/> of their heads; the oldest is last.</summary>
    private uint _firstPage;

    private uint _firstUnused;
    private uint _pageCount;

    /// <summary>Times that a heap took pages. It wraps; who remembers it sees that pages were taken since.</summary>
    public uint Takes;

    /// <summary>Times that a heap took pages or gave some back. It wraps too.</summary>
    public uint Moves;

    /// <summary>Pages that hold descriptors.</summary>
    public uint Pages => _pageCount;

    /// <summary>Starts empty: no page is taken.</summary>
    public void Init(PhysicalMemory* physical, PageAllocator* pages)
    {
        _base = physical->At(0);
        _pages = pages;
        _firstPage = 0;
        _firstUnused = 0;
        _pageCount = 0;
        Takes = 0;
        Moves = 0;
    }

    /// <summary>The descriptor at a physical address.</summary>
    public Slab* At(uint address) => (Slab*)(_base + address);

    /// <summary>The physical address of a descriptor.</summary>
    public uint AddressOf(Slab* slab) => (uint)((byte*)slab - _base);

    /// <summary>Takes a descriptor, all zero. O(1).</summary>
    /// <returns>Null when a page is needed and none is free.</returns>
    public Slab* Take()
    {
        if (_firstUnused == 0 && !AddPage())
        {
            return null;
        }

        Slab* slab = At(_firstUnused);
        _firstUnused = slab->Next;
        slab->Next = 0;
        return slab;
    }

    /// <summary>Gives a descriptor back. O(1).</summary>
    public void Give(Slab* slab)
    {
        *slab = default;
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
        uint address = AddressOf(slab);
        while (true)
        {
            address += Slab.Bytes;
            if ((address & (uint)PageSize.OffsetMask) == 0)
            {
                address = At(address - (uint)PageSize.Bytes)->Next;
                if (address == 0)
                {
                    return null;
                }

                continue;
            }

            slab = (Slab*)(_base + address);
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
                _pages->FreePages(page >> PageSize.Shift, 0);
                _pageCount--;
                given++;
            }

            page = next;
        }

        return given;
    }

    private bool AddPage()
    {
        uint pfn = _pages->AllocatePages(0);
        if (pfn == PageAllocator.None)
        {
            return false;
        }

        uint address = pfn << PageSize.Shift;
        Zeroing.Clear(_base + address, (nuint)PageSize.Bytes);
        Slab* head = At(address);
        head->Next = _firstPage;
        _firstPage = address;
        _pageCount++;
        LinkUnused(head);
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
