namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Checked mode: every object lies in a slot of the form of <see cref="CheckedBlocks"/>, and the fill is looked at before the memory is
/// used again. Objects never used are given before those that were freed, so that a freed one keeps its fill as long as possible.
/// </summary>
internal static unsafe class CheckedHeap
{
    /// <summary>As <see cref="SlabHeap.AllocateAligned"/>.</summary>
    internal static void* Allocate(ref SlabHeap heap, uint bytes, uint alignment, uint site)
    {
        uint offset = alignment > CheckedBlocks.HeadBytes ? alignment : CheckedBlocks.HeadBytes;
        uint total = offset + bytes + CheckedBlocks.TailBytes;
        if (total < bytes)
        {
            return null;
        }

        bool small = total <= SizeClass.LargestBytes;
        Slab* slab = small
            ? WithRoom(ref heap, total, alignment)
            : heap.Large.Take(HeapPages.PagesOf(total), HeapPages.PagesOf(alignment));
        if (slab == null)
        {
            return null;
        }

        byte* slot = small ? TakeSlot(ref heap, slab) : heap.Base + slab->Start;
        return heap.Blocks.Write(slot, heap.Slabs.SizeOf(slab), offset, bytes, site);
    }

    /// <summary>Gives an object back, once its slot is checked.</summary>
    internal static void Free(ref SlabHeap heap, Slab* slab, uint address)
    {
        uint start = slab->Start;
        uint size = heap.Slabs.SizeOf(slab);
        byte* slot = heap.Slabs.SlotOf(slab, address);
        if (slot == null)
        {
            heap.Log->Bug(
                "heap: free of %x, which was never given out: slab %x of %d-byte slots gave %d so far",
                address,
                start,
                size,
                slab->Carved);
            return;
        }

        byte* memory = heap.Base + address;
        if (!CheckedBlocks.IsAlive(slot))
        {
            heap.Blocks.CheckFreed(slab, slot, heap.Slabs.SizeOf(slab));
            heap.Log->Bug(
                "heap: double free of %x: the object %x (%d bytes, asked for by %x, allocation %d) in slab %x of %d-byte slots"
                    + " is free already",
                address,
                heap.Blocks.Physical(slot + CheckedBlocks.Offset(slot)),
                CheckedBlocks.BytesOf(slot),
                CheckedBlocks.SiteOf(slot),
                CheckedBlocks.SerialOf(slot),
                start,
                size);
            return;
        }

        heap.Blocks.CheckRedZones(slab, slot, heap.Slabs.SizeOf(slab));
        if (memory != slot + CheckedBlocks.Offset(slot))
        {
            heap.Log->Bug(
                "heap: free of %x, which is no object's start: the object %x (%d bytes, asked for by %x, allocation %d) in slab"
                    + " %x of %d-byte slots lies there",
                address,
                heap.Blocks.Physical(slot + CheckedBlocks.Offset(slot)),
                CheckedBlocks.BytesOf(slot),
                CheckedBlocks.SiteOf(slot),
                CheckedBlocks.SerialOf(slot),
                start,
                size);
            return;
        }

        heap.Blocks.Release(slab, slot);
        if (slab->State == SlabState.Large)
        {
            heap.Large.Give(slab);
        }
        else
        {
            heap.Slabs.Returned(slab);
        }
    }

    /// <summary>Bytes asked for by the object that starts at an address; else a BUG that says what is wrong with it.</summary>
    internal static uint UsableBytes(ref SlabHeap heap, Slab* slab, uint address)
    {
        byte* slot = heap.Slabs.SlotOf(slab, address);
        if (slot == null || !CheckedBlocks.IsAlive(slot) || heap.Base + address != slot + CheckedBlocks.Offset(slot))
        {
            // Says what is wrong with it.
            Free(ref heap, slab, address);
            return 0;
        }

        return CheckedBlocks.BytesOf(slot);
    }

