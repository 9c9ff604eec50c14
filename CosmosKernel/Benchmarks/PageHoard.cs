using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.NativeAot;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>
/// Takes every free page of the page allocator, one by one, and gives them back in any order: for measuring it when it is empty, full,
/// and full of holes. Who has which page is written into pages of the hoard itself, so nothing else is needed.
/// </summary>
/// <remarks>
/// At most <see cref="MostPages"/> pages are in play, so that a large machine takes no longer than a small one: what is beyond is held in
/// blocks
/// of the largest order, and is not part of what is measured. Nothing may allocate while a hoard holds all pages.
/// </remarks>
internal unsafe struct PageHoard
{
    /// <summary>Most pages in play: 128 MB.</summary>
    internal const uint MostPages = 32768;

    /// <summary>Pages held, without those that the hoard writes on.</summary>
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

    /// <summary>Holds back what is beyond <see cref="MostPages"/>.</summary>
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

    /// <summary>Takes every page that is left, or as many as can be held. O(pages).</summary>
    /// <returns>Pages that were allocated.</returns>
    internal uint TakeAll(PageAllocator* pages)
    {
        uint taken = 0;
        for (;;)
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

    /// <summary>Frees all held pages, the last taken first. O(pages).</summary>
    internal void FreeAll(PageAllocator* pages)
    {
        while (Count > 0)
        {
            Count--;
            pages->FreePages(*Entry(Count), 0);
        }
    }

    /// <summary>
    /// Begins freeing in an order that jumps about: by a stride of about the golden section, which visits every page once.
    /// </summary>
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
    /// Frees scattered pages until this many are freed since <see cref="BeginScattered"/>; the count of held pages stays as it is.
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

    /// <summary>Gives back all that is left: lists and blocks.</summary>
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
