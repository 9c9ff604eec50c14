using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// The two heaps under Cosmos: one for what <c>new</c> makes, which the collector sweeps, and one for what drivers ask and give back
/// themselves (Heap.Alloc, NativeMemory). This file and the collector's are the only ones that know which heap it is.
/// </summary>
/// <remarks>
/// Every block starts with a word that Cosmos does not see; it gets the address behind it. So the two bytes before an object, which
/// Cosmos's root counts use, are there:
/// <code>
///   bit   31  30   29..17       16  15..2  1    0
///         0   tag  root count   0   0      raw  mark      | object: type, kind, size, fields ...
///         (upper half: the ushort before the object; stock keeps its own mark in bit 16)
/// </code>
/// The tag is the slab heap's for free objects, so a second free is seen. Blocks are zeroed. Interrupts are off while a heap changes,
/// because Cosmos's handlers allocate, and afterwards as they were.
/// </remarks>
internal static unsafe class ManagedHeap
{
    /// <summary>Bytes before what Cosmos gets.</summary>
    internal const uint HeadBytes = sizeof(uint);

    private const uint RawBlock = 2;
    private const uint LargestBytes = 0x7fffffff;

    private static bool s_ready;
    private static uint s_base;
    private static SlabHeap* s_objects;
    private static SlabHeap* s_raw;

    /// <summary>False until the chain has built the heaps.</summary>
    internal static bool Ready => s_ready;

    /// <summary>The heap that is swept.</summary>
    internal static SlabHeap* Objects => s_objects;

    /// <summary>Where physical address 0 is seen: 0 in the kernel, below 4 GiB in a test.</summary>
    internal static uint Base => s_base;

    /// <summary>To be called once, when the chain has built the heaps.</summary>
    internal static void Start()
    {
        s_base = (uint)KernelState.Memory->Physical.At(0);
        s_objects = &KernelState.Memory->Heap;
        s_raw = &KernelState.Memory->Raw;
        s_ready = true;
    }

    /// <summary>Zeroed memory for an object. Does not return without.</summary>
    internal static byte* AllocateObject(uint bytes)
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint total = TotalOf(bytes);
        byte* slot = (byte*)s_objects->Allocate(total, 0);
        if (slot == null)
        {
            slot = AllocateShort(s_objects, bytes, total);
        }

        Zeroing.Clear(slot, total);
        Instructions.RestoreFlags(flags);
        return slot + HeadBytes;
    }

    /// <summary>Zeroed memory that only <see cref="Free"/> gives back. Does not return without.</summary>
    internal static byte* AllocateRaw(uint bytes)
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint total = TotalOf(bytes);
        byte* slot = (byte*)s_raw->Allocate(total, 0);
        if (slot == null)
        {
            slot = AllocateShort(s_raw, bytes, total);
        }

        Zeroing.Clear(slot, total);
        *(uint*)slot = RawBlock;
        Instructions.RestoreFlags(flags);
        return slot + HeadBytes;
    }

    /// <summary>Gives a block of either heap back; null is fine. What is none, or free already, is a BUG with its address.</summary>
    internal static void Free(void* block)
    {
        if (block == null)
        {
            return;
        }

        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint* slot = (uint*)block - 1;
        uint word = *slot;
        if (word == RawBlock)
        {
            s_raw->Free(slot);
        }
        else if ((word & ~RootCounts.Mask) == 0)
        {
            s_objects->Free(slot);
        }
        else
        {
            ReportBadFree((byte*)slot);
        }

        Instructions.RestoreFlags(flags);
    }

    /// <summary>Gives a block another size, its content kept as far as it fits; what is new is zero. Null allocates.</summary>
    internal static byte* Reallocate(byte* block, uint bytes)
    {
        if (block == null)
        {
            return AllocateRaw(bytes);
        }

        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        byte* slot = block - HeadBytes;
        SlabHeap* heap = *(uint*)slot == RawBlock ? s_raw : s_objects;
        if (heap->Find((uint)slot - s_base) != slot)
        {
            ReportBadFree(slot);
        }

        uint total = TotalOf(bytes);
        uint room = heap->UsableBytes(slot);
        byte* moved = (byte*)heap->Reallocate(slot, total, 0);
        if (moved == null)
        {
            GarbageCollection.Collect();
            moved = (byte*)heap->Reallocate(slot, total, 0);
            if (moved == null)
            {
                // Reallocate cannot wait for a shortage to pass: a block of the new size, the content by hand.
                moved = (byte*)Shortage.Allocate(heap, total, bytes, 0);
                uint content = total < room ? total : room;
                for (uint i = 0; i < content; i++)
                {
                    moved[i] = slot[i];
                }

                heap->Free(slot);
            }
        }

        // Behind what is kept: on the way down what the block may get back later, on the way up what it got.
        uint kept = bytes + HeadBytes < room ? bytes + HeadBytes : room;
        uint usable = heap->UsableBytes(moved);
        if (kept < usable)
        {
            Zeroing.Clear(moved + kept, usable - kept);
        }

        Instructions.RestoreFlags(flags);
        return moved + HeadBytes;
    }

    /// <summary>The block of either heap that an address lies in, its first word included; null for none.</summary>
    internal static byte* FindBlock(void* address, out bool large)
    {
        SlabHeap* heap = s_objects;
        byte* slot = (byte*)heap->Find((uint)address - s_base);
        if (slot == null)
        {
            heap = s_raw;
            slot = (byte*)heap->Find((uint)address - s_base);
        }

        large = slot != null && heap->UsableBytes(slot) > SizeClass.LargestBytes;
        return slot;
    }

    private static byte* AllocateShort(SlabHeap* heap, uint bytes, uint total)
    {
        GarbageCollection.Collect();
        byte* slot = (byte*)heap->Allocate(total, 0);
        return slot != null ? slot : (byte*)Shortage.Allocate(heap, total, bytes, 0);
    }

    private static uint TotalOf(uint bytes)
    {
        if (bytes > LargestBytes)
        {
            KernelState.Log->Panic(
                "Out of memory: %d bytes wanted for an object, more than half of what a 32-bit kernel can address", bytes);
        }

        return (bytes + HeadBytes + (SizeClass.Grain - 1)) & ~(SizeClass.Grain - 1);
    }

    private static void ReportBadFree(byte* slot)
    {
        bool ours = s_objects->UsableBytes(slot) != 0 || s_raw->UsableBytes(slot) != 0;
        KernelState.Log->Bug(
            ours ? "double free of %x, or no block starts there" : "free of %x, which lies on no page of a heap", (uint)(slot + HeadBytes));
    }
}
