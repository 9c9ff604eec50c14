using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>
/// The layer between <c>new</c> and the object heap: returns zeroed memory and goes to <see cref="Shortage"/> when the heap has none. Lives
/// from <see cref="Init"/> to power-off. It does not free; only the collector does.
/// </summary>
internal static unsafe class ObjectMemory
{
    private const uint ShortBytes = 64;

    private static SlabHeap* s_heap;

    /// <summary>Call it once, after the chain has built the heap.</summary>
    internal static void Init()
    {
        s_heap = &KernelState.Memory->Heap;
    }

    /// <summary>Returns zeroed memory for an object; panics if there is none.</summary>
    /// <param name="bytes">Size of the object in bytes.</param>
    /// <param name="site">Return address of the allocating code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void* Allocate(uint bytes, uint site)
    {
        bytes = (bytes + (SizeClass.Grain - 1)) & ~(SizeClass.Grain - 1);
        uint* memory = bytes > ShortBytes ? null : (uint*)s_heap->AllocateSmall(bytes);
        if (memory == null)
        {
            return AllocateSlowly(bytes, site);
        }

        uint* end = memory + (bytes >> 2);
        uint* at = memory;
        do
        {
            at[0] = 0;
            at[1] = 0;
            at += 2;
        }
        while (at != end);

        return memory;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* AllocateSlowly(uint bytes, uint site)
    {
        void* memory = s_heap->AllocateQuickly(bytes);
        if (memory == null)
        {
            memory = s_heap->AllocateSlowly(bytes, site);
        }

        if (memory == null)
        {
            memory = Shortage.Allocate(s_heap, bytes, site);
        }

        Zeroing.Clear((byte*)memory, bytes);
        return memory;
    }
}
