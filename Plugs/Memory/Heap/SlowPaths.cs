using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// What the hot paths of <see cref="SlabHeap"/> leave over: other slabs, large objects, aligned ones, objects that change their size.
/// </summary>
internal static unsafe class SlowPaths
{
    private const uint CarvedAtOnce = 64;

    /// <summary>See <see cref="SlabHeap.AllocateSlowly"/>.</summary>
    internal static void* Allocate(ref SlabHeap heap, uint bytes, uint site)
    {
        if (heap.Pages.IsChecked)
        {
            return CheckedHeap.Allocate(ref heap, bytes, SizeClass.Grain, site);
        }

        if (bytes > SizeClass.LargestBytes)
        {
            return AllocatePages(ref heap, HeapPages.PagesOf(bytes), 1);
        }

        uint sizeClass = heap.ClassOf(bytes);
        Slab* slab = heap.Pages.Pool->At(heap.Current(sizeClass));
        if (slab->Carved == slab->Capacity)
        {
            slab = ReplaceCurrent(ref heap, sizeClass, slab);
            if (slab == null)
            {
                return null;
            }
        }

        if (slab->Free == Slab.NoneFree)
        {
            Carve(ref heap, slab, heap.Slabs.Bytes(sizeClass));
        }

        byte* memory = heap.Base + (slab->Start + (slab->Free & Slab.OffsetMask) - Slab.OffsetBias);
        slab->Free = *(uint*)memory;
        *(uint*)memory = 0;
        return memory;
    }

    /// <summary>See <see cref="SlabHeap.AllocateAligned"/>.</summary>
    internal static void* AllocateAligned(ref SlabHeap heap, uint bytes, uint alignment, uint site)
    {
        if (!Bits.IsPowerOfTwo(alignment) || alignment > (uint)PageSize.Bytes << (int)Zone.MaxOrder)
        {
            return null;
        }

        if (heap.Pages.IsChecked)
        {
            return CheckedHeap.Allocate(ref heap, bytes, alignment < SizeClass.Grain ? SizeClass.Grain : alignment, site);
        }

        if (bytes <= SizeClass.LargestBytes && alignment <= SizeClass.LargestBytes)
        {
            return heap.Allocate(heap.Slabs.Bytes(heap.AlignedClass(bytes, alignment)), site);
        }

        return AllocatePages(ref heap, HeapPages.PagesOf(bytes), HeapPages.PagesOf(alignment));
    }

    /// <summary>See <see cref="SlabHeap.Reallocate"/>.</summary>
    internal static void* Reallocate(ref SlabHeap heap, void* memory, uint bytes, uint site)
    {
        if (memory == null)
        {
            return heap.Allocate(bytes, site);
        }

        uint address = (uint)((byte*)memory - heap.Base);
        Slab* slab = heap.Pages.Map.At(address);
        if (slab == null)
        {
            heap.Pages.ReportForeign(address);
            return null;
        }

        bool isChecked = heap.Pages.IsChecked;
        if (!isChecked && !Misuse.IsLive(ref heap, slab, address))
        {
            return null;
        }

        uint room = isChecked ? CheckedHeap.UsableBytes(ref heap, slab, address) : heap.Slabs.SizeOf(slab);
        if (!isChecked)
        {
            if (slab->State == SlabState.Large && bytes > SizeClass.LargestBytes && bytes <= room)
            {
                heap.Large.Shrink(slab, HeapPages.PagesOf(bytes));
                return memory;
            }

            if (slab->State != SlabState.Large && bytes <= room && (bytes > room / 2 || room <= 2 * SizeClass.Grain))
            {
                return memory;
            }
        }

        byte* moved = (byte*)heap.Allocate(bytes, site);
        if (moved == null)
        {
            return null;
        }

        Copy(moved, (byte*)memory, room < bytes ? room : bytes);
        heap.Free(memory);
        return moved;
    }

    /// <summary>
    /// What the hot half of <see cref="SlabHeap.Free"/> could not: large and checked objects, small ones whose first word looks like a free
    /// one's, misuse.
    /// </summary>
    internal static void Free(ref SlabHeap heap, void* memory)
    {
        if (memory == null)
        {
            return;
        }

        uint address = (uint)((byte*)memory - heap.Base);
        Slab* slab = heap.Pages.Map.At(address);
        if (slab == null)
        {
            heap.Pages.ReportForeign(address);
            return;
        }

        if (heap.Pages.IsChecked)
        {
            CheckedHeap.Free(ref heap, slab, address);
            return;
        }

        if (slab->State == SlabState.Large && slab->Start == address)
        {
            heap.Large.Give(slab);
            return;
        }

        if (!Misuse.IsLive(ref heap, slab, address))
        {
            return;
        }

        *(uint*)memory = slab->Free;
        slab->Free = (slab->Free & ~Slab.OffsetMask) + (address - slab->Start) + (Slab.CountStep + Slab.OffsetBias);
        heap.Slabs.Returned(slab);
    }

    /// <summary>Puts the next few objects that were never used into the empty list, ascending. There is at least one.</summary>
    private static void Carve(ref SlabHeap heap, Slab* slab, uint bytes)
    {
        uint count = (uint)(slab->Capacity - slab->Carved);
        if (count > CarvedAtOnce)
        {
            count = CarvedAtOnce;
        }

        uint end = slab->Carved + count;
        heap.Slabs.SetCarved(slab, end);
        uint offset = (end * bytes) + Slab.OffsetBias;
        byte* memory = heap.Base + (slab->Start + offset - Slab.OffsetBias);
        uint list = Slab.NoneFree;
        uint counted = Slab.FreeMark;
        do
        {
            memory -= bytes;
            offset -= bytes;
            *(uint*)memory = list;
            counted += Slab.CountStep;
            list = counted + offset;
            count--;
        }
        while (count != 0);

        slab->Free = list;
    }

    /// <summary>The current slab is full: a partial one, or a new one, takes its place.</summary>
    private static Slab* ReplaceCurrent(ref SlabHeap heap, uint sizeClass, Slab* full)
    {
        Slab* slab = heap.Slabs.WithRoom(sizeClass);
        if (slab == null)
        {
            return null;
        }

        if (full->State == SlabState.Current)
        {
            full->State = SlabState.Full;
            full->Edge = 0;
        }

        slab->State = SlabState.Current;
        slab->Edge = Slab.NoEdge;
        heap.SetCurrent(sizeClass, slab);
        return slab;
    }

    private static void* AllocatePages(ref SlabHeap heap, uint pages, uint aligned)
    {
        Slab* slab = heap.Large.Take(pages, aligned);
        return slab == null ? null : heap.Base + slab->Start;
    }

    private static void Copy(byte* to, byte* from, uint bytes)
    {
        for (; bytes >= sizeof(uint); bytes -= sizeof(uint))
        {
            *(uint*)to = *(uint*)from;
            to += sizeof(uint);
            from += sizeof(uint);
        }

        for (; bytes != 0; bytes--)
        {
            *to++ = *from++;
        }
    }
}
