using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Where a heap's pages come from: rows of pages with a descriptor, every page carrying the owner's word, so that any address leads to
/// its slab or large object in one step.
/// </summary>
/// <remarks>
/// The word of a page, kept in <see cref="PageFrame.Back"/> while the page is allocated:
/// <code>
///   bits 31..28 1 + 2 * number of the heap for unchecked slabs, one more for large and checked objects; 0 for a page that is not a heap's
///   bits 27..0    address of the descriptor / 32
/// </code>
/// </remarks>
public unsafe struct HeapPages
{
    private PageFrame* _frames;
    private uint _endPfn;
    private uint _slabOwner;
    private PageAllocator* _pages;
    private SlabPool* _pool;
    private KernelLog* _log;
    private uint _number;
    private uint _floor;
    private uint _lowestPfn;
    private bool _sparesDma;
    private bool _checked;

    /// <summary>The descriptors, shared with other heaps.</summary>
    internal readonly SlabPool* Pool => _pool;

    /// <summary>Number of the heap.</summary>
    internal readonly uint Number => _number;

    /// <summary>True when every object is checked.</summary>
    internal readonly bool IsChecked => _checked;

    /// <summary>The frames of all pages, with a pfn as the index.</summary>
    internal readonly PageFrame* Frames => _frames;

    /// <summary>First pfn after the last page.</summary>
    internal readonly uint EndPfn => _endPfn;

    /// <summary>Word of the pages of unchecked slabs, descriptor 0.</summary>
    internal readonly uint SlabOwner => _slabOwner;

    /// <summary>Word of the pages of large and of checked objects, descriptor 0.</summary>
    internal readonly uint OtherOwner => _slabOwner + PageFrame.TagStep;

    /// <summary>Free pages that are left alone.</summary>
    internal readonly uint Floor => _floor;

    /// <summary>Starts without pages; the parameters are those of <see cref="SlabHeap.Init"/>.</summary>
    internal void Init(KernelLog* log, PageAllocator* pages, SlabPool* pool, uint number, uint lowestPfn, bool check)
    {
        _log = log;
        _pages = pages;
        _pool = pool;
        _frames = pages->Dma.Frames;
        _endPfn = pages->EndPfn;
        _number = number;
        _slabOwner = ((2 * number) + 1) << PageFrame.TagShift;
        _floor = 0;
        _lowestPfn = lowestPfn;
        _sparesDma = false;
        _checked = check;
    }

    /// <summary>See <see cref="SlabHeap.SetFloor"/>.</summary>
    internal void SetFloor(uint pages, bool sparesDma)
    {
        _floor = pages;
        _sparesDma = sparesDma && _pages->Dma32.ManagedPages != 0;
    }

    /// <summary>Whole pages that hold that many bytes; 0 counts as 1.</summary>
    internal static uint PagesOf(uint bytes) => bytes == 0 ? 1 : ((bytes - 1) >> PageSize.Shift) + 1;

    /// <summary>First page of a slab or large object.</summary>
    internal static uint PfnOf(Slab* slab) => slab->Start >> PageSize.Shift;

    /// <summary>Pages with a descriptor, every page carrying the owner's word; the descriptor's lists are empty.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="aligned">Start at a multiple of that many pages, a power of two of at most the largest block.</param>
    /// <param name="state"><see cref="SlabState.Large"/> for a large object, else that of the new slab, of at most 8 pages.</param>
    internal Slab* Take(uint pages, uint aligned, byte state)
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
        uint pfn = FindPages(asked, aligned != 1, state == SlabState.Large);
        if (pfn == PageAllocator.None)
        {
            _pool->Give(slab);
            return null;
        }

        _pool->Takes++;
        _pool->Moves++;
        slab->Free = Slab.NoneFree;
        slab->Edge = Slab.NoEdge;
        slab->Start = pfn << PageSize.Shift;
        slab->Heap = (byte)_number;
        slab->State = state;
        uint owner = _slabOwner;
        if (state == SlabState.Large)
        {
            owner += PageFrame.TagStep;
            slab->Limit = asked;
            if (pages < asked)
            {
                Shrink(slab, pages);
            }
        }
        else
        {
            owner += _checked ? PageFrame.TagStep : 0;
            slab->SlabPages = (byte)pages;
        }

