namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What a collector needs of the heap: the object around an address, a walk over all, and the sweep.</summary>
/// <remarks>
/// The collector marks a live object by setting a bit in its first word: one that is clear in every first word (a type's address or
/// number), is not <see cref="Slab.FreeTag"/> and is one of bits 0..2 or 31, which are clear in the free list's words too.
/// </remarks>
internal static unsafe class HeapSweep
{
    /// <summary>The live object that a physical address points at or into, or null. O(1), no division. For a conservative scan.</summary>
    internal static void* Find(ref SlabHeap heap, uint address)
    {
        Slab* slab = heap.Pages.Map.At(address);
        if (slab == null)
        {
            return null;
        }

        byte* memory = heap.Slabs.SlotOf(slab, address);
        if (memory == null)
        {
            return null;
        }

        if (heap.Pages.IsChecked)
        {
            return CheckedBlocks.IsAlive(memory) ? memory + CheckedBlocks.Offset(memory) : null;
        }

        return slab->State == SlabState.Large || (*(uint*)memory & Slab.FreeTag) == 0 ? memory : null;
    }

    /// <summary>See <see cref="SlabHeap.Sweep"/>.</summary>
    internal static void Sweep(ref SlabHeap heap, uint mark, out uint live)
    {
        live = 0;
        SlabPool* pool = heap.Pages.Pool;
        uint number = heap.Pages.Number;
        heap.DropLists();
        Slab* next;
        for (Slab* slab = pool->First(); slab != null; slab = next)
        {
            next = pool->Next(slab);
            if (slab->Heap != number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            if (heap.Pages.IsChecked)
            {
                live += CheckedHeap.Sweep(ref heap, slab, mark);
            }
            else if (slab->State == SlabState.Large)
            {
                live += SweepLarge(ref heap, slab, mark);
            }
            else
            {
                live += SweepSlab(ref heap, slab, mark);
            }
        }
    }

    /// <summary>
    /// Calls a visitor with every live object's first byte; it must neither allocate nor free. For a collector that ran out of mark stack,
    /// and for lists. O(objects).
    /// </summary>
    internal static void ForEachLive(ref SlabHeap heap, void* context, delegate*<void*, byte*, void> visitor)
    {
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap != heap.Pages.Number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            uint bytes = heap.Slabs.SizeOf(slab);
            byte* slot = heap.Base + slab->Start;
            for (uint i = 0; i < slab->Carved; i++, slot += bytes)
            {
                if (heap.Pages.IsChecked)
                {
                    if (CheckedBlocks.IsAlive(slot))
                    {
                        visitor(context, slot + CheckedBlocks.Offset(slot));
                    }
                }
                else if (slab->State == SlabState.Large || (*(uint*)slot & Slab.FreeTag) == 0)
                {
                    visitor(context, slot);
                }
            }
        }
    }

    /// <summary>See <see cref="SlabHeap.ForEachWith"/>.</summary>
    internal static void ForEachWith(ref SlabHeap heap, uint bits, void* context, delegate*<void*, byte*, void> visitor)
    {
        if (heap.Pages.IsChecked)
        {
            ForEachLive(ref heap, context, visitor);
            return;
        }

        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap != heap.Pages.Number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            uint bytes = heap.Slabs.SizeOf(slab);
            byte* slot = heap.Base + slab->Start;
            byte* end = slot + (slab->Carved * bytes);
            if (slab->State == SlabState.Large)
            {
                if ((*(uint*)slot & bits) != 0)
                {
                    visitor(context, slot);
                }

                continue;
            }

            for (slot = ObjectWords.FindWith(slot, end, bytes, bits); slot != end;
                slot = ObjectWords.FindWith(slot + bytes, end, bytes, bits))
            {
                if ((*(uint*)slot & Slab.FreeTag) == 0)
                {
                    visitor(context, slot);
                }
            }
        }
    }

    private static uint SweepSlab(ref SlabHeap heap, Slab* slab, uint mark)
    {
        uint bytes = heap.Slabs.Bytes(slab->Class);
        byte* first = heap.Base + slab->Start;
        byte* end = first + (slab->Carved * bytes);
        if (ObjectWords.FindWith(first, end, bytes, mark) == end)
        {
            heap.Slabs.Give(slab);
            return 0;
        }

        slab->Free = ObjectWords.Sweep(first, end, bytes, mark);
        heap.Slabs.Place(slab);
        return slab->Used;
    }

    private static uint SweepLarge(ref SlabHeap heap, Slab* slab, uint mark)
    {
        uint* memory = (uint*)(heap.Base + slab->Start);
        if ((*memory & mark) == 0)
        {
            heap.Large.Give(slab);
            return 0;
        }

        *memory &= ~mark;
        return 1;
    }
}
