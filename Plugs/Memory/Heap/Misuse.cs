using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What is wrong with a pointer that is given back to a heap without checked mode.</summary>
internal static unsafe class Misuse
{
    /// <summary>
    /// True for the start of an object that is handed out. Else a BUG that says what lies there: the inside of an object, one that was
    /// never handed out, one that is free already. O(1), but O(free objects of the slab) when the first word looks like a free object's.
    /// </summary>
    /// <param name="heap">A heap without checked mode.</param>
    /// <param name="slab">The slab or large object that has the address.</param>
    /// <param name="address">Physical address that was given.</param>
    internal static bool IsLive(ref SlabHeap heap, Slab* slab, uint address)
    {
        byte* memory = heap.Base + address;
        byte* slot = heap.Slabs.SlotOf(slab, address);
        if (slot == null)
        {
            heap.Log->Bug(
                "heap: free of %x, which was never given out: slab %x of %d-byte objects gave %d so far",
                address,
                slab->Start,
                heap.Slabs.SizeOf(slab),
                slab->Carved);
            return false;
        }

        if (slab->State == SlabState.Large)
        {
            if (slot == memory)
            {
                return true;
            }

            heap.Log->Bug("heap: free of %x, inside the large object %x of %d pages", address, slab->Start, slab->Pages);
            return false;
        }

        if (slot != memory)
        {
            heap.Log->Bug(
                "heap: free of %x, which is no object's start: the object %x of %d bytes lies there, in slab %x",
                address,
                (uint)(slot - heap.Base),
                heap.Slabs.SizeOf(slab),
                slab->Start);
            return false;
        }

        if (*(int*)memory >= (int)Slab.FreeMark && IsInList(ref heap, slab, address))
        {
            heap.Log->Bug(
                "heap: double free of %x: the object of %d bytes in slab %x is free already, as are %d of its %d",
                address,
                heap.Slabs.SizeOf(slab),
                slab->Start,
                slab->FreeCount,
                slab->Carved);
            return false;
        }

        return true;
    }

    /// <summary>True for an object in its slab's free list. Ends at a link that was overwritten.</summary>
    private static bool IsInList(ref SlabHeap heap, Slab* slab, uint address)
    {
        uint sought = address - slab->Start;
        uint bytes = slab->Pages << PageSize.Shift;
        uint word = slab->Free;
        for (uint left = slab->FreeCount; left != 0; left--)
        {
            uint offset = (word & Slab.OffsetMask) - Slab.OffsetBias;
            if (offset == sought)
            {
                return true;
            }

            if (offset >= bytes)
            {
                break;
            }

            word = *(uint*)(heap.Base + (slab->Start + offset));
        }

        return false;
    }
}
