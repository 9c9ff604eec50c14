using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Cosmos;
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
/// <para>
/// <c>RAT.FreePageCount</c> follows every page that a heap takes or gives back; two counters of the memory code tell when, at one
/// comparison a call. <c>RAT.MinFreePages</c> is looked at before the first allocation after pages were taken: what they were taken for is
/// reachable by then.
/// </para>
/// </remarks>
internal static unsafe class ManagedHeap
{
    /// <summary>Bytes before what Cosmos gets.</summary>
    internal const uint HeadBytes = sizeof(uint);

    /// <summary>Bytes of the largest block in a slab, as Cosmos sees it; larger ones take whole pages.</summary>
    internal const uint LargestSmallBytes = SizeClass.LargestBytes - HeadBytes;

    private const uint RawBlock = 2;
    private const uint LargestBytes = 0x7fffffff;

    private static bool s_ready;
    private static uint s_base;
    private static SlabHeap* s_objects;
    private static SlabHeap* s_raw;
    private static uint* s_takes;
    private static uint* s_moves;
    private static uint s_takesSeen;
    private static uint s_movesSeen;
    private static QuickHeap s_quickObjects;
    private static QuickHeap s_quickRaw;
    private static QuickHeap* s_objectsQuickly;
    private static QuickHeap* s_rawQuickly;

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
        s_takes = &KernelState.Memory->Slabs.Takes;
        s_moves = &KernelState.Memory->Slabs.Moves;
        s_takesSeen = *s_takes;
        fixed (QuickHeap* objects = &s_quickObjects, raw = &s_quickRaw)
        {
            fixed (uint* seen = &s_takesSeen)
            {
                objects->Start(s_objects, s_takes, seen, 0);
                raw->Start(s_raw, s_takes, seen, RawBlock);
            }

            s_objectsQuickly = objects;
            s_rawQuickly = raw;
        }

        s_ready = true;
    }

    /// <summary>Sets <c>RAT.FreePageCount</c> to what is free. O(orders).</summary>
    internal static void PublishFreePages()
    {
        s_movesSeen = *s_moves;
        RAT.FreePageCount = KernelState.Memory->Pages.FreePageCount;
    }

    /// <summary>
    /// Collects if <c>RAT.MinFreePages</c> wants more pages to be free than are, and counts it in <c>RAT.GCTriggered</c>; -1 and 0 want
    /// none.
    /// </summary>
    internal static void CollectBelowMinimum()
    {
        s_takesSeen = *s_takes;
        if (RAT.MinFreePages > 0 && (uint)RAT.MinFreePages > KernelState.Memory->Pages.FreePageCount)
        {
            GarbageCollection.Collect();
            RAT.GCTriggered++;
        }
    }

    /// <summary>Zeroed memory for an object. Does not return without.</summary>
    internal static byte* AllocateObject(uint bytes)
    {
        byte* quick = QuickBlocks.Take(s_objectsQuickly, bytes);
        return quick != null ? quick : AllocateObjectSlowly(bytes);
    }

    /// <summary>Zeroed memory that only <see cref="Free"/> gives back. Does not return without.</summary>
    internal static byte* AllocateRaw(uint bytes)
    {
        byte* quick = QuickBlocks.Take(s_rawQuickly, bytes);
        return quick != null ? quick : AllocateRawSlowly(bytes);
    }

    /// <summary>Gives a block of either heap back; null is fine. What is none, or free already, is a BUG with its address.</summary>
    internal static void Free(void* block)
    {
        if (block != null && QuickBlocks.Give(s_rawQuickly, block) == 0)
        {
            FreeSlowly(block);
        }
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

        if (*s_takes != s_takesSeen)
        {
            CollectBelowMinimum();
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

        PublishFreePages();
        Instructions.RestoreFlags(flags);
        return moved + HeadBytes;
    }

    /// <summary>Bytes that a block of so many bytes has, without its first word.</summary>
    internal static uint RoundedBytes(uint bytes)
    {
        uint total = TotalOf(bytes);
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            if (SizeClass.Bytes(i) >= total)
            {
                return SizeClass.Bytes(i) - HeadBytes;
            }
        }

        return (uint)PageSize.WholePages(total) - HeadBytes;
    }

    /// <summary>Blocks of both heaps that lie in slabs and are handed out. O(slabs).</summary>
    internal static uint SmallBlocks()
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint blocks = 0;
        SlabPool* pool = &KernelState.Memory->Slabs;
        for (Slab* slab = pool->First(); slab != null; slab = pool->Next(slab))
        {
            blocks += slab->State == SlabState.Large ? 0u : slab->Used;
        }

        Instructions.RestoreFlags(flags);
        return blocks;
    }

    /// <summary>Gives empty slabs, kept in reserve until now, back to the page allocator. O(slabs).</summary>
    /// <returns>Pages of slabs given back.</returns>
    internal static uint TrimSlabs()
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint before = s_objects->SlabPages + s_raw->SlabPages;
        s_objects->Trim();
        s_raw->Trim();
        PublishFreePages();
        uint given = before - s_objects->SlabPages - s_raw->SlabPages;
        Instructions.RestoreFlags(flags);
        return given;
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

    private static byte* AllocateObjectSlowly(uint bytes)
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        if (*s_takes != s_takesSeen)
        {
            CollectBelowMinimum();
        }

        uint total = TotalOf(bytes);
        byte* slot = (byte*)s_objects->AllocateQuickly(total);
        if (slot == null)
        {
            slot = AllocateSlowly(s_objects, bytes, total);
        }

        Zeroing.Clear(slot, total);
        Instructions.RestoreFlags(flags);
        return slot + HeadBytes;
    }

    private static byte* AllocateRawSlowly(uint bytes)
    {
        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        if (*s_takes != s_takesSeen)
        {
            CollectBelowMinimum();
        }

        uint total = TotalOf(bytes);
        byte* slot = (byte*)s_raw->AllocateQuickly(total);
        if (slot == null)
        {
            slot = AllocateSlowly(s_raw, bytes, total);
        }

        Zeroing.Clear(slot, total);
        *(uint*)slot = RawBlock;
        Instructions.RestoreFlags(flags);
        return slot + HeadBytes;
    }

    private static void FreeSlowly(void* block)
    {
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

        if (*s_moves != s_movesSeen)
        {
            PublishFreePages();
        }

        Instructions.RestoreFlags(flags);
    }

    private static byte* AllocateSlowly(SlabHeap* heap, uint bytes, uint total)
    {
        byte* slot = (byte*)heap->AllocateSlowly(total, 0);
        if (slot == null)
        {
            GarbageCollection.Collect();
            slot = (byte*)heap->Allocate(total, 0);
            slot = slot != null ? slot : (byte*)Shortage.Allocate(heap, total, bytes, 0);
        }

        if (*s_moves != s_movesSeen)
        {
            PublishFreePages();
        }

        return slot;
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
