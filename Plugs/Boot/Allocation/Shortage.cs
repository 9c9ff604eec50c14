using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>Called when free memory runs low, so that a program can free what it can spare.</summary>
/// <param name="freeKilobytes">Free memory in KiB.</param>
/// <param name="last">
/// False: below the low watermark, with ample memory left to react. True: the last call, running on the reserve; the allocation fails next.
/// </param>
public delegate void LowMemory(uint freeKilobytes, bool last);

/// <summary>
/// The steps of an allocation when memory runs out: the low-memory event, a collection, both again each time the floor is halved, the last
/// call with the reserve open, and only then failure: null from the raw heap, a panic from <c>new</c>. Never a hang. Lives from
/// <see cref="Init"/> to power-off. It does not find garbage itself; <see cref="GarbageCollection"/> does.
/// </summary>
/// <remarks>
/// Both heaps refuse to take pages below a floor (<see cref="SlabHeap.SetFloor"/>), so they get here while some memory is still free. The
/// floor starts at the low watermark, 1/64 of memory, and is halved, down to the reserve, each time a collection does not free enough: a
/// program that really needs the rest gets it after a handful of collections. The floor rises again once twice the watermark is free. While
/// it is at the watermark, <c>new</c> leaves the DMA zone alone: addresses below 16 MiB look like ordinary numbers on a program's stack and
/// would keep dead objects alive.
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
    private static bool s_notifying;
    private static bool s_notified;

    /// <summary>An allocation is going through the steps: until it is done, the floor only falls.</summary>
    private static bool s_short;

    private static uint s_events;
    private static uint s_collections;

    /// <summary>Free pages below which the low-memory event fires.</summary>
    internal static uint LowPages => s_lowPages;

    /// <summary>Pages reserved for the last call.</summary>
    internal static uint Reserve => ReservePages;

    /// <summary>Low-memory events since boot.</summary>
    internal static uint Events => s_events;

    /// <summary>Collections caused by a shortage, since boot.</summary>
    internal static uint Collections => s_collections;

    /// <summary>Sets the watermarks. Call it once, after the heaps are up.</summary>
    internal static void Init()
    {
        uint low = KernelState.Memory->Pages.ManagedPages >> LowShift;
        s_lowPages = low < LeastLowPages ? LeastLowPages : low > MostLowPages ? MostLowPages : low;
        SetFloor(s_lowPages);
    }

    /// <summary>
    /// Adds a handler, called when memory runs low and once more as the last call. A handler may free memory and allocate a little.
    /// </summary>
    /// <returns>False if 16 handlers are subscribed already.</returns>
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

    /// <summary>Removes a handler.</summary>
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

    /// <summary>Retries an allocation that just failed, for <c>new</c>.</summary>
    /// <returns>The memory; panics if there is none.</returns>
    internal static void* Allocate(SlabHeap* heap, uint bytes, uint site) => Allocate(heap, bytes, bytes, site);

    /// <summary>Retries an allocation that just failed, of a block that is larger than what was asked for.</summary>
    /// <param name="heap">The heap that failed.</param>
    /// <param name="total">Bytes of the block.</param>
    /// <param name="bytes">Bytes asked for, which the panic reports.</param>
    /// <param name="site">Address of the code that asked; 0 if unknown.</param>
    /// <returns>The memory; panics if there is none.</returns>
    internal static void* Allocate(SlabHeap* heap, uint total, uint bytes, uint site)
    {
        void* memory = TryAllocate(heap, total, site);
        if (memory == null)
        {
            PanicState.ShowHeaps = true;
            heap->Explain(total, out Refusal refusal);
            KernelState.Log->Print(
                "heap: free are %d of %d kB; withheld are %d kB for the last call, %d kB below 1 MiB, %d kB below 16 MiB\n",
                refusal.Free << 2,
                KernelState.Memory->Pages.ManagedPages << 2,
                refusal.Reserved << 2,
                refusal.Low << 2,
                refusal.SparedDma << 2);
            KernelState.Log->Panic(
                "Out of memory: %d bytes for an object, asked for by the code at %x; pages in a row: %d needed, %d found in the %d kB"
                + " that it may use, %d kB are withheld; %d objects live after %d collections",
                bytes,
                site,
                refusal.Needed,
                refusal.Found,
                refusal.Usable << 2,
                refusal.Withheld << 2,
                heap->Objects,
                GarbageCollection.Runs);
        }

        return memory;
    }

    /// <summary>Retries an allocation that just failed.</summary>
    /// <returns>Null if every step failed.</returns>
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
        while (true)
        {
            Notify(last: false);
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

            // At the reserve there is nothing left to open. With enough free pages above the floor, the shortage is of contiguous pages,
            // and a lower floor does not help.
            uint free = KernelState.Memory->Pages.FreePageCount;
            if (s_floor <= ReservePages || (s_floor != s_lowPages && free >= s_floor + pages + (1u << (int)SizeClass.LargestOrder)))
            {
                break;
            }

            uint half = (s_floor < free ? s_floor : free) / 2;
            SetFloor(pages >= free || half < ReservePages ? ReservePages : half);
            s_notified = false;
        }

        return LastCall(heap, bytes, site);
    }

    /// <summary>Raises the floor once memory is free again. Also called after a collection.</summary>
    internal static void Recover()
    {
        if (!s_short && KernelState.Memory->Pages.FreePageCount >= 2 * s_lowPages)
        {
            SetFloor(s_lowPages);
            s_notified = false;
        }
    }

    /// <summary>Opens the reserve while the handlers run and the collector works, then retries this one allocation.</summary>
    private static void* LastCall(SlabHeap* heap, uint bytes, uint site)
    {
        if (s_notifying)
        {
            // A handler allocated more than the reserve holds.
            return null;
        }

        uint floor = s_floor;
        SetFloor(0);
        s_notified = false;
        Notify(last: true);
        Collect();
        SetFloor(floor < ReservePages ? ReservePages : floor);
        return heap->Allocate(bytes, site);
    }

    private static void Notify(bool last)
    {
        if (s_notified || s_notifying)
        {
            return;
        }

        s_notified = true;
        s_notifying = true;
        s_events++;
        for (int i = 0; i < s_handlerCount; i++)
        {
            s_handlers[i](KernelState.Memory->Pages.FreePageCount << 2, last);
        }

        s_notifying = false;
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
}
