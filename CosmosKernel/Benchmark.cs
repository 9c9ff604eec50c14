using CosmosBootAlloc.Memory;

namespace CosmosBootAlloc.Kernel;

/// <summary>Ticks an operation of the allocators in the running kernel; under an emulator that counts instructions, instructions.</summary>
internal static unsafe class Benchmark
{
    private const uint Operations = 10000;
    private const uint Held = 256;

    /// <summary>Runs all and logs a line each: <c>bootalloc: bench name=... ops=... ticks_per_op=...</c>.</summary>
    internal static void Run(KernelLog* log)
    {
        PageAllocator* pages = &Root.Memory->Pages;
        ObjectHeap* heap = &Root.Memory->Heap;
        Report(log, "clock_read", Operations, ClockReads());
        Report(log, "page_alloc_free", Operations, PagePairs(pages, 0));
        Report(log, "page_alloc_free_order10", Operations, PagePairs(pages, Buddy.MaxOrder));
        Report(log, "page_alloc_256_free_256", 2 * Held, PagesHeld(pages));
        Report(log, "object_alloc_free_16", Operations, ObjectPairs(heap, 16));
        Report(log, "object_alloc_free_200", Operations, ObjectPairs(heap, 200));
        Report(log, "object_alloc_free_2000", Operations, ObjectPairs(heap, 2000));
        Report(log, "object_alloc_free_20000", Operations, ObjectPairs(heap, 20000));
    }

    private static ulong ClockReads()
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            Clock.Ticks();
        }

        return Clock.Ticks() - start;
    }

    private static ulong PagePairs(PageAllocator* pages, uint order)
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            uint pfn = pages->AllocatePages(order);
            if (pfn == PageAllocator.None)
            {
                return 0;
            }

            pages->FreePages(pfn, order);
        }

        return Clock.Ticks() - start;
    }

    private static ulong PagesHeld(PageAllocator* pages)
    {
        uint* held = stackalloc uint[(int)Held];
        ulong start = Clock.Ticks();
        uint count = 0;
        while (count < Held)
        {
            uint pfn = pages->AllocatePages(0);
            if (pfn == PageAllocator.None)
            {
                break;
            }

            held[count++] = pfn;
        }

        while (count > 0)
        {
            pages->FreePages(held[--count], 0);
        }

        return Clock.Ticks() - start;
    }

    private static ulong ObjectPairs(ObjectHeap* heap, uint bytes)
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            ulong address = heap->Allocate(bytes);
            if (address == 0)
            {
                return 0;
            }

            heap->Free(address);
        }

        return Clock.Ticks() - start;
    }

    private static void Report(KernelLog* log, string name, uint operations, ulong ticks)
    {
        log->Text("bootalloc: bench name=");
        log->Text(name);
        log->Print(" ops=%d ticks_per_op=%d\n", operations, ticks / operations);
    }
}
