using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.NativeAot;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>
/// Takes every free page of the page allocator, one by one, and gives them back in any order, to measure the allocator empty, full, and
/// fragmented. The list of held pages is kept in pages of the hoard itself, so it needs no other memory.
/// </summary>
/// <remarks>
/// At most <see cref="MostPages"/> pages are in play, so that a large machine takes no longer than a small one; the rest is held in
/// blocks of the largest order and is not measured. Nothing may allocate while a hoard holds all pages.
/// </remarks>
internal unsafe struct PageHoard
{
    /// <summary>Maximum number of pages in play: 128 MiB.</summary>
    internal const uint MostPages = 32768;

    /// <summary>Pages held, not counting those that store the list.</summary>
    internal uint Count;

    private const uint PerList = 1024;
    private const int MostLists = (int)(MostPages / PerList) + 2;
    private const uint MostBlocks = 1024;

    private fixed uint _lists[MostLists];
    private uint _listCount;
    private uint _blockList;
    private uint _blockCount;
    private uint _next;
    private uint _stride;
    private uint _freed;

    /// <summary>Sets aside the pages beyond <see cref="MostPages"/>.</summary>
    internal void Begin(PageAllocator* pages)
    {
        Count = 0;
        _listCount = 0;
        _blockCount = 0;
        _blockList = pages->AllocatePages(0);
        while (_blockList != PageAllocator.None && pages->FreePageCount > MostPages && _blockCount < MostBlocks)
        {
            uint block = pages->AllocatePages(Zone.MaxOrder);
            if (block == PageAllocator.None)
            {
                break;
            }

            Entries(_blockList)[_blockCount++] = block;
        }
    }

    /// <summary>Takes every remaining page, or as many as the hoard can hold. O(pages).</summary>
    /// <returns>Number of pages allocated.</returns>
    internal uint TakeAll(PageAllocator* pages)
    {
        uint taken = 0;
        while (true)
        {
            if (Count == _listCount * PerList && _listCount == MostLists)
            {
                break;
            }

            uint pfn = pages->AllocatePages(0);
            if (pfn == PageAllocator.None)
            {
                break;
            }

            taken++;
            if (Count == _listCount * PerList)
            {
                _lists[_listCount++] = pfn;
            }
            else
            {
                *Entry(Count) = pfn;
                Count++;
            }
        }

        return taken;
    }

    /// <summary>Frees all held pages, last taken first. O(pages).</summary>
    internal void FreeAll(PageAllocator* pages)
    {
        while (Count > 0)
        {
            Count--;
            pages->FreePages(*Entry(Count), 0);
        }
    }

    /// <summary>Begins freeing in scattered order: a stride near the golden ratio visits every page once.</summary>
    internal void BeginScattered()
    {
        _next = 0;
        _freed = 0;
        _stride = (uint)((ulong)Count * 40503 >> 16) | 1;
        while (_stride > 1 && GreatestDivisor(_stride, Count) != 1)
        {
            _stride += 2;
        }
    }

    /// <summary>
    /// Frees scattered pages until this many have been freed since <see cref="BeginScattered"/>. Does not change <see cref="Count"/>.
    /// O(pages).
    /// </summary>
    internal void FreeScattered(PageAllocator* pages, uint until)
    {
        while (_freed < until && _freed < Count)
        {
            pages->FreePages(*Entry(_next), 0);
            _freed++;
            _next += _stride;
            while (_next >= Count)
            {
                _next -= Count;
            }
        }

        if (_freed == Count)
        {
            Count = 0;
        }
    }

    /// <summary>Gives back what is left: the list's pages and the blocks set aside.</summary>
    internal void End(PageAllocator* pages)
    {
        FreeAll(pages);
        while (_listCount > 0)
        {
            pages->FreePages(_lists[--_listCount], 0);
        }

        while (_blockCount > 0)
        {
            pages->FreePages(Entries(_blockList)[--_blockCount], Zone.MaxOrder);
        }

        if (_blockList != PageAllocator.None)
        {
            pages->FreePages(_blockList, 0);
            _blockList = PageAllocator.None;
        }
    }

    private static uint* Entries(uint pfn) => (uint*)KernelState.Memory->Physical.At((ulong)pfn << PageSize.Shift);

    private static uint GreatestDivisor(uint a, uint b)
    {
        while (b != 0)
        {
            uint rest = a % b;
            a = b;
            b = rest;
        }

        return a;
    }

    private uint* Entry(uint index) => Entries(_lists[index / PerList]) + (index % PerList);
}
