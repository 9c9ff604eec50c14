using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.SelfTest.Allocators;

/// <summary>The page allocator: what it gives is distinct memory inside RAM, and all of it comes back.</summary>
internal static unsafe class PageTest
{
    private const uint Held = 128;
    private const uint Pattern = 0x5eed0000;

    internal static void Run(Checks* checks)
    {
        PageAllocator* pages = &KernelState.Memory->Pages;
        uint* before = stackalloc uint[2 * (int)Zone.Orders];
        uint* after = stackalloc uint[2 * (int)Zone.Orders];
        Snapshot(pages, before);
        uint free = pages->FreePageCount;

        for (uint order = 0; order <= Zone.MaxOrder; order++)
        {
            uint pfn = pages->AllocatePages(order);
            if (pfn == PageAllocator.None)
            {
                continue;
            }

            checks->Equal(0, pfn & ((1u << (int)order) - 1), "a block is aligned to its size");
            checks->Equal(free - (1u << (int)order), pages->FreePageCount, "a block of an order is that many pages less");
            pages->FreePages(pfn, order);
        }

        checks->Equal(PageAllocator.None, pages->AllocatePages(Zone.MaxOrder + 1), "an order above the largest is refused");
        MixedOrders(checks, pages);
        DmaOnly(checks, pages);

        checks->Equal(free, pages->FreePageCount, "all pages came back");
        Snapshot(pages, after);
        bool same = true;
        for (uint i = 0; i < 2 * Zone.Orders; i++)
        {
            same &= before[i] == after[i];
        }

        checks->Expect(same, "the free blocks of each order are as before");
        checks->Equal(PageAllocator.None, pages->FindFault(), "the page allocator is whole after use");
    }

    private static void MixedOrders(Checks* checks, PageAllocator* pages)
    {
        uint* held = stackalloc uint[(int)Held];
        uint count = 0;
        uint random = 12345;
        for (; count < Held; count++)
        {
            random = (random * 1103515245) + 12345;
            uint order = (random >> 16) & 3;
            uint pfn = pages->AllocatePages(order);
            if (pfn == PageAllocator.None)
            {
                break;
            }

            // Marked at both ends: blocks that overlap would show.
            held[count] = (pfn << 2) | order;
            *First(pfn) = Pattern + count;
            *Last(pfn, order) = Pattern + count;
        }

        bool intact = true;
        for (uint i = 0; i < count; i++)
        {
            uint pfn = held[i] >> 2;
            uint order = held[i] & 3;
            intact &= *First(pfn) == Pattern + i && (*Last(pfn, order) == Pattern + i);
            pages->FreePages(pfn, order);
        }

        checks->Expect(intact && count > 0, "blocks of mixed orders keep what was written to them", count, Held);
    }

    private static void DmaOnly(Checks* checks, PageAllocator* pages)
    {
        uint pfn = pages->AllocatePages(0, ZoneType.Dma);
        if (pfn != PageAllocator.None)
        {
            checks->Expect(pfn < PageAllocator.DmaEndPfn, "a DMA page lies below 16 MiB", pfn, PageAllocator.DmaEndPfn);
            pages->FreePages(pfn, 0);
        }

        if (pages->Dma32.FreePages != 0)
        {
            pfn = pages->AllocatePages(0);
            checks->Expect(pfn >= PageAllocator.DmaEndPfn, "while the DMA32 zone has pages, DMA is spared", pfn, PageAllocator.DmaEndPfn);
            pages->FreePages(pfn, 0);
        }
    }

    private static void Snapshot(PageAllocator* pages, uint* counts)
    {
        pages->ReturnRecent();
        for (uint order = 0; order < Zone.Orders; order++)
        {
            counts[order] = pages->Dma.FreeBlocks(order);
            counts[Zone.Orders + order] = pages->Dma32.FreeBlocks(order);
        }
    }

    private static uint* First(uint pfn) => (uint*)(pfn << PageSize.Shift);

    private static uint* Last(uint pfn, uint order) => (uint*)(((pfn + (1u << (int)order)) << PageSize.Shift) - sizeof(uint));
}
