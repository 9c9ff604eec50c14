using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>Objects of whole pages, aligned objects, and objects that change their size.</summary>
public unsafe partial struct SlabHeap
{
    /// <summary>
    /// As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>. A class's objects lie at multiples of its size from the
    /// start of a
    /// page, so up to 2,048 the smallest class does whose size is a multiple of it.
    /// </summary>
    /// <param name="bytes">0 counts as 1.</param>
    /// <param name="alignment">A power of two, at most 4 MiB.</param>
    /// <param name="site">Who asks.</param>
    /// <returns>Null when no memory is left above the floor, or for an alignment that is no power of two or above 4 MiB.</returns>
    public void* AllocateAligned(uint bytes, uint alignment, uint site)
    {
        if (!Bits.IsPowerOfTwo(alignment) || alignment > (uint)PageSize.Bytes << (int)Zone.MaxOrder)
        {
            return null;
        }

        if (_checked)
        {
            return AllocateChecked(bytes, alignment < SizeClass.Grain ? SizeClass.Grain : alignment, site);
        }

        if (bytes <= SizeClass.LargestBytes && alignment <= SizeClass.LargestBytes)
        {
            uint sizeClass = ClassOf(bytes);
            while ((_bytes[sizeClass] & (alignment - 1)) != 0)
            {
                sizeClass++;
            }

            return Allocate(_bytes[sizeClass], site);
        }

        return AllocatePages(PagesOf(bytes), PagesOf(alignment));
    }

    /// <summary>
    /// Gives an object another size: in place when it fits and would not waste more than half (a large one gives its tail pages back), else
    /// at
    /// another place with its content. Null allocates; 0 bytes counts as 1.
    /// </summary>
    /// <returns>Where it lies now; null when no memory is left: then the object is as it was.</returns>
    public void* Reallocate(void* memory, uint bytes, uint site)
    {
        if (memory == null)
        {
            return Allocate(bytes, site);
        }

        uint address = (uint)((byte*)memory - _base);
        Slab* slab = OwnerOf(address);
        if (slab == null)
        {
            ReportForeign(address);
            return null;
        }

        uint room = slab->Checked != 0 ? CheckedSize(slab, address) : SizeOf(slab);
        if (slab->Checked == 0)
        {
            if (slab->State == SlabState.Large && bytes > SizeClass.LargestBytes && bytes <= room)
            {
                uint pages = PagesOf(bytes);
                if (pages < slab->Pages)
                {
                    _largePages -= slab->Pages - pages;
                    ShrinkPages(slab, pages);
                }

                return memory;
            }

            if (slab->State != SlabState.Large && bytes <= room && (bytes > room / 2 || room <= 2 * SizeClass.Grain))
            {
                return memory;
            }
        }

        byte* moved = (byte*)Allocate(bytes, site);
        if (moved == null)
        {
            return null;
        }

        Copy(moved, (byte*)memory, room < bytes ? room : bytes);
        Free(memory);
        return moved;
    }

    /// <summary>
    /// Bytes that an object may use: its class's size or its pages; in checked mode what was asked for. 0 if it is not the heap's. O(1).
    /// </summary>
    public uint UsableBytes(void* memory)
    {
        uint address = (uint)((byte*)memory - _base);
        Slab* slab = OwnerOf(address);
        return slab == null ? 0 : slab->Checked != 0 ? CheckedSize(slab, address) : SizeOf(slab);
    }

    private uint SizeOf(Slab* slab) => slab->State == SlabState.Large ? slab->Pages << PageSize.Shift : _bytes[slab->Class];

    private void* AllocatePages(uint pages, uint aligned)
    {
        Slab* slab = TakePages(pages, aligned, _otherOwner);
        if (slab == null)
        {
            return null;
        }

        slab->State = SlabState.Large;
        slab->Class = (byte)SizeClass.Count;
        slab->Capacity = 1;
        slab->Carved = 1;
        _largePages += pages;
        return _base + (slab->Start + Slab.OffsetBias);
    }

    private void GiveLarge(Slab* slab)
    {
        _largePages -= slab->Pages;
        GivePages(slab);
    }

    /// <summary>Gives the pages behind the first <paramref name="keep"/> back.</summary>
    private void ShrinkPages(Slab* slab, uint keep)
    {
        uint pfn = PfnOf(slab);
        uint pages = slab->Pages;
        SetOwner(pfn + keep, pages - keep, 0);
        if (pfn < PageAllocator.DmaEndPfn)
        {
            _pages->Dma.Shrink(pfn, pages, keep);
        }
        else
        {
            _pages->Normal.Shrink(pfn, pages, keep);
        }

        slab->Pages = keep;
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
