using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.SelfTest.Allocators;

/// <summary>The collector: keeps a graph of every kind of object, frees what was dropped, works with hardly any mark stack.</summary>
internal static unsafe class CollectorTest
{
    private const int ListLength = 2000;

    // A word left over on the stack may point at the end of one of Churn's chains: 16 arrays, each with a boxed number.
    private const uint LeftOver = 20 + (2 * ChainLength);
    private const int ChainLength = 16;

    private static ObjectGraph s_kept;

    internal static void Run(Checks* checks)
    {
        SlabHeap* heap = &KernelState.Memory->Heap;
        Collector.Collect();
        uint before = heap->Objects;
        Build(ListLength);
        uint built = heap->Objects - before;
        checks->Expect(built > ListLength, "a graph of every kind of object is built", built, ListLength);
        Collector.Collect();
        checks->Equal(0, (ulong)s_kept.FindFault(), "the graph is whole after a collection");
        Churn(1000);
        Collector.Collect();
        checks->Equal(0, (ulong)s_kept.FindFault(), "the graph is whole after others were made and collected");
        checks->Expect(heap->Objects <= before + built + LeftOver, "what was dropped is freed", heap->Objects, before + built);

        Collector.MarkStackLimit = 2;
        Collector.Collect();
        Collector.MarkStackLimit = 0;
        checks->Expect(
            s_kept.FindFault() == 0 && Collector.Walks > 0, "with a mark stack of two objects nothing is lost either", Collector.Walks, 1);
        checks->Equal(0, heap->FindFault(), "the object heap's slabs, lists and counts agree");

        s_kept = null;
        Collector.Collect();
        checks->Expect(heap->Objects <= before + 20, "a dropped graph is freed, cycles too", heap->Objects, before);
    }

    /// <summary>
    /// The long test: a list of 100,000 (as many as fit on a small machine) and all the rest, through thousands of collections, with
    /// garbage made in between. Ctrl-C ends it between two collections; what was checked until then is reported.
    /// </summary>
    /// <returns>True when nothing was lost.</returns>
    internal static bool RunLong(KernelLog* log, uint collections)
    {
        SlabHeap* heap = &KernelState.Memory->Heap;
        s_kept = null;
        Collector.Collect();
        uint before = heap->Objects;
        uint room = KernelState.Memory->Pages.FreePageCount / 2 * ((uint)PageSize.Bytes / 16);
        int length = room < 100000 ? (int)room : 100000;
        Build(length);
        uint live = heap->Objects - before;
        int fault = 0;
        uint run = 0;
        ulong ticks = 0;
        for (; run < collections && fault == 0 && !Interruption.Wanted(); run++)
        {
            // The deep list is followed every hundredth time; most collections see the rest only, so that thousands take seconds.
            if (run % 100 == 1)
            {
                s_kept = null;
                Build(1000);
            }
            else if (run % 100 == 0)
            {
                s_kept = null;
                Build(length);
            }

            Churn(50);
            Collector.MarkStackLimit = run % 7 == 3 ? 1 + (run % 50) : 0;
            Collector.Collect();
            ticks += Collector.Ticks;
            fault = s_kept.FindFault();
            if (fault == 0 && heap->FindFault() != 0)
            {
                fault = 100;
            }

            if ((run + 1) % 500 == 0)
            {
                log->Print("gctest: %d collections, %d objects live\n", run + 1, Collector.Live);
            }
        }

        Collector.MarkStackLimit = 0;
        s_kept = null;
        Collector.Collect();
        uint left = heap->Objects > before ? heap->Objects - before : 0;
        log->Print(
            "gctest: collections=%d list=%d objects=%d fault=%d left=%d ticks_per_collection=%d\n", run, (uint)length, live, (uint)fault,
            left, run == 0 ? 0 : ticks / run);
        return fault == 0 && left <= 20;
    }

    // Not inlined: no temporary of it may stay on the caller's stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Build(int length)
    {
        s_kept = new ObjectGraph(length, length);
    }

    /// <summary>Makes objects of many sizes and drops them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Churn(int count)
    {
        object last = null;
        for (int i = 0; i < count; i++)
        {
            object[] array = new object[1 + ((i * 37) % 700)];
            array[0] = last;
            array[array.Length - 1] = i;
            last = i % ChainLength == 0 ? null : array;
        }
    }
}
