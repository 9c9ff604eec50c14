namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What a collector needs of the heap: the object around an address, a walk over all, and the sweep.</summary>
/// <remarks>
/// The collector marks a live object by setting a bit in its first word: one that is clear in every first word (a type's address or
/// number), is not <see cref="Slab.FreeTag"/> and is one of bits 0..2 or 31, which are clear in the free list's words too.
/// </remarks>
public unsafe partial struct SlabHeap
{
    /// <summary>The live object that a physical address points at or into, or null. O(1), no division. For a conservative scan.</summary>
    public void* Find(uint address)
    {
        Slab* slab = OwnerOf(address);
        if (slab == null)
        {
            return null;
        }

        byte* memory = SlotOf(slab, address);
        if (memory == null)
        {
            return null;
        }

        if (slab->Checked != 0)
        {
            return IsAlive(memory) ? memory + CheckedOffset(memory) : null;
        }

        return slab->State == SlabState.Large || (*(uint*)memory & Slab.FreeTag) == 0 ? memory : null;
    }

    /// <summary>
    /// Frees every object that has no mark, and takes the marks away. Free lists are made anew in address order; slabs without a live
    /// object give their pages back. About 10 instructions an object.
    /// </summary>
    /// <param name="mark">The bit.</param>
    /// <param name="live">Receives the number of objects that stay.</param>
    public void Sweep(uint mark, out uint live)
    {
        live = 0;
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            _current[i] = _sentinel;
            _partial[i] = 0;
        }

        Slab* next;
        for (Slab* slab = _pool->First(); slab != null; slab = next)
        {
            next = _pool->Next(slab);
            if (slab->Heap != _number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            if (slab->Checked != 0)
            {
                live += SweepChecked(slab, mark);
            }
            else if (slab->State == SlabState.Large)
            {
                live += SweepLarge(slab, mark);
            }
            else
            {
                live += SweepSlab(slab, mark);
            }
        }
    }

    /// <summary>
    /// Calls a visitor with every live object's first byte; it must neither allocate nor free. For a collector that ran out of mark stack,
    /// and for lists. O(objects).
    /// </summary>
    public void ForEachLive(void* context, delegate*<void*, byte*, void> visitor)
    {
        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap != _number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            uint bytes = SizeOf(slab);
            byte* slot = _base + (slab->Start + Slab.OffsetBias);
            for (uint i = 0; i < slab->Carved; i++, slot += bytes)
            {
                if (slab->Checked != 0)
                {
                    if (IsAlive(slot))
                    {
                        visitor(context, slot + CheckedOffset(slot));
                    }
                }
                else if (slab->State == SlabState.Large || (*(uint*)slot & Slab.FreeTag) == 0)
                {
                    visitor(context, slot);
                }
            }
        }
    }

    /// <summary>
    /// As <see cref="ForEachLive"/>, for those objects only whose first word has any of some bits: for a collector whose roots are marked
    /// there. Not in checked mode,
    /// where it calls the visitor with all. O(objects), about 8 instructions for one that has none.
    /// </summary>
    /// <param name="bits">The bits; <see cref="Slab.FreeTag"/> is not one of them.</param>
    /// <param name="context">Handed to the visitor.</param>
    /// <param name="visitor">Must neither allocate nor free.</param>
    public void ForEachWith(uint bits, void* context, delegate*<void*, byte*, void> visitor)
    {
        if (_checked)
        {
            ForEachLive(context, visitor);
            return;
        }

        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap != _number || slab->State == SlabState.Sentinel)
            {
                continue;
            }

            uint bytes = SizeOf(slab);
            byte* slot = _base + (slab->Start + Slab.OffsetBias);
            byte* end = slot + (slab->Carved * bytes);
            bool large = slab->State == SlabState.Large;
            for (; slot < end; slot += bytes)
            {
                uint word = *(uint*)slot;
                if ((word & bits) != 0 && (large || (word & Slab.FreeTag) == 0))
                {
                    visitor(context, slot);
                }

                if (large)
                {
                    break;
                }
            }
        }
    }

    private uint SweepSlab(Slab* slab, uint mark)
    {
        uint bytes = _bytes[slab->Class];
        byte* first = _base + (slab->Start + Slab.OffsetBias);
        byte* end = first + (slab->Carved * bytes);
        byte* memory = end;
        do
        {
            if (memory == first)
            {
                GiveSlab(slab);
                return 0;
            }

            memory -= bytes;
        }
        while ((*(uint*)memory & mark) == 0);

        // From the last to the first, so that the list ascends.
        uint offset = (slab->Carved * bytes) + Slab.OffsetBias;
        uint count = Slab.FreeTag;
        uint list = Slab.NoneFree;
        memory = end;
        do
        {
            memory -= bytes;
            offset -= bytes;
            uint word = *(uint*)memory;
            if ((word & mark) != 0)
            {
                *(uint*)memory = word ^ mark;
            }
            else
            {
                *(uint*)memory = list;
                count += Slab.CountStep;
                list = count + offset;
            }
        }
        while (memory != first);

        slab->Free = list;
        Place(slab);
        return slab->Used;
    }

    /// <summary>After a sweep: a slab with room goes into its class's list.</summary>
    private void Place(Slab* slab)
    {
        if (slab->Used == slab->Capacity)
        {
            slab->State = SlabState.Full;
            slab->Edge = 0;
            slab->Next = 0;
            slab->Previous = 0;
        }
        else
        {
            Link(slab);
        }
    }

    private uint SweepLarge(Slab* slab, uint mark)
    {
        uint* memory = (uint*)(_base + (slab->Start + Slab.OffsetBias));
        if ((*memory & mark) == 0)
        {
            GiveLarge(slab);
            return 0;
        }

        *memory &= ~mark;
        return 1;
    }

    /// <summary>First byte of the object that an address of a slab lies in; null if it was never handed out.</summary>
    private byte* SlotOf(Slab* slab, uint address)
    {
        uint offset = address - (slab->Start + Slab.OffsetBias);
        if (slab->State == SlabState.Large)
        {
            return _base + (address - offset);
        }

        uint index = ((offset >> SizeClass.GrainShift) * _reciprocal[slab->Class]) >> ReciprocalShift;
        return index < slab->Carved ? _base + (address - offset + (index * _bytes[slab->Class])) : null;
    }
}
