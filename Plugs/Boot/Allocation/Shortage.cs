using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>Told when free memory runs low, so that a program can give back what it can do without.</summary>
/// <param name="freeKilobytes">What is free now.</param>
/// <param name="last">False: below the low watermark, more than enough to react. True: the last call, out of the reserve; after it comes "no".</param>
internal delegate void LowMemory(uint freeKilobytes, bool last);

/// <summary>
/// What happens when memory runs out, in order: the low-memory event, a collection, then both again for each halving of what is left, the last call with the
/// reserve open, and only then "no": null from the raw heap, a panic in words from <c>new</c>. Never a hang.
/// </summary>
/// <remarks>
/// Both heaps refuse to take pages below a floor (<see cref="SlabHeap.SetFloor"/>); that brings them here while there is still memory. The floor starts
/// at the low watermark, a 64th of memory, and halves each time a collection did not bring enough, down to the reserve; so a program that
/// really needs the rest gets it after a handful of collections. It rises again with twice the watermark free. While it is at the watermark, <c>new</c> leaves
/// the DMA zone alone too: addresses below 16 MiB are numbers that programs have on their stacks, and would keep dead objects there.
/// </remarks>
internal static unsafe class Shortage
{
    private const uint ReservePages = 16;
    private const uint LeastLowPages = 64;
    private const uint MostLowPages = 4096;
    private const int LowShift = 6;
    private const int MostHandlers = 16;

    private static LowMemory[] s_handlers;
    private static int s_handlerCount;
    private static uint s_lowPages;
    private static uint s_floor;
    private static bool s_telling;
    private static bool s_told;

    /// <summary>An allocation is on its way through the steps: the floor only falls.</summary>
    private static bool s_short;

    private static uint s_events;
    private static uint s_collections;

    /// <summary>Free pages below which the event comes.</summary>
    internal static uint LowPages => s_lowPages;

    /// <summary>Free pages that are kept for the last call.</summary>
    internal static uint Reserve => ReservePages;

    /// <summary>Low-memory events so far.</summary>
    internal static uint Events => s_events;

    /// <summary>Collections that a shortage caused.</summary>
    internal static uint Collections => s_collections;

    /// <summary>Sets the watermarks; to be called once, when the heaps are there.</summary>
    internal static void Init()
    {
        uint low = KernelState.Memory->Pages.ManagedPages >> LowShift;
        s_lowPages = low < LeastLowPages ? LeastLowPages : low > MostLowPages ? MostLowPages : low;
        SetFloor(s_lowPages);
    }

    /// <summary>Calls a program when memory runs low, and once more as the last call. A handler may free and, if little, allocate.</summary>
    /// <returns>False when 16 are subscribed already.</returns>
    internal static bool Subscribe(LowMemory handler)
    {
        s_handlers ??= new LowMemory[MostHandlers];
        if (s_handlerCount == MostHandlers)
        {
            return false;
        }

        s_handlers[s_handlerCount++] = handler;
        return true;
    }

    /// <summary>Ends a subscription.</summary>
    internal static void Unsubscribe(LowMemory handler)
    {
        for (int i = 0; i < s_handlerCount; i++)
        {
            if ((object)s_handlers[i] == handler)
            {
                s_handlers[i] = s_handlers[--s_handlerCount];
                s_handlers[s_handlerCount] = null;
                return;
            }
        }
    }

    /// <summary>Memory from a heap that just said no; for <c>new</c>.</summary>
    /// <returns>The memory; does not return without.</returns>
    internal static void* Allocate(SlabHeap* heap, uint bytes, uint site)
    {
        void* memory = TryAllocate(heap, bytes, site);
        if (memory == null)
        {
            PageAllocator* pages = &KernelState.Memory->Pages;
            PanicState.ShowHeaps = true;
            KernelState.Log->Panic("Out of memory: %d bytes for an object, asked for by the code at %x; %d of %d kB free, largest block %d kB, %d objects live after %d collections", bytes, site, (ulong)pages->FreePageCount << 2, (ulong)pages->ManagedPages << 2, LargestBlock(pages) << 2, heap->Objects, GarbageCollection.Runs);
        }

        return memory;
    }

    /// <summary>Memory from a heap that just said no.</summary>
    /// <returns>Null when there is none in spite of all.</returns>
    internal static void* TryAllocate(SlabHeap* heap, uint bytes, uint site)
    {
        Recover();
        bool outer = !s_short;
        s_short = true;
        void* memory = TryHarder(heap, bytes, site);
        if (outer)
        {
            s_short = false;
        }

        return memory;
    }

    private static void* TryHarder(SlabHeap* heap, uint bytes, uint site)
    {
        uint pages = (bytes >> PageSize.Shift) + 1;
        for (;;)
        {
            Tell(last: false);
            void* memory = heap->Allocate(bytes, site);
            if (memory != null)
            {
                return memory;
            }

            Collect();
            memory = heap->Allocate(bytes, site);
            if (memory != null)
            {
                return memory;
            }

            // With the floor at the reserve there is nothing more to open. With enough pages above the floor it is not their number that lacks, but
            // so many in a row.
            uint free = KernelState.Memory->Pages.FreePageCount;
            if (s_floor <= ReservePages || (s_floor != s_lowPages && free >= s_floor + pages + (1u << (int)SizeClass.LargestOrder)))
            {
                break;
            }

            uint half = (s_floor < free ? s_floor : free) / 2;
            SetFloor(pages >= free || half < ReservePages ? ReservePages : half);
            s_told = false;
        }

        return LastCall(heap, bytes, site);
    }

    /// <summary>Takes the floor back up when there is memory again. Called after a collection, too.</summary>
    internal static void Recover()
    {
        if (!s_short && KernelState.Memory->Pages.FreePageCount >= 2 * s_lowPages)
        {
            SetFloor(s_lowPages);
            s_told = false;
        }
    }

    /// <summary>The reserve is open while the handlers run and for this one allocation's second try, not for others.</summary>
    private static void* LastCall(SlabHeap* heap, uint bytes, uint site)
    {
        if (s_telling)
        {
            // A handler that asks for more than the reserve has.
            return null;
        }

        uint floor = s_floor;
        SetFloor(0);
        s_told = false;
        Tell(last: true);
        Collect();
        SetFloor(floor < ReservePages ? ReservePages : floor);
        return heap->Allocate(bytes, site);
    }

    private static void Tell(bool last)
    {
        if (s_told || s_telling)
        {
            return;
        }

        s_told = true;
        s_telling = true;
        s_events++;
        for (int i = 0; i < s_handlerCount; i++)
        {
            s_handlers[i](KernelState.Memory->Pages.FreePageCount << 2, last);
        }

        s_telling = false;
    }

    private static void Collect()
    {
        s_collections++;
        GarbageCollection.Collect();
        KernelState.Memory->Heap.Trim();
        KernelState.Memory->Raw.Trim();
        KernelState.Memory->Slabs.Trim();
    }

    private static void SetFloor(uint pages)
    {
        s_floor = pages;
        KernelState.Memory->Heap.SetFloor(pages, pages == s_lowPages);
        KernelState.Memory->Raw.SetFloor(pages, false);
    }

    private static ulong LargestBlock(PageAllocator* pages)
    {
        for (uint order = Zone.Orders; order > 0; order--)
        {
            if (pages->Normal.FreeBlocks(order - 1) + pages->Dma.FreeBlocks(order - 1) != 0)
            {
                return 1UL << (int)(order - 1);
            }
        }

        return 0;
    }
}
