using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>Objects of whole pages: exactly as many as they need, with a descriptor each.</summary>
public unsafe struct LargeObjects
{
    private HeapPages* _source;
    private uint _pages;

    /// <summary>Pages that are large objects now.</summary>
    internal readonly uint Pages => _pages;

    /// <summary>Starts without objects. The source must not move.</summary>
    internal void Init(HeapPages* source)
    {
        _source = source;
        _pages = 0;
    }

    /// <summary>Takes pages for one object.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="aligned">Start at a multiple of that many pages, a power of two of at most the largest block.</param>
    /// <returns>The descriptor, or null when no memory is left above the floor.</returns>
    internal Slab* Take(uint pages, uint aligned)
    {
        Slab* slab = _source->Take(pages, aligned, SlabState.Large);
        if (slab != null)
        {
            slab->Class = (byte)SizeClass.Count;
            slab->Capacity = 1;
            slab->Carved = 1;
            _pages += slab->Pages;
        }

        return slab;
    }

    /// <summary>Gives an object's pages back.</summary>
    internal void Give(Slab* slab)
    {
        _pages -= slab->Pages;
        _source->GiveLarge(slab);
    }

    /// <summary>Gives the pages behind the first <paramref name="keep"/> back; those are at most what the object has.</summary>
    internal void Shrink(Slab* slab, uint keep)
    {
        if (keep < slab->Pages)
        {
            _pages -= slab->Pages - keep;
            _source->Shrink(slab, keep);
        }
    }
}
