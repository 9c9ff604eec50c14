using System.Runtime.CompilerServices;
using Cosmos.Core;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.SelfTest;
using CosmosBootAlloc.Kernel.SelfTest.Cosmos;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.OnCosmos.Plugged;

/// <summary>
/// Part of the self-test: Cosmos's memory calls by their own names in the running kernel, including each fault of the stock heap that a
/// kernel survives. (Double frees and exhausted memory end in a panic; boot tests cover those.)
/// </summary>
internal static unsafe class CosmosCallsTest
{
    private const uint Bytes = 100;
    private const uint LargeBytes = 20000;

    private static Thing s_static;

    internal static void Run(Checks* checks)
    {
        InterruptsTest.Run(checks);
        Heap.Collect();
        checks->Equal(
            KernelState.Memory->Pages.FreePageCount,
            RAT.FreePageCount,
            "after a collection RAT.FreePageCount is what the page allocator says");
        Counts(checks);
        checks->Equal(KernelState.Boot->Books.Ram.Pages, RAT.TotalPageCount, "RAT.TotalPageCount is all usable pages below 4 GiB");
        bool enabled = Cpu.InterruptsEnabled();
        InterruptFlag(checks, false, "interrupts that were off stay off through Alloc, Realloc, Free, AllocPages, new and Collect");
        InterruptFlag(checks, true, "interrupts that were on stay on");
        if (enabled)
        {
            Cpu.EnableInterrupts();
        }
        else
        {
            Cpu.DisableInterrupts();
        }

        CpuRepairs(checks);
        Blocks(checks);
        Pages(checks);
        Minimum(checks);
        Roots(checks);
        Interior(checks);
    }

    /// <summary>RAT.FreePageCount after pages were taken and given back by each kind of block, and the counts of small ones.</summary>
    private static void Counts(Checks* checks)
    {
        bool live = true;
        int before = HeapSmall.GetAllocatedObjectCount();
        byte* small = Heap.Alloc(Bytes);
        bool counted = HeapSmall.GetAllocatedObjectCount() == before + 1;
        live &= RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        byte* large = Heap.Alloc(LargeBytes);
        live &= RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        large = Heap.Realloc(large, 2 * LargeBytes);
        live &= RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        Heap.Free(large);
        live &= RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        HeapSmall.Free(small);
        counted &= HeapSmall.GetAllocatedObjectCount() == before;
        byte[] array = new byte[LargeBytes];
        live &= array.Length == LargeBytes && RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        uint pages = RAT.GetPageCount((byte)RAT.PageType.HeapSmall);
        uint pruned = (uint)HeapSmall.PruneSMT();
        live &= RAT.FreePageCount == RAT.GetPageCount((byte)RAT.PageType.Empty);
        checks->Expect(live, "RAT.FreePageCount follows each page that a block takes or gives back");
        checks->Expect(counted, "HeapSmall counts a block more, and one less");
        checks->Equal(pages - RAT.GetPageCount((byte)RAT.PageType.HeapSmall), pruned, "PruneSMT returns the pages that it gave back");
    }

    /// <summary>RAT.MinFreePages: nothing happens without a page being taken, then each taken page is followed by a collection.</summary>
    private static void Minimum(Checks* checks)
    {
        Heap.Collect();
        uint triggered = RAT.GCTriggered;
        RAT.MinFreePages = (int)RAT.FreePageCount + 1;
        byte* block = Heap.Alloc(LargeBytes);
        byte* next = Heap.Alloc(Bytes);
        RAT.Free(RAT.AllocPages(RAT.PageType.HeapLarge, 1));
        RAT.MinFreePages = -1;
        checks->Expect(
            RAT.GCTriggered >= triggered + 2, "below RAT.MinFreePages pages are taken after a collection, by heaps and by AllocPages",
            RAT.GCTriggered, triggered + 2);
        Heap.Free(block);
        Heap.Free(next);
    }

    private static void CpuRepairs(Checks* checks)
    {
        bool on = Cpu.InterruptsEnabled();
        Cpu.EnableInterrupts();
        bool known = CPU.CanReadCPUID() != 0;
        bool kept = Cpu.InterruptsEnabled();
        Cpu.DisableInterrupts();
        known &= CPU.CanReadCPUID() != 0;
        kept &= !Cpu.InterruptsEnabled();
        checks->Expect(known && kept, "CPU.CanReadCPUID finds CPUID and leaves the interrupt flag alone");
        if (on)
        {
            Cpu.EnableInterrupts();
        }
    }

