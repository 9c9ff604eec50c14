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

    private static Thing s_static;

    internal static void Run(Checks* checks)
    {
        InterruptsTest.Run(checks);
        Heap.Collect();
        checks->Equal(
            KernelState.Memory->Pages.FreePageCount,
            RAT.FreePageCount,
            "after a collection RAT.FreePageCount is what the page allocator says");
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

        Blocks(checks);
        Pages(checks);
        Roots(checks);
        Interior(checks);
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
