using System.Runtime.CompilerServices;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.OnCosmos.Benchmarks;

/// <summary>
/// Measures Cosmos's memory calls by Cosmos's own names, so that the same code measures our heaps and the stock heap: pages on an empty and
/// on a full machine, objects among 10,000 others, collections. Under an emulator that counts instructions, a tick is an instruction.
/// </summary>
internal static unsafe class Benchmark
{
    private const uint Pairs = 256;
    private const uint Objects = 10000;

    private static object s_kept;

    /// <summary>
    /// Runs all cases and logs one line per case: <c>bootalloc: bench name=... ops=... ticks_per_op=...</c>. Ctrl-C leaves out the rest.
    /// </summary>
    internal static void Run(KernelLog* log)
    {
        Collections(log);
        if (Interruption.Wanted())
        {
            return;
        }

        Live(log);
        Pair(log, "cosmos_alloc_free_16", 16);
        Pair(log, "cosmos_alloc_free_24", 24);
        Pair(log, "cosmos_alloc_free_200", 200);
        Pair(log, "cosmos_alloc_free_1000", 1000);
        Pages(log, "cosmos_pages_1_empty", 1, 0);
        Pages(log, "cosmos_pages_16_empty", 16, 0);
        Pages(log, "cosmos_pages_1_half", 1, 50);
        Pages(log, "cosmos_pages_1_ninety", 1, 90);
    }

    private static void Pair(KernelLog* log, string name, uint bytes)
    {
        if (Interruption.Wanted())
        {
            return;
        }

        ulong start = Clock.Ticks();
        for (uint i = 0; i < Pairs; i++)
        {
            Heap.Free(Heap.Alloc(bytes));
        }

        Report(log, name, Pairs, Clock.Ticks() - start);
    }

    /// <summary>
    /// Allocates <paramref name="count"/> zeroed pages per call while <paramref name="percent"/> of the free pages are taken: under the
    /// stock heap the lowest ones, which it searches first.
    /// </summary>
    private static void Pages(KernelLog* log, string name, uint count, uint percent)
    {
        if (Interruption.Wanted())
        {
            return;
        }

        const uint operations = 16;
        uint* pages = (uint*)Heap.Alloc(operations * sizeof(uint));
        PageFiller.Fill((uint)((ulong)RAT.FreePageCount * percent / 100));
        ulong ticks = 0;
        uint done = 0;
        for (; done < operations; done++)
        {
            ulong start = Clock.Ticks();
            void* memory = RAT.AllocPages(RAT.PageType.HeapLarge, count);
            ticks += Clock.Ticks() - start;
            if (memory == null)
            {
                break;
            }

            pages[done] = (uint)memory;
        }

        Report(log, name, done, ticks);
        while (done > 0)
        {
            RAT.Free((void*)pages[--done]);
        }

        PageFiller.Empty();
        Heap.Free(pages);
    }

    /// <summary>Allocates and frees 24 bytes while 10,000 other objects live.</summary>
    private static void Live(KernelLog* log)
    {
        uint* held = (uint*)Heap.Alloc(Objects * sizeof(uint));
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Objects; i++)
        {
            held[i] = (uint)Heap.Alloc(24);
        }

        ulong ticks = Clock.Ticks() - start;
        Report(log, "cosmos_alloc_10000_24", Objects, ticks);
        Pair(log, "cosmos_alloc_free_24_among_10000", 24);
        start = Clock.Ticks();
        for (uint i = 0; i < Objects; i++)
        {
            Heap.Free((void*)held[i]);
        }

        Report(log, "cosmos_free_10000_24", Objects, Clock.Ticks() - start);
        Heap.Free(held);
    }

    private static void Collections(KernelLog* log)
    {
        s_kept = null;
        Heap.Collect();
        Collect(log, "cosmos_collect_nothing");
        Build();
        Collect(log, "cosmos_collect_10000_live");
        s_kept = null;
        Collect(log, "cosmos_collect_10000_dead");
    }

    private static void Collect(KernelLog* log, string name)
    {
        ulong start = Clock.Ticks();
        int freed = Heap.Collect();
        Report(log, name, 1, Clock.Ticks() - start);
        log->Print("bootalloc: collected freed=%d\n", (uint)freed);
    }

    // An array, not a list: the stock collector recurses, and a list of 10,000 overflows its stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Build()
    {
        object[] all = new object[Objects];
        for (uint i = 0; i < Objects; i++)
        {
            all[i] = new Node { Value = (int)i };
        }

        s_kept = all;
    }

    private static void Report(KernelLog* log, string name, uint operations, ulong ticks)
    {
        log->Text("bootalloc: bench name=");
        log->Text(name);
        log->Print(" ops=%d ticks_per_op=%d\n", operations, operations == 0 ? 0 : ticks / operations);
    }

    private sealed class Node
    {
        internal int Value;
    }
}
