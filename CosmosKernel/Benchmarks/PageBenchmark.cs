using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>
/// The page allocator measured: hot pairs of every order, bursts, splitting and merging, from full to empty and back, and full of holes.
/// </summary>
internal static unsafe class PageBenchmark
{
    private const uint Held = 256;
    private const uint MostBlocks = 1024;

    private static readonly string[] s_pairs =
    [
        "page_alloc_free", "page_alloc_free_order1", "page_alloc_free_order2", "page_alloc_free_order3", "page_alloc_free_order4",
        "page_alloc_free_order5",
        "page_alloc_free_order6", "page_alloc_free_order7", "page_alloc_free_order8", "page_alloc_free_order9", "page_alloc_free_order10",
    ];

    /// <summary>Runs all cases.</summary>
    internal static void Run(KernelLog* log)
    {
        for (uint order = 0; order < Zone.Orders; order++)
        {
            Benchmark.Measure(log, s_pairs[order], &Pairs, order);
        }

        Benchmark.Measure(log, "page_alloc_256_free_256", &Bursts, 0);
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
    /// Pairs of one page while a zone has nothing below its largest blocks: each allocation splits ten times, each free merges ten times.
    /// </summary>
    private static BenchRun SplitsAndMerges(uint unused)
    {
        Zone* zone = Pages->Normal.FreeBlocks(Zone.MaxOrder) != 0 ? &Pages->Normal : &Pages->Dma;
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

    /// <summary>All pages, one by one, until there are none.</summary>
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

    /// <summary>All of them back, the last first.</summary>
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

    /// <summary>All of them back, from all over memory.</summary>
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

    /// <summary>Bursts while the given share of the pages is held, the free ones scattered all over.</summary>
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
