using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>Slabs: made when a class has no room, moved between its lists, given back when empty.</summary>
public unsafe partial struct SlabHeap
{
    private const uint CarvedAtOnce = 8;

    /// <summary>
    /// What <see cref="AllocateQuickly"/> could not: an object never used before, another slab, a new one, a large object.
    /// </summary>
    /// <returns>Null when no memory is left above the floor.</returns>
    public void* AllocateSlowly(uint bytes, uint site)
    {
        if (_checked)
        {
            return AllocateChecked(bytes, SizeClass.Grain, site);
        }

        if (bytes > SizeClass.LargestBytes)
        {
            return AllocatePages(PagesOf(bytes), 1);
        }

        uint sizeClass = ClassOf(bytes);
        Slab* slab = _pool->At(_current[sizeClass]);
        if (slab->Carved == slab->Capacity)
        {
            slab = ReplaceCurrent(sizeClass, slab);
            if (slab == null)
            {
                return null;
            }
        }

        if (slab->Free == Slab.NoneFree)
        {
            Carve(slab, _bytes[sizeClass]);
        }

        byte* memory = _base + (slab->Start + (slab->Free & Slab.OffsetMask));
        slab->Free = *(uint*)memory;
        return memory;
    }

    private uint ClassOf(uint bytes) => _classOf[bytes == 0 ? 0 : (bytes - 1) >> SizeClass.GrainShift];

    private static uint PagesOf(uint bytes) => bytes == 0 ? 1 : ((bytes - 1) >> PageSize.Shift) + 1;

    /// <summary>Puts the next few objects that were never used into the empty list, ascending. There is at least one.</summary>
    private void Carve(Slab* slab, uint bytes)
    {
        uint count = (uint)(slab->Capacity - slab->Carved);
        if (count > CarvedAtOnce)
        {
            count = CarvedAtOnce;
        }

        uint end = slab->Carved + count;
        slab->Carved = (ushort)end;
        uint offset = (end * bytes) + Slab.OffsetBias;
        byte* memory = _base + (slab->Start + offset);
        uint list = Slab.NoneFree;
        uint counted = Slab.FreeTag;
        do
        {
            memory -= bytes;
            offset -= bytes;
            *(uint*)memory = list;
            counted += Slab.CountStep;
            list = counted + offset;
            count--;
        }
        while (count != 0);

        slab->Free = list;
    }

    /// <summary>The current slab is full: a partial one, or a new one, takes its place.</summary>
    private Slab* ReplaceCurrent(uint sizeClass, Slab* full)
    {
        Slab* slab = WithRoom(sizeClass);
        if (slab == null)
        {
            return null;
        }

        if (full->State == SlabState.Current)
        {
            full->State = SlabState.Full;
            full->Edge = 0;
        }

        slab->State = SlabState.Current;
        slab->Edge = Slab.NoEdge;
        _current[sizeClass] = _pool->AddressOf(slab);
        return slab;
    }

    /// <summary>A slab with room that is in no list: the first partial one, else a new one.</summary>
    private Slab* WithRoom(uint sizeClass)
    {
        uint first = _partial[sizeClass];
        if (first == 0)
        {
            return MakeSlab(sizeClass);
        }

        Slab* slab = _pool->At(first);
        Unlink(slab);
        return slab;
    }

    private static uint EdgeOf(Slab* slab) => Slab.FreeTag | ((uint)slab->Carved << Slab.CountShift);

    /// <summary>A new slab in no list. When the class's order is not to be had, a smaller one that holds an object will do.</summary>
    private Slab* MakeSlab(uint sizeClass)
    {
        uint bytes = _bytes[sizeClass];
        for (uint order = _order[sizeClass]; ; order--)
        {
            uint pages = 1u << (int)order;
            Slab* slab = TakePages(pages, 1, _checked ? _otherOwner : _slabOwner);
            if (slab != null)
            {
                slab->Capacity = (ushort)((pages << PageSize.Shift) / bytes);
                slab->Class = (byte)sizeClass;
                slab->State = SlabState.Full;
                _slabPages += pages;
                return slab;
            }

            if (order == 0)
            {
                return null;
            }
        }
    }

    /// <summary>Pages with a descriptor, every page carrying the owner's word; the descriptor's lists are empty.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="aligned">Start at a multiple of so many pages, a power of two of at most the largest block.</param>
    /// <param name="owner">The word, without descriptor.</param>
    private Slab* TakePages(uint pages, uint aligned, uint owner)
    {
        if (_floor != 0 && _pages->FreePageCount < _floor + pages)
        {
            return null;
        }

        Slab* slab = _pool->Take();
        if (slab == null)
        {
            return null;
        }

        uint asked = pages < aligned ? aligned : pages;
        uint pfn = FindPages(asked, aligned != 1);
        if (pfn == PageAllocator.None)
        {
            _pool->Give(slab);
            return null;
        }

        slab->Free = Slab.NoneFree;
        slab->Edge = Slab.NoEdge;
        slab->Start = (pfn << PageSize.Shift) - Slab.OffsetBias;
        slab->Pages = asked;
        slab->Heap = (byte)_number;
        slab->Checked = (byte)(_checked ? 1 : 0);
        if (pages < asked)
        {
            ShrinkPages(slab, pages);
        }

        SetOwner(pfn, pages, owner + (_pool->AddressOf(slab) >> Slab.BytesShift));
        return slab;
    }

