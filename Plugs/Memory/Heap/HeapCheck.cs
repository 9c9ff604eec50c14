using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>Looks at a heap without changing it: counts by class, and the check of the heap against itself.</summary>
internal static unsafe class HeapCheck
{
    /// <summary>See <see cref="SlabHeap.Objects"/>.</summary>
    internal static uint Objects(ref SlabHeap heap)
    {
        uint objects = 0;
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            objects += slab->Heap == heap.Pages.Number ? slab->Used : 0;
        }

        return objects;
    }

    /// <summary>See <see cref="SlabHeap.Count"/>.</summary>
    internal static void Count(ref SlabHeap heap, uint sizeClass, out uint slabs, out uint pages, out uint objects, out uint used)
    {
        slabs = 0;
        pages = 0;
        objects = 0;
        used = 0;
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap == heap.Pages.Number && slab->Class == sizeClass && slab->State != SlabState.Sentinel)
            {
                slabs++;
                pages += slab->Pages;
                objects += slab->Capacity;
                used += slab->Used;
            }
        }
    }

    /// <summary>
    /// Checks the heap against itself: every page of the map, every free list (inside its slab, no object twice, as many as counted), every
    /// slab in the list that its state says. O(objects + pages); for the self-test.
    /// </summary>
    /// <returns>Address of the slab where something is wrong, or 0 when all is well.</returns>
    internal static uint FindFault(ref SlabHeap heap)
    {
        uint slabPages = 0;
        uint largePages = 0;
        uint partial = 0;
        for (Slab* slab = heap.Pages.Pool->First(); slab != null; slab = heap.Pages.Pool->Next(slab))
        {
            if (slab->Heap != heap.Pages.Number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            if (slab->State == SlabState.Large)
            {
                largePages += slab->Pages;
            }
            else
            {
                slabPages += slab->Pages;
                partial += slab->State == SlabState.Partial ? 1u : 0u;
            }

            if (!IsSound(ref heap, slab))
            {
                return slab->Start;
            }
        }

        for (uint i = 0; i < SizeClass.Count; i++)
        {
            uint previous = 0;
            for (uint address = heap.Slabs.FirstPartial(i); address != 0; address = heap.Pages.Pool->At(address)->Next)
            {
                Slab* slab = heap.Pages.Pool->At(address);
                if (slab->State != SlabState.Partial || slab->Class != i || slab->Previous != previous || partial == 0)
                {
                    return address;
                }

                partial--;
                previous = address;
            }

            if (heap.Current(i) != heap.Sentinel && heap.Pages.Pool->At(heap.Current(i))->State != SlabState.Current)
            {
                return heap.Current(i);
            }
        }

        bool counted = slabPages == heap.Slabs.Pages && largePages == heap.Large.Pages
            && slabPages + largePages == heap.Pages.Map.CountPages();
        return partial == 0 && counted ? 0 : heap.Sentinel;
    }

    private static bool IsSound(ref SlabHeap heap, Slab* slab)
    {
        for (uint i = 0; i < slab->Pages; i++)
        {
            if (heap.Pages.Map.At(slab->Start + (i << PageSize.Shift)) != slab)
            {
                return false;
            }
        }

        bool full = slab->Carved == slab->Capacity && slab->FreeCount == 0;
        if (slab->Carved > slab->Capacity || slab->FreeCount > slab->Carved || (slab->State == SlabState.Full && !full)
            || (slab->State == SlabState.Partial && full))
        {
            return false;
        }

        if (slab->State == SlabState.Large)
        {
            return slab->FreeCount == 0 && slab->Limit == 0;
        }

        uint bytes = heap.Slabs.Bytes(slab->Class);
        uint limit = heap.Pages.IsChecked ? 0 : slab->Carved * (slab->Reciprocal * bytes);
        if (slab->Limit != limit || slab->Reciprocal != heap.Pages.Pool->Classes.Reciprocal[slab->Class])
        {
            return false;
        }

        uint word = slab->Free;
        for (uint left = slab->FreeCount; left != 0; left--)
        {
            uint offset = (word & Slab.OffsetMask) - Slab.OffsetBias;
            if ((word & Slab.FreeMark) != Slab.FreeMark || (word & ~Slab.FreeMark) >> Slab.CountShift != left || offset % bytes != 0
                || offset / bytes >= slab->Carved)
            {
                return false;
            }

            word = *(uint*)(heap.Base + (slab->Start + offset));
        }

        return word == Slab.NoneFree;
    }
}