        SetOwner(pfn, pages, owner + (_pool->AddressOf(slab) >> Slab.BytesShift));
        return slab;
    }

    /// <summary>Gives back the pages of a slab or large object that is in no list, and its descriptor.</summary>
    internal void Give(Slab* slab)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        _pool->Moves++;
        SetOwner(pfn, pages, 0);
        _pool->Give(slab);
        if (pfn < PageAllocator.DmaEndPfn)
        {
            _pages->Dma.FreeExact(pfn, pages);
        }
        else
        {
            _pages->Dma32.FreeExact(pfn, pages);
        }
    }

    /// <summary>Gives the pages of a large object behind the first <paramref name="keep"/> back.</summary>
    internal void Shrink(Slab* slab, uint keep)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Limit;
        _pool->Moves++;
        SetOwner(pfn + keep, pages - keep, 0);
        if (pfn < PageAllocator.DmaEndPfn)
        {
            _pages->Dma.Shrink(pfn, pages, keep);
        }
        else
        {
            _pages->Dma32.Shrink(pfn, pages, keep);
        }

        slab->Limit = keep;
    }

    /// <summary>The slab or large object of this heap that a physical address lies in, or null. O(1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Slab* OwnerOf(uint address)
    {
        if (address >> PageSize.Shift >= _endPfn)
        {
            return null;
        }

        uint owner = _frames[address >> PageSize.Shift].Back - _slabOwner;
        return owner <= (2 * PageFrame.TagStep) - 1 ? _pool->At(owner << Slab.BytesShift) : null;
    }

    /// <summary>A pointer was given back that is not the heap's: a BUG that names what is there.</summary>
    internal void ReportForeign(uint address)
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

    /// <summary>What stands in the way of so many pages in a row; see <see cref="Refusal"/>. O(blocks of both zones).</summary>
    internal void Explain(uint needed, out Refusal refusal)
    {
        uint free = _pages->FreePageCount;
        uint low = FreeRuns.PagesBelow(ref _pages->Dma, _lowestPfn);
        uint spared = _sparesDma ? _pages->Dma.FreePages - low : 0;
        uint open = free - low - spared;
        uint above = free > _floor ? free - _floor : 0;
        uint usable = open < above ? open : above;
        uint longest = FreeRuns.Longest(ref _pages->Dma32, 0);
        uint longestDma = _sparesDma ? 0 : FreeRuns.Longest(ref _pages->Dma, _lowestPfn);
        longest = longest < longestDma ? longestDma : longest;
        refusal.Needed = needed;
        refusal.Found = longest < usable ? longest : usable;
        refusal.Usable = usable;
        refusal.Free = free;
        refusal.Reserved = open - usable;
        refusal.Low = low;
        refusal.SparedDma = spared;
    }

    /// <summary>
    /// Pages in a row: where they fit best in the DMA32 zone, else in DMA. A large object's are looked for everywhere before giving up; a
    /// slab does with fewer.
    /// </summary>
    private uint FindPages(uint pages, bool aligned, bool large)
    {
        uint pfn = aligned ? _pages->Dma32.AllocateExact(pages) : _pages->Dma32.AllocateFitting(pages, 0);
        if (pfn == PageAllocator.None && !_sparesDma)
        {
            pfn = aligned ? _pages->Dma.AllocateAbove(pages, _lowestPfn) : _pages->Dma.AllocateFitting(pages, _lowestPfn);
        }

        if (pfn != PageAllocator.None || aligned || !large)
        {
            return pfn;
        }

        pfn = _pages->Dma32.AllocateRow(pages, 0);
        return pfn != PageAllocator.None || _sparesDma ? pfn : _pages->Dma.AllocateRow(pages, _lowestPfn);
    }

    private void SetOwner(uint pfn, uint pages, uint owner)
    {
        PageFrame* frame = _frames + pfn;
        PageFrame* end = frame + pages;
        for (; frame < end; frame++)
        {
            frame->Back = owner;
        }
    }
}
