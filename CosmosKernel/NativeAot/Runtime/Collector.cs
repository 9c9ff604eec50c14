using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>
/// The collector of the nativeaot kernel: stops nothing (there is one thread), marks what can be reached, sweeps the object heap.
/// </summary>
/// <remarks>
/// Roots: static references (exact), the objects that the compiler laid into the image (exact: they may point into the heap), and the stack
/// with the registers (conservative: any word that points at or into a live object keeps it; <see cref="SlabHeap.Find"/>). Objects: exact,
/// by the reference map before their type. An object is marked by bit 0 of its first word, the type's address; nothing but the collector
/// ever sees it.
/// <para>
/// No recursion: objects whose references are still to be followed are on a mark stack, in pages of their own, the most that can be had up
/// to 4 MiB; with no page at all a small one in the image does. When it is full, the object stays marked, and a walk over the heap follows
/// its references later.
/// </para>
/// Nothing moves. There are no finalizers. Files: Collector.cs (the run), CollectorRoots.cs, MarkStack.cs (marking).
/// </remarks>
internal static unsafe class Collector
{
    private static MarkStack s_stack;
    private static bool s_running;
    private static uint s_live;
    private static uint s_walks;
    private static ulong s_ticks;

    /// <summary>Objects that survived the last one.</summary>
    internal static uint Live => s_live;

    /// <summary>Ticks of the last one.</summary>
    internal static ulong Ticks => s_ticks;

    /// <summary>Walks over the heap in the last one, because the mark stack was full.</summary>
    internal static uint Walks => s_walks;

    /// <summary>For tests: the next collections get a mark stack of this many objects; 0 for as many as can be had.</summary>
    internal static uint MarkStackLimit { get; set; }

    /// <summary>
    /// Frees every object that cannot be reached. About 40 instructions a live object and 5 a dead one. Must not be called from an
    /// interrupt.
    /// </summary>
    internal static void Collect()
    {
        if (s_running)
        {
            Fatal.Stop("collection inside a collection");
        }

        s_running = true;
        CollectWithRegisters();
        s_running = false;
        Shortage.Recover();
    }

    /// <summary>
    /// Zeroes the stack below the caller's frame: to be called before something that runs for long, so that what ran before leaves nothing
    /// in its frames that looks like a reference. In Boot/runtime.asm.
    /// </summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_wipe_dead_stack")]
    internal static extern void WipeDeadStack();

    /// <summary>Saves the registers on the stack and calls <see cref="Run"/>. In Boot/runtime.asm.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_collect")]
    private static extern void CollectWithRegisters();

    [RuntimeExport("CollectFromStack")]
    private static void Run(uint* stack)
    {
        ulong start = Clock.Ticks();
        PageAllocator* pages = &KernelState.Memory->Pages;
        SlabHeap* heap = &KernelState.Memory->Heap;
        fixed (MarkStack* marks = &s_stack)
        {
            uint order = Zone.MaxOrder;
            uint pfn = pages->AllocatePages(order);
            while (pfn == PageAllocator.None && order != 0)
            {
                order--;
                pfn = pages->AllocatePages(order);
            }

            if (pfn == PageAllocator.None)
            {
                MarkStack.Use(marks, MarkStack.Fallback(marks), MarkStack.FallbackWords, MarkStackLimit);
            }
            else
            {
                MarkStack.Use(marks, (uint*)(pfn << PageSize.Shift), 1u << (int)(order + PageSize.Shift - 2), MarkStackLimit);
            }

            CollectorRoots.Statics(marks);
            CollectorRoots.Frozen(marks);
            CollectorRoots.Stack(marks, heap, stack);
            marks->Drain();
            s_walks = 0;
            while (marks->Overflowed)
            {
                s_walks++;
                marks->Overflowed = false;
                heap->ForEachLive(marks, &MarkStack.Revisit);
            }

            if (pfn != PageAllocator.None)
            {
                pages->FreePages(pfn, order);
            }
        }

        heap->Sweep(MarkStack.Mark, out s_live);
        GarbageCollection.Runs++;
        s_ticks = Clock.Ticks() - start;
    }
}
