using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Where a heap's pages come from: rows of pages with a descriptor, each page in the heap's map, so that any address leads to its slab or
/// large object.
/// </summary>
public unsafe struct HeapPages
{
    /// <summary>Which slab or large object each page belongs to.</summary>
    internal SlabMap Map;

    private uint _endPfn;
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

    /// <summary>First pfn after the last page.</summary>
    internal readonly uint EndPfn => _endPfn;

    /// <summary>Free pages that are left alone.</summary>
    internal readonly uint Floor => _floor;

    /// <summary>Starts without pages, in memory that is zero; the parameters are those of <see cref="SlabHeap.Init"/>.</summary>
    internal void Init(KernelLog* log, PageAllocator* pages, SlabPool* pool, uint number, uint lowestPfn, bool check)
    {
        _log = log;
        _pages = pages;
        _pool = pool;
        _endPfn = pages->EndPfn;
        _number = number;
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

    /// <summary>Pages with a descriptor, in the map; the descriptor's lists are empty.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="aligned">Start at a multiple of that many pages, a power of two of at most the largest block.</param>
    /// <param name="state"><see cref="SlabState.Large"/> for a large object, else that of the new slab, of at most 8 pages.</param>
    internal Slab* Take(uint pages, uint aligned, byte state)
    {
        if (_floor != 0 && !_pages->HasFree(_floor + pages))
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
        if (pfn != PageAllocator.None && !Map.Set(pfn, pages, slab))
        {
            _pages->FreeRow(pfn, asked);
            pfn = PageAllocator.None;
        }

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
        slab->Pages = pages;
        slab->Previous = 0;
        slab->Carved = 0;
        if (pages < asked)
        {
            ShrinkRow(pfn, asked, pages);
        }

        return slab;
    }

    /// <summary>Gives back the pages of a slab that is in no list, and its descriptor.</summary>
    internal void GiveSlab(Slab* slab)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        Forget(slab);
        _pages->FreeRow(pfn, pages);
    }

    /// <summary>Gives back the pages of a large object, which may be kept aside for the next one, and its descriptor.</summary>
    internal void GiveLarge(Slab* slab)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        Forget(slab);
        _pages->GiveRow(pfn, pages);
    }

    /// <summary>Gives the pages of a large object behind the first <paramref name="keep"/> back.</summary>
    internal void Shrink(Slab* slab, uint keep)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        _pool->Moves++;
        Map.Clear(pfn + keep, pages - keep);
        slab->Pages = keep;
        ShrinkRow(pfn, pages, keep);
    }

    private void Forget(Slab* slab)
    {
        _pool->Moves++;
        Map.Clear(PfnOf(slab), slab->Pages);
        _pool->Give(slab);
    }

    private readonly void ShrinkRow(uint pfn, uint pages, uint keep)
    {
        if (pfn < PageAllocator.DmaEndPfn)
        {
            _pages->Dma.Shrink(pfn, pages, keep);
        }
        else
        {
            _pages->Dma32.Shrink(pfn, pages, keep);
        }
    }

    /// <summary>Gives the row that was given back last to its zone.</summary>
    internal void ReturnRecent() => _pages->ReturnRecent();

    /// <summary>A pointer was given back that is not the heap's: a BUG that names what is there.</summary>
    internal void ReportForeign(uint address)
    {
        uint pfn = address >> PageSize.Shift;
        if (pfn >= _endPfn)
        {
            _log->Bug("heap: free of %x, beyond the end of memory at pfn %x", address, _endPfn);
            return;
        }

        if (_pages->IsRecent(pfn))
        {
            _log->Bug("heap: free of %x, which lies in free memory (a large object was there): freed twice, or never given out", address);
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
        // The zones are asked what they have; a row kept aside is part of it.
        _pages->ReturnRecent();
        uint free = _pages->FreePageCount;
        uint low = FreeRuns.PagesBelow(ref _pages->Dma, _lowestPfn);
        uint spared = _sparesDma ? _pages->Dma.FreePages - low : 0;
        uint open = free - low - spared;
        uint above = free > _floor ? free - _floor : 0;
        uint usable = open < above ? open : above;
        uint longest = FreeRuns.Longest(ref _pages->Dma32, 0);
        uint longestDma = _sparesDma ? 0 : FreeRuns.Longest(ref _pages->Dma, _lowestPfn);
        longest = longest < longestDma ? longestDma : longest;
        refusal.Found = longest < usable ? longest : usable;
        refusal.Needed = refusal.Found >= needed && free < needed + SlabMap.MostLeaves(needed) ? refusal.Found + 1 : needed;
        refusal.Usable = usable;
        refusal.Free = free;
        refusal.Reserved = open - usable;
        refusal.Low = low;
        refusal.SparedDma = spared;
    }

    /// <summary>
    /// Pages in a row. A slab is content with the best of a few. A large object takes the row that was given back last if it fits
    /// exactly, else goes where it fits best, and looks everywhere before giving up. DMA32 comes first.
    /// </summary>
    private uint FindPages(uint pages, bool aligned, bool large)
    {
        uint pfn = PageAllocator.None;
        if (!aligned && large)
        {
            pfn = _pages->TakeRecentRow(pages, _sparesDma ? PageAllocator.DmaEndPfn : _lowestPfn);
        }

        if (pfn == PageAllocator.None)
        {
            pfn = FindInZones(pages, aligned, large);
        }

        if (pfn != PageAllocator.None || !_pages->HasRecent)
        {
            return pfn;
        }

        _pages->ReturnRecent();
        return FindInZones(pages, aligned, large);
    }

    private uint FindInZones(uint pages, bool aligned, bool large)
    {
        uint pfn = aligned ? _pages->Dma32.AllocateExact(pages) : _pages->Dma32.AllocateFitting(pages, 0, !large);
        if (pfn == PageAllocator.None && !_sparesDma)
        {
            pfn = aligned ? _pages->Dma.AllocateAbove(pages, _lowestPfn) : _pages->Dma.AllocateFitting(pages, _lowestPfn, !large);
        }

        if (pfn != PageAllocator.None || aligned || !large)
        {
            return pfn;
        }

        pfn = _pages->Dma32.AllocateRow(pages, 0);
        return pfn != PageAllocator.None || _sparesDma ? pfn : _pages->Dma.AllocateRow(pages, _lowestPfn);
    }
}
