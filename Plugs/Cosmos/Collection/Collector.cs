using Cosmos.Core;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Plugs.Heaps;

namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>
/// The collector of the Cosmos kernel: marks what can be reached, sweeps the object heap. In the place of Cosmos's Heap.Collect.
/// </summary>
/// <remarks>
/// Roots: objects with a root count (static fields), static structs, and the stack, conservatively: any word that points at or into a live
/// object keeps it. IL2CPU keeps values on the stack across calls, never in registers only. The collector's own frames hold no root, but
/// room for results that IL2CPU reserves and does not clear, where old pointers still are; so the scan begins above them. Objects: exact,
/// by Cosmos's tables of types; what has no valid type (a stack array, an object half made) is looked through word by word. No recursion
/// over data; a mark stack that is full makes a walk over the heap. What drivers took with Heap.Alloc is neither freed nor looked through,
/// whatever it holds. Files: Collector.cs (the run and the roots), Marks.cs (marking), ReferenceMaps.cs (where references are).
/// </remarks>
internal static unsafe class Collector
{
    /// <summary>Words at a method's frame (EBP) that are no root: the caller's frame, the return address.</summary>
    internal const int FrameWords = 2;

    private static bool s_running;

    /// <summary>Objects that survived the last one.</summary>
    internal static uint Live { get; private set; }

    /// <summary>Objects that the last one freed.</summary>
    internal static uint Freed { get; private set; }

    /// <summary>Ticks of the last one.</summary>
    internal static ulong Ticks { get; private set; }

    /// <summary>Walks over the heap in the last one, because the mark stack was full.</summary>
    internal static uint Walks { get; private set; }

    /// <summary>For tests: the next collections get a mark stack of this many objects; 0 for as many as can be had.</summary>
    internal static uint MarkStackLimit { get; set; }

    /// <summary>Frees every object that cannot be reached. Interrupts are off meanwhile, and afterwards as they were.</summary>
    internal static void Collect() => Collect(Instructions.Frame() + FrameWords);

    /// <summary>The same, for a caller that knows more of the stack to be its own.</summary>
    /// <param name="stack">The lowest word that may hold a reference.</param>
    internal static void Collect(uint* stack)
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        if (s_running)
        {
            Fatal.Stop("collection inside a collection");
        }

        s_running = true;
        ulong start = Clock.Ticks();
        SlabHeap* heap = ManagedHeap.Objects;
        uint before = heap->Objects;
        ReferenceMaps.Make();
        uint pfn = TakeMarkStack(out uint order);
        heap->ForEachWith(RootCounts.Mask, null, &MarkRoot);
        MarkStaticStructs();
        MarkStack(heap, stack);
        Marks.Drain();
        Walks = 0;
        while (Marks.Overflowed)
        {
            Walks++;
            Marks.Overflowed = false;
            heap->ForEachLive(null, &Marks.Revisit);
        }

        if (pfn != PageAllocator.None)
        {
            KernelState.Memory->Pages.FreePages(pfn, order);
        }

        heap->Sweep(Marks.Mark, out uint live);
        Live = live;
        Freed = before - live;
        GarbageCollection.Runs++;
        Ticks = Clock.Ticks() - start;
        ManagedHeap.PublishFreePages();
        s_running = false;
        Instructions.RestoreFlags(flags);
    }

    private static uint TakeMarkStack(out uint order)
    {
        PageAllocator* pages = &KernelState.Memory->Pages;
        order = Zone.MaxOrder;
        uint pfn = pages->AllocatePages(order);
        while (pfn == PageAllocator.None && order != 0)
        {
            order--;
            pfn = pages->AllocatePages(order);
        }

        if (pfn == PageAllocator.None)
        {
            Marks.UseFallback(MarkStackLimit);
        }
        else
        {
            Marks.Use((uint*)PageTable.At(pfn), 1u << (int)(order + PageSize.Shift - 2), MarkStackLimit);
        }

        return pfn;
    }

    private static void MarkRoot(void* context, byte* slot)
    {
        // The walk is over whole words; in checked mode it brings all.
        if ((*(uint*)slot & RootCounts.Mask) != 0 && (*(uint*)slot & Marks.Mark) == 0)
        {
            Marks.Reach(slot);
        }
    }

    private static void MarkStaticStructs()
    {
        for (int i = 0; i < StaticStructs.Count; i++)
        {
            Marks.FollowFields((byte*)StaticStructs.Address(i), StaticStructs.Type(i));
        }

        Marks.Drain();
    }

    private static void MarkStack(SlabHeap* heap, uint* stack)
    {
        uint* top = (uint*)CPU.GetStackStart();
        uint imageStart = KernelImage.TextStart();
        uint imageBytes = KernelImage.End() - imageStart;
        uint heapStart = ManagedHeap.Base + (uint)PageSize.Bytes;
        for (uint* at = stack; at < top; at++)
        {
            // Most words are small numbers, return addresses or pointers into the stack, which is in the image.
            if (*at < heapStart || *at - imageStart < imageBytes)
            {
                continue;
            }

            uint* slot = (uint*)heap->Find(*at - ManagedHeap.Base);
            if (slot != null && (*slot & Marks.Mark) == 0)
            {
                Marks.Reach((byte*)slot);
            }
        }
    }
}
