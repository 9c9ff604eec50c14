using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>Measures the object heap: hot pairs by size, bursts, <c>new</c>, and the cost of a collection per object.</summary>
internal static unsafe class HeapBenchmark
{
    private const uint Held = 256;
    private const uint Nodes = 50000;

    private static object s_kept;
    private static ulong s_empty;

    /// <summary>Runs all cases.</summary>
    internal static void Run(KernelLog* log)
    {
        Benchmark.Measure(log, "object_alloc_free_16", &Pairs, 16);
        Benchmark.Measure(log, "object_alloc_free_24", &Pairs, 24);
        Benchmark.Measure(log, "object_alloc_free_200", &Pairs, 200);
        Benchmark.Measure(log, "object_alloc_free_2000", &Pairs, 2000);
        Benchmark.Measure(log, "object_alloc_free_20000", &Pairs, 20000);
        Benchmark.Measure(log, "object_alloc_256_free_256", &Bursts, 64);
        Benchmark.Measure(log, "object_mixed_256_free_256", &MixedBursts, 0);
        Benchmark.Measure(log, "object_mixed_sizes", &Mixed, 0);
        Benchmark.Measure(log, "new_object_16", &NewObjects, 0);
        s_kept = null;
        Benchmark.Measure(log, "collect_empty", &CollectEmpty, 0);
        Benchmark.Measure(log, "collect_live_object", &CollectLiveList, 0);
        Benchmark.Measure(log, "collect_dead_object", &CollectDeadList, 0);
        Benchmark.Measure(log, "collect_live_tree_node", &CollectLiveTree, 0);
        s_kept = null;
        Collector.Collect();
    }

    private static BenchRun Pairs(uint bytes)
    {
        SlabHeap* heap = &KernelState.Memory->Raw;
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            void* memory = heap->Allocate(bytes, 0);
            if (memory == null)
            {
                return default;
            }

            heap->Free(memory);
        }

        return new BenchRun(Benchmark.Operations, Clock.Ticks() - start);
    }

    private static BenchRun Bursts(uint bytes)
    {
        SlabHeap* heap = &KernelState.Memory->Raw;
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

        bool enough = count == Held;
        while (count > 0)
        {
            heap->Free((void*)held[--count]);
        }

        return enough ? new BenchRun(2 * Held, Clock.Ticks() - start) : default;
    }

    /// <summary>256 objects of mixed sizes, then all of them freed, in scattered order.</summary>
    private static BenchRun MixedBursts(uint unused)
    {
        SlabHeap* heap = &KernelState.Memory->Raw;
        uint* held = stackalloc uint[(int)Held];
        bool enough = true;
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Held; i++)
        {
            held[i] = (uint)heap->Allocate(MixedSize(i), 0);
            enough &= held[i] != 0;
        }

        // 77 is odd, so each of the 256 comes once.
        for (uint i = 0; i < Held; i++)
        {
            Free(heap, held[i * 77 % Held]);
        }

        return enough ? new BenchRun(2 * Held, Clock.Ticks() - start) : default;
    }

    /// <summary>At random one of 256 places: an object of mixed size enters it, or the one that is there is freed.</summary>
    private static BenchRun Mixed(uint unused)
    {
        SlabHeap* heap = &KernelState.Memory->Raw;
        uint* held = stackalloc uint[(int)Held];
        for (uint i = 0; i < Held; i++)
        {
            held[i] = 0;
        }

        bool enough = true;
        uint random = 1;
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            random = Benchmark.Next(random);
            uint place = random >> 24;
            if (held[place] != 0)
            {
                heap->Free((void*)held[place]);
                held[place] = 0;
                continue;
            }

            held[place] = (uint)heap->Allocate(MixedSize(random >> 16), 0);
            enough &= held[place] != 0;
        }

        ulong ticks = Clock.Ticks() - start;
        for (uint i = 0; i < Held; i++)
        {
            Free(heap, held[i]);
        }

        return enough ? new BenchRun(Benchmark.Operations, ticks) : default;
    }

    /// <summary>16 to 2,300 bytes: of 8 numbers in a row one gives about 2,000, one 1,000, one 500, the others 16 to 271.</summary>
    private static uint MixedSize(uint number)
    {
        uint small = 16 + ((number * 37) & 0xff);
        uint kind = number & 7;
        return kind < 3 ? small + (2000u >> (int)kind) : small;
    }

    private static void Free(SlabHeap* heap, uint address)
    {
        if (address != 0)
        {
            heap->Free((void*)address);
        }
    }

    private static BenchRun NewObjects(uint unused)
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Benchmark.Operations; i++)
        {
            s_kept = new Node();
        }

        return new BenchRun(Benchmark.Operations, Clock.Ticks() - start);
    }

    // The baseline for the cases below: their cost per object is what their collection takes beyond this one.
    private static BenchRun CollectEmpty(uint unused)
    {
        Collector.Collect();
        Collector.Collect();
        s_empty = Collector.Ticks;
        return new BenchRun(1, s_empty);
    }

    private static BenchRun CollectLiveList(uint unused)
    {
        BuildList(Nodes);
        return CollectedLive();
    }

    private static BenchRun CollectDeadList(uint unused)
    {
        BuildList(Nodes);
        s_kept = null;
        Collector.Collect();
        return Beyond(Collector.Ticks);
    }

    private static BenchRun CollectLiveTree(uint unused)
    {
        BuildTree(Nodes);
        return CollectedLive();
    }

    // The first collection frees the garbage of the build; the second finds only live objects.
    private static BenchRun CollectedLive()
    {
        Collector.Collect();
        Collector.Collect();
        ulong live = Collector.Ticks;
        s_kept = null;
        Collector.Collect();
        return Beyond(live);
    }

    private static BenchRun Beyond(ulong ticks) => new BenchRun(Nodes, ticks > s_empty ? ticks - s_empty : 0);

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
        // Laid out like a binary heap: the children of node i are nodes 2i and 2i + 1.
        Node[] all = new Node[nodes + 1];
        for (uint i = nodes; i > 0; i--)
        {
            all[i] = new Node { Next = 2 * i <= nodes ? all[2 * i] : null, Other = (2 * i) + 1 <= nodes ? all[(2 * i) + 1] : null };
        }

        s_kept = all[1];
    }

    /// <summary>16 bytes: the method table pointer and 12 bytes of fields.</summary>
    private sealed class Node
    {
        internal Node Next;
        internal object Other;
        internal int Value;
    }
}
