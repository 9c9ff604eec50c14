using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>
/// Measures the page allocator: hot pairs of every order, bursts, splitting and merging, draining and refilling, and fragmented memory.
/// </summary>
internal static unsafe class PageBenchmark
{
    private const uint Held = 256;
    private const uint MostBlocks = 1024;

    private static readonly string[] s_pairs =
    [
        "page_alloc_free", "page_alloc_free_order1", "page_alloc_free_order2", "page_alloc_free_order3",
        "page_alloc_free_order4", "page_alloc_free_order5", "page_alloc_free_order6", "page_alloc_free_order7",
        "page_alloc_free_order8", "page_alloc_free_order9", "page_alloc_free_order10",
    ];

    /// <summary>Runs all cases.</summary>
    internal static void Run(KernelLog* log)
    {
        for (uint order = 0; order < Zone.Orders; order++)
        {
            Benchmark.Measure(log, s_pairs[order], &Pairs, order);
        }

        Benchmark.Measure(log, "page_alloc_256_free_256", &Bursts, 0);
        Benchmark.Measure(log, "page_mixed_orders", &Mixed, 0);
        Benchmark.Measure(log, "page_split_merge_10", &SplitsAndMerges, 0);
        Benchmark.Measure(log, "page_drain", &Drain, 0);
        Benchmark.Measure(log, "page_refill", &Refill, 0);
        Benchmark.Measure(log, "page_free_random", &FreeRandom, 0);
        Benchmark.Measure(log, "page_alloc_256_free_256_50_full", &BurstsInHoles, 50);
        Benchmark.Measure(log, "page_alloc_256_free_256_90_full", &BurstsInHoles, 90);
    }

    private static PageAllocator* Pages => &KernelState.Memory->Pages;

    private static BenchRun Pairs(uint order)
    {
        PageAllocator* pages = Pages;
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            uint pfn = pages->AllocatePages(order);
            if (pfn == PageAllocator.None)
            {
                return default;
            }

            pages->FreePages(pfn, order);
        }

        return new BenchRun(Benchmark.Operations, Clock.Ticks() - start);
    }

    private static BenchRun Bursts(uint unused)
    {
        PageAllocator* pages = Pages;
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

        bool enough = count == Held;
        while (count > 0)
        {
            pages->FreePages(held[--count], 0);
        }

        return enough ? new BenchRun(2 * Held, Clock.Ticks() - start) : default;
    }

    /// <summary>
    /// At random one of 64 places: a block of order 0 to 3 enters it, half of them single pages, or the one that is there is freed.
    /// </summary>
    private static BenchRun Mixed(uint unused)
    {
        const int places = 64;
        PageAllocator* pages = Pages;
        uint* held = stackalloc uint[places];
        for (uint i = 0; i < places; i++)
        {
            held[i] = PageAllocator.None;
        }

        bool enough = true;
        uint random = 1;
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            random = Benchmark.Next(random);
            uint place = random >> 26;
            if (held[place] != PageAllocator.None)
            {
                pages->FreePages(held[place], MixedOrder(place));
                held[place] = PageAllocator.None;
                continue;
            }

            held[place] = pages->AllocatePages(MixedOrder(place));
            enough &= held[place] != PageAllocator.None;
        }

        ulong ticks = Clock.Ticks() - start;
        for (uint i = 0; i < places; i++)
        {
            if (held[i] != PageAllocator.None)
            {
                pages->FreePages(held[i], MixedOrder(i));
            }
        }

        return enough ? new BenchRun(Benchmark.Operations, ticks) : default;
    }

    /// <summary>0 for four of eight places, 1 for two, 2 and 3 for one each.</summary>
    private static uint MixedOrder(uint place)
    {
        uint kind = place & 7;
        return kind < 4 ? 0 : kind < 6 ? 1 : kind - 4;
    }

    /// <summary>
    /// Single-page pairs in a zone that holds only blocks of the largest order: each allocation splits ten times, each free merges ten
    /// times.
    /// </summary>
    private static BenchRun SplitsAndMerges(uint unused)
    {
        Zone* zone = Pages->Dma32.FreeBlocks(Zone.MaxOrder) != 0 ? &Pages->Dma32 : &Pages->Dma;
        if (zone->FreeBlocks(Zone.MaxOrder) == 0)
        {
            return default;
        }

        uint* held = stackalloc uint[(int)MostBlocks];
        uint count = 0;
        for (uint order = 0; order < Zone.MaxOrder; order++)
        {
            while (zone->FreeBlocks(order) != 0 && count < MostBlocks)
            {
                held[count++] = (zone->Allocate(order) << 4) | order;
            }
        }

        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            uint pfn = zone->Allocate(0);
            zone->Free(pfn, 0);
        }

        ulong ticks = Clock.Ticks() - start;
        while (count > 0)
        {
            count--;
            zone->Free(held[count] >> 4, held[count] & 15);
        }

        return new BenchRun(Benchmark.Operations, ticks);
    }

    /// <summary>Allocates pages one by one until none are left.</summary>
    private static BenchRun Drain(uint unused)
    {
        PageHoard hoard = default;
        hoard.Begin(Pages);
        ulong start = Clock.Ticks();
        uint taken = hoard.TakeAll(Pages);
        ulong ticks = Clock.Ticks() - start;
        hoard.End(Pages);
        return new BenchRun(taken, ticks);
    }

    /// <summary>Frees them all, last allocated first.</summary>
    private static BenchRun Refill(uint unused)
    {
        PageHoard hoard = default;
        hoard.Begin(Pages);
        hoard.TakeAll(Pages);
        uint count = hoard.Count;
        ulong start = Clock.Ticks();
        hoard.FreeAll(Pages);
        ulong ticks = Clock.Ticks() - start;
        hoard.End(Pages);
        return new BenchRun(count, ticks);
    }

    /// <summary>Frees them all in scattered order.</summary>
    private static BenchRun FreeRandom(uint unused)
    {
        PageHoard hoard = default;
        hoard.Begin(Pages);
        hoard.TakeAll(Pages);
        hoard.BeginScattered();
        uint count = hoard.Count;
        ulong start = Clock.Ticks();
        hoard.FreeScattered(Pages, count);
        ulong ticks = Clock.Ticks() - start;
        hoard.End(Pages);
        return new BenchRun(count, ticks);
    }

    /// <summary>Bursts while the given percentage of the pages is held and the free ones are scattered.</summary>
    private static BenchRun BurstsInHoles(uint percentFull)
    {
        PageHoard hoard = default;
        hoard.Begin(Pages);
        hoard.TakeAll(Pages);
        hoard.BeginScattered();
        uint count = hoard.Count;
        hoard.FreeScattered(Pages, count * (100 - percentFull) / 100);
        BenchRun run = Bursts(0);
        hoard.FreeScattered(Pages, count);
        hoard.End(Pages);
        return run;
    }
}