    /// <summary>Sweeps one slab or large object: see <see cref="SlabHeap.Sweep"/>. Returns the objects that stay.</summary>
    internal static uint Sweep(ref SlabHeap heap, Slab* slab, uint mark)
    {
        uint live = 0;
        uint size = heap.Slabs.SizeOf(slab);
        byte* slot = heap.Base + slab->Start;
        for (uint i = 0; i < slab->Carved; i++, slot += size)
        {
            if (!CheckedBlocks.IsAlive(slot))
            {
                continue;
            }

            heap.Blocks.CheckRedZones(slab, slot, heap.Slabs.SizeOf(slab));
            uint* type = (uint*)(slot + CheckedBlocks.Offset(slot));
            if ((*type & mark) != 0)
            {
                *type &= ~mark;
                live++;
            }
            else if (slab->State != SlabState.Large)
            {
                heap.Blocks.Release(slab, slot);
            }
        }

        if (slab->State == SlabState.Large)
        {
            if (live == 0)
            {
                heap.Large.Give(slab);
            }
        }
        else if (live == 0)
        {
            heap.Slabs.Give(slab);
        }
        else
        {
            heap.Slabs.Place(slab);
        }

        return live;
    }

    /// <summary>
    /// Checks the red zones of all objects and the fill of all free slots. O(bytes of the heap). The first fault is a BUG.
    /// </summary>
    /// <returns>Slots looked at; 0 without checked mode.</returns>
    internal static uint CheckAll(ref SlabHeap heap)
    {
        uint slots = 0;
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap != heap.Pages.Number || !heap.Pages.IsChecked)
            {
                continue;
            }

            uint size = heap.Slabs.SizeOf(slab);
            byte* slot = heap.Base + slab->Start;
            for (uint i = 0; i < slab->Carved; i++, slot += size)
            {
                slots++;
                if (CheckedBlocks.IsAlive(slot))
                {
                    heap.Blocks.CheckRedZones(slab, slot, heap.Slabs.SizeOf(slab));
                }
                else
                {
                    heap.Blocks.CheckFreed(slab, slot, heap.Slabs.SizeOf(slab));
                }
            }
        }

        return slots;
    }

    /// <summary>Calls a visitor with every live checked object: its first byte, bytes asked for, site, serial number. O(objects).</summary>
    internal static void ForEach(ref SlabHeap heap, void* context, delegate*<void*, byte*, uint, uint, uint, void> visitor)
    {
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap != heap.Pages.Number || !heap.Pages.IsChecked)
            {
                continue;
            }

            uint size = heap.Slabs.SizeOf(slab);
            byte* slot = heap.Base + slab->Start;
            for (uint i = 0; i < slab->Carved; i++, slot += size)
            {
                if (CheckedBlocks.IsAlive(slot))
                {
                    visitor(
                        context,
                        slot + CheckedBlocks.Offset(slot),
                        CheckedBlocks.BytesOf(slot),
                        CheckedBlocks.SiteOf(slot),
                        CheckedBlocks.SerialOf(slot));
                }
            }
        }
    }

    /// <summary>A slab with room for slots of at least that many bytes, in its class's list.</summary>
    private static Slab* WithRoom(ref SlabHeap heap, uint total, uint alignment)
    {
        uint sizeClass = heap.AlignedClass(total, alignment);
        uint first = heap.Slabs.FirstPartial(sizeClass);
        if (first != 0)
        {
            return heap.Pages.Pool->At(first);
        }

        Slab* slab = heap.Slabs.Make(sizeClass);
        if (slab != null)
        {
            heap.Slabs.Link(slab);
        }

        return slab;
    }

    private static byte* TakeSlot(ref SlabHeap heap, Slab* slab)
    {
        byte* slot;
        if (slab->Carved < slab->Capacity)
        {
            slot = heap.Base + (slab->Start + (slab->Carved * heap.Slabs.Bytes(slab->Class)));
            slab->Carved++;
        }
        else
        {
            slot = heap.Base + (slab->Start + (slab->Free & Slab.OffsetMask) - Slab.OffsetBias);
            heap.Blocks.CheckFreed(slab, slot, heap.Slabs.SizeOf(slab));
            slab->Free = *(uint*)slot;
        }

        if (slab->Carved == slab->Capacity && slab->Free == Slab.NoneFree)
        {
            heap.Slabs.Unlink(slab);
        }

        return slot;
    }
}
