using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>Counts of the heap, giving back what it keeps in reserve, and the self-check.</summary>
public unsafe partial struct SlabHeap
{
    /// <summary>Pages that are slabs now.</summary>
    public uint SlabPages => _slabPages;

    /// <summary>Pages that are large objects now.</summary>
    public uint LargePages => _largePages;

    /// <summary>Free pages that allocations of this heap leave alone.</summary>
    public uint Floor => _floor;

    /// <summary>
    /// From now on an allocation that would leave less than so many free pages gets null. Objects of slabs with room are still given.
    /// </summary>
    /// <param name="pages">How many; 0 for none.</param>
    /// <param name="sparesDma">Take no page of the DMA zone either, on a machine that has others.</param>
    public void SetFloor(uint pages, bool sparesDma)
    {
        _floor = pages;
        _sparesDma = sparesDma && _pages->Normal.ManagedPages != 0;
    }

    /// <summary>
    /// Bytes of the objects that a page of this heap holds: a class's size, or all of a large object's; 0 for a page that is not the
    /// heap's. O(1).
    /// </summary>
    public uint OwnedBytes(uint pfn)
    {
        Slab* slab = pfn < _endPfn ? OwnerOf(pfn << PageSize.Shift) : null;
        return slab == null ? 0 : SizeOf(slab);
    }

    /// <summary>Objects handed out and not given back, small and large. O(slabs).</summary>
    public uint Objects
    {
        get
        {
            uint objects = 0;
            for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
            {
                objects += slab->Heap == _number ? slab->Used : 0;
            }

            return objects;
        }
    }

    /// <summary>Counts one class, or with <see cref="SizeClass.Count"/> the large objects. O(slabs).</summary>
    /// <param name="sizeClass">0..<see cref="SizeClass.Count"/>.</param>
    /// <param name="slabs">Receives the number of slabs.</param>
    /// <param name="pages">Receives their pages.</param>
    /// <param name="objects">Receives the objects that they can hold.</param>
    /// <param name="used">Receives those handed out.</param>
    public void Count(uint sizeClass, out uint slabs, out uint pages, out uint objects, out uint used)
    {
        slabs = 0;
        pages = 0;
        objects = 0;
        used = 0;
        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap == _number && slab->Class == sizeClass && slab->State != SlabState.Sentinel)
            {
                slabs++;
                pages += slab->Pages;
                objects += slab->Capacity;
                used += slab->Used;
            }
        }
    }

    /// <summary>
    /// Gives the empty slabs that were kept in reserve back to the page allocator. The pool's own pages: <see cref="SlabPool.Trim"/>.
    /// O(slabs).
    /// </summary>
    public void Trim()
    {
        Slab* next;
        for (Slab* slab = _pool->First(); slab != null; slab = next)
        {
            next = _pool->Next(slab);
            if (slab->Heap != _number || slab->Used != 0)
            {
                continue;
            }

            if (slab->State == SlabState.Current)
            {
                _current[slab->Class] = _sentinel;
                GiveSlab(slab);
            }
            else if (slab->State == SlabState.Partial)
            {
                Unlink(slab);
                GiveSlab(slab);
            }
        }
    }

    /// <summary>
    /// Checks the heap against itself: every page's word, every free list (inside its slab, no object twice, as many as counted), every
    /// slab in the
    /// list that its state says. O(objects + pages); for the self-test.
    /// </summary>
    /// <returns>Address of the slab where something is wrong, or 0 when all is well.</returns>
    public uint FindFault()
    {
        uint slabPages = 0;
        uint largePages = 0;
        uint partial = 0;
        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap != _number || slab->State == SlabState.Sentinel)
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

            if (!IsSound(slab))
            {
                return slab->Start + Slab.OffsetBias;
            }
        }

        for (uint i = 0; i < SizeClass.Count; i++)
        {
            uint previous = 0;
            for (uint address = _partial[i]; address != 0; address = _pool->At(address)->Next)
            {
                Slab* slab = _pool->At(address);
                if (slab->State != SlabState.Partial || slab->Class != i || slab->Previous != previous || partial == 0)
                {
                    return address;
                }

                partial--;
                previous = address;
            }

            if (_current[i] != _sentinel && _pool->At(_current[i])->State != SlabState.Current)
            {
                return _current[i];
            }
        }

        return partial != 0 || slabPages != _slabPages || largePages != _largePages ? _sentinel : 0;
    }

    private bool IsSound(Slab* slab)
    {
        uint owner = (slab->State == SlabState.Large || slab->Checked != 0 ? _otherOwner : _slabOwner) + (
            _pool->AddressOf(slab) >> Slab.BytesShift);
        uint pfn = PfnOf(slab);
        for (uint i = 0; i < slab->Pages; i++)
        {
            if (_frames[pfn + i].Back != owner)
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
            return slab->FreeCount == 0;
        }

        uint bytes = _bytes[slab->Class];
        uint word = slab->Free;
        for (uint left = slab->FreeCount; left != 0; left--)
        {
            uint offset = (word & Slab.OffsetMask) - Slab.OffsetBias;
            if ((word & Slab.FreeTag) == 0 || (word & ~Slab.FreeTag) >> Slab.CountShift != left || offset % bytes != 0
                || offset / bytes >= slab->Carved)
            {
                return false;
            }

            word = *(uint*)(_base + (slab->Start + Slab.OffsetBias + offset));
        }

        return word == Slab.NoneFree;
    }
}