    private static void InterruptFlag(Checks* checks, bool on, string what)
    {
        if (on)
        {
            Cpu.EnableInterrupts();
        }
        else
        {
            Cpu.DisableInterrupts();
        }

        byte* block = Heap.Alloc(Bytes);
        bool kept = Cpu.InterruptsEnabled() == on;
        block = Heap.Realloc(block, 3 * Bytes);
        kept &= Cpu.InterruptsEnabled() == on;
        Heap.Free(block);
        kept &= Cpu.InterruptsEnabled() == on;
        void* page = RAT.AllocPages(RAT.PageType.HeapLarge, 1);
        kept &= Cpu.InterruptsEnabled() == on;
        RAT.Free(page);
        kept &= Cpu.InterruptsEnabled() == on;
        object thing = new Thing();
        kept &= thing != null && Cpu.InterruptsEnabled() == on;
        Heap.Collect();
        kept &= Cpu.InterruptsEnabled() == on;
        Cpu.DisableInterrupts();
        checks->Expect(kept, what);
    }

    private static void Blocks(Checks* checks)
    {
        byte* block = Heap.Alloc(Bytes);
        byte* neighbour = Heap.Alloc(Bytes);
        bool zero = true;
        for (uint i = 0; i < Bytes; i++)
        {
            zero &= block[i] == 0 && neighbour[i] == 0;
            block[i] = (byte)(i + 1);
            neighbour[i] = 0xee;
        }

        checks->Expect(zero, "blocks are zeroed");
        block = Heap.Realloc(block, 20);
        block = Heap.Realloc(block, 5000);
        bool kept = true;
        for (uint i = 0; i < 5000; i++)
        {
            kept &= block[i] == (i < 20 ? (byte)(i + 1) : 0);
        }

        bool untouched = true;
        for (uint i = 0; i < Bytes; i++)
        {
            untouched &= neighbour[i] == 0xee;
        }

        checks->Expect(kept, "a block that shrank to 20 bytes and grew keeps those 20, and zeros behind them");
        checks->Expect(untouched, "its neighbour is as it was");
        checks->Expect(
            RAT.GetPageType(block) == RAT.PageType.HeapLarge && RAT.GetPageType(neighbour) == RAT.PageType.HeapSmall,
            "page types tell large from small blocks",
            (uint)RAT.GetPageType(block),
            (uint)RAT.PageType.HeapLarge);
        Heap.Free(block);
        Heap.Free(neighbour);
    }

    private static void Pages(Checks* checks)
    {
        uint free = KernelState.Memory->Pages.FreePageCount;
        byte* pages = (byte*)RAT.AllocPages(RAT.PageType.HeapMedium, 3);
        checks->Equal(free - 3, KernelState.Memory->Pages.FreePageCount, "three pages are three pages less");
        bool zero = ((uint)pages & PageSize.OffsetMask) == 0;
        for (uint i = 0; i < 3 * (uint)PageSize.Bytes; i++)
        {
            zero &= pages[i] == 0;
        }

        checks->Expect(zero, "pages are aligned and zeroed");
        RAT.Free(pages + PageSize.Bytes);
        checks->Equal(free, KernelState.Memory->Pages.FreePageCount, "freed by any address in them they come back, all three");
    }

    private static void Roots(Checks* checks)
    {
        s_static = null;
        Heap.Collect();
        uint live = Collector.Live;
        Keep();
        Heap.Collect();
        checks->Expect(
            s_static.Value == 12 && s_static.Next.Value == 13 && Collector.Live >= live + 2,
            "what a static field points at lives",
            Collector.Live,
            live + 2);
        s_static = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep() => s_static = new Thing { Value = 12, Next = new Thing { Value = 13 } };

    /// <summary>Only an interior pointer keeps an array: it must stay live, and the collector must not write into it.</summary>
    private static void Interior(Checks* checks)
    {
        byte* middle = Middle();
        Heap.Collect();
        bool intact = true;
        for (int i = -2000; i < 2000; i++)
        {
            intact &= middle[i] == 0x5a;
        }

        checks->Expect(intact, "an array that only an address in its middle, on the stack, points at is whole after a collection");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* Middle()
    {
        byte[] array = new byte[4500];
        for (int i = 0; i < array.Length; i++)
        {
            array[i] = 0x5a;
        }

        fixed (byte* start = array)
        {
            return start + 2250;
        }
    }

    private sealed class Thing
    {
        internal Thing Next;
        internal int Value;
    }
}