    /// <summary>
    /// Pages in a row: where they fit best in the Normal zone, else in DMA. More pages than a slab has are looked for everywhere before
    /// giving up.
    /// </summary>
    private uint FindPages(uint pages, bool aligned)
    {
        uint pfn = aligned ? _pages->Normal.AllocateExact(pages) : _pages->Normal.AllocateFitting(pages);
        if (pfn == PageAllocator.None && !_sparesDma)
        {
            pfn = _pages->Dma.AllocateAbove(pages, _lowestPfn);
        }

        if (pfn != PageAllocator.None || aligned || pages <= 1u << (int)SizeClass.LargestOrder)
        {
            return pfn;
        }

        pfn = _pages->Normal.AllocateRow(pages, 0);
        return pfn != PageAllocator.None || _sparesDma ? pfn : _pages->Dma.AllocateRow(pages, _lowestPfn);
    }

    private static uint PfnOf(Slab* slab) => (slab->Start + Slab.OffsetBias) >> PageSize.Shift;

    private void SetOwner(uint pfn, uint pages, uint owner)
    {
        PageFrame* frame = _frames + pfn;
        PageFrame* end = frame + pages;
        for (; frame < end; frame++)
        {
            frame->Back = owner;
        }
    }

    /// <summary>Gives back the pages of a slab or large object that is in no list, and its descriptor.</summary>
    private void GivePages(Slab* slab)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        SetOwner(pfn, pages, 0);
        _pool->Give(slab);
        if (pfn < PageAllocator.DmaEndPfn)
        {
            _pages->Dma.FreeExact(pfn, pages);
        }
        else
        {
            _pages->Normal.FreeExact(pfn, pages);
        }
    }

    private void GiveSlab(Slab* slab)
    {
        _slabPages -= slab->Pages;
        GivePages(slab);
    }

    /// <summary>
    /// What the hot half of <see cref="Free"/> could not: the first object back into a full slab, the last one of a slab, large and checked
    /// objects, misuse.
    /// </summary>
    private void FreeSlowly(void* memory)
    {
        if (memory == null)
        {
            return;
        }

        uint address = (uint)((byte*)memory - _base);
        Slab* slab = OwnerOf(address);
        if (slab == null)
        {
            ReportForeign(address);
            return;
        }

        if (slab->Checked != 0)
        {
            FreeChecked(slab, address);
            return;
        }

        if (slab->State == SlabState.Large)
        {
            if (address != slab->Start + Slab.OffsetBias)
            {
                _log->Bug("heap: free of %x, inside the large object %x of %d pages", address, slab->Start + Slab.OffsetBias, slab->Pages);
                return;
            }

            GiveLarge(slab);
            return;
        }

        *(uint*)memory = slab->Free;
        slab->Free = (slab->Free & ~Slab.OffsetMask) + Slab.CountStep + (address - slab->Start);
        Returned(slab);
    }

    /// <summary>An object came back into a slab: it may have room again, or be empty.</summary>
    private void Returned(Slab* slab)
    {
        uint used = slab->Used;
        if (used > slab->Carved)
        {
            _log->Bug(
                "heap: slab %x of %d-byte objects got more back than the %d it gave: an object was freed twice",
                slab->Start + Slab.OffsetBias,
                _bytes[slab->Class],
                slab->Carved);
            return;
        }

        if (slab->State == SlabState.Full)
        {
            Link(slab);
        }

        if (used == 0 && slab->State == SlabState.Partial && (slab->Next | slab->Previous) != 0)
        {
            Unlink(slab);
            GiveSlab(slab);
        }
    }

    /// <summary>Puts a slab with room at the head of its class's list.</summary>
    private void Link(Slab* slab)
    {
        uint address = _pool->AddressOf(slab);
        uint next = _partial[slab->Class];
        slab->State = SlabState.Partial;
        slab->Edge = EdgeOf(slab);
        slab->Previous = 0;
        slab->Next = next;
        if (next != 0)
        {
            _pool->At(next)->Previous = address;
        }

        _partial[slab->Class] = address;
    }

    /// <summary>Takes a slab out of its class's list.</summary>
    private void Unlink(Slab* slab)
    {
        if (slab->Previous != 0)
        {
            _pool->At(slab->Previous)->Next = slab->Next;
        }
        else
        {
            _partial[slab->Class] = slab->Next;
        }

        if (slab->Next != 0)
        {
            _pool->At(slab->Next)->Previous = slab->Previous;
        }

        slab->Next = 0;
        slab->Previous = 0;
        slab->Edge = 0;
        slab->State = SlabState.Full;
    }

    /// <summary>The slab or large object of this heap that a physical address lies in, or null. O(1).</summary>
    private Slab* OwnerOf(uint address)
    {
        if (address >> PageSize.Shift >= _endPfn)
        {
            return null;
        }

        uint owner = _frames[address >> PageSize.Shift].Back - _slabOwner;
        return owner <= (2 * PageFrame.TagStep) - 1 ? _pool->At(owner << Slab.BytesShift) : null;
    }

    private void ReportForeign(uint address)
    {
        uint pfn = address >> PageSize.Shift;
        if (pfn >= _endPfn)
        {
            _log->Bug("heap: free of %x, beyond the end of memory at pfn %x", address, _endPfn);
            return;
        }

        PageState state = _pages->StateOf(pfn, out uint head, out uint order);
        if (state == PageState.Free)
        {
            _log->Bug(
                "heap: free of %x, which lies in free memory (block %x order %d): freed twice, or never given out",
                address,
                head,
                order);
            return;
        }

        if (state == PageState.Allocated)
        {
            _log->Bug(
                "heap: free of %x, which this heap never gave out: its page belongs to the block %x order %d of somebody else",
                address,
                head,
                order);
            return;
        }

        _log->Bug("heap: free of %x, which this heap never gave out: its page %x is reserved since boot", address, pfn);
    }
}
