using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory;

namespace CosmosBootAlloc.Kernel;

/// <summary>Ticks an operation of the allocators in the running kernel; under an emulator that counts instructions, instructions.</summary>
internal static unsafe class Benchmark
{
    private const uint Operations = 10000;
    private const uint Held = 256;
    private const uint MostBlocks = 1024;
    private const uint Nodes = 50000;

    private static object s_kept;

    /// <summary>Runs all and logs a line each: <c>bootalloc: bench name=... ops=... ticks_per_op=...</c>.</summary>
    internal static void Run(KernelLog* log)
    {
        PageAllocator* pages = &Root.Memory->Pages;
        SlabHeap* heap = &Root.Memory->Raw;
        Report(log, "clock_read", Operations, ClockReads());
        Report(log, "page_alloc_free", Operations, PagePairs(pages, 0));
        Report(log, "page_alloc_free_order10", Operations, PagePairs(pages, Buddy.MaxOrder));
        Report(log, "page_alloc_256_free_256", 2 * Held, PagesHeld(pages));
        Report(log, "page_split_merge_10", Operations, SplitsAndMerges(pages));
        Report(log, "object_alloc_free_16", Operations, ObjectPairs(heap, 16));
        Report(log, "object_alloc_free_24", Operations, ObjectPairs(heap, 24));
        Report(log, "object_alloc_free_200", Operations, ObjectPairs(heap, 200));
        Report(log, "object_alloc_free_2000", Operations, ObjectPairs(heap, 2000));
        Report(log, "object_alloc_free_20000", Operations, ObjectPairs(heap, 20000));
        Report(log, "object_alloc_256_free_256", 2 * Held, ObjectsHeld(heap, 64));
        Report(log, "new_object_16", Operations, NewObjects());
        Collections(log);
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

    /// <summary>Pairs of one page while a zone has nothing below its largest blocks: each allocation splits ten times, each free merges ten times.</summary>
    private static ulong SplitsAndMerges(PageAllocator* pages)
    {
        Buddy* zone = pages->Normal.FreeBlocks(Buddy.MaxOrder) != 0 ? &pages->Normal : &pages->Dma;
        if (zone->FreeBlocks(Buddy.MaxOrder) == 0)
        {
            return 0;
        }

        uint* held = stackalloc uint[(int)MostBlocks];
        uint count = 0;
        for (uint order = 0; order < Buddy.MaxOrder; order++)
        {
            while (zone->FreeBlocks(order) != 0 && count < MostBlocks)
            {
                held[count++] = (zone->Allocate(order) << 4) | order;
            }
        }

        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
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

        return ticks;
    }

    private static ulong ObjectPairs(SlabHeap* heap, uint bytes)
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            void* memory = heap->Allocate(bytes, 0);
            if (memory == null)
            {
                return 0;
            }

            heap->Free(memory);
        }

        return Clock.Ticks() - start;
    }

    private static ulong ObjectsHeld(SlabHeap* heap, uint bytes)
    {
        uint* held = stackalloc uint[(int)Held];
        ulong start = Clock.Ticks();
        uint count = 0;
        while (count < Held)
        {
            void* memory = heap->Allocate(bytes, 0);
            if (memory == null)
            {
                break;
            }

            held[count++] = (uint)memory;
        }

        while (count > 0)
        {
            heap->Free((void*)held[--count]);
        }

        return Clock.Ticks() - start;
    }

    private static ulong NewObjects()
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            s_kept = new Node();
        }

        return Clock.Ticks() - start;
    }

    /// <summary>What a collection costs a live and a dead object, beyond what it costs on a heap without either.</summary>
    private static void Collections(KernelLog* log)
    {
        s_kept = null;
        Collector.Collect();
        Collector.Collect();
        ulong empty = Collector.Ticks;
        BuildList(Nodes);
        Collector.Collect();
        ulong live = Collector.Ticks;
        s_kept = null;
        Collector.Collect();
        ulong dead = Collector.Ticks;
        Report(log, "collect_empty", 1, empty);
        Report(log, "collect_live_object", Nodes, live - empty);
        Report(log, "collect_dead_object", Nodes, dead - empty);
        BuildTree(Nodes);
        Collector.Collect();
        live = Collector.Ticks;
        s_kept = null;
        Collector.Collect();
        Report(log, "collect_live_tree_node", Nodes, live - empty);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BuildList(uint nodes)
    {
        Node list = null;
        for (uint i = 0; i < nodes; i++)
        {
            list = new Node { Next = list };
        }

        s_kept = list;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BuildTree(uint nodes)
    {
        // A heap in the other sense: the node at i has those at 2i and 2i + 1 below it.
        Node[] all = new Node[nodes + 1];
        for (uint i = nodes; i > 0; i--)
        {
            all[i] = new Node { Next = 2 * i <= nodes ? all[2 * i] : null, Other = (2 * i) + 1 <= nodes ? all[(2 * i) + 1] : null };
        }

        s_kept = all[1];
    }

    private static void Report(KernelLog* log, string name, uint operations, ulong ticks)
    {
        log->Text("bootalloc: bench name=");
        log->Text(name);
        log->Print(" ops=%d ticks_per_op=%d\n", operations, ticks / operations);
    }

    /// <summary>12 bytes and the type: 16.</summary>
    private sealed class Node
    {
        internal Node Next;
        internal object Other;
        internal int Value;
    }
}
