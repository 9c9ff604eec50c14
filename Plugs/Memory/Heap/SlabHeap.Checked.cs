namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Checked mode: every object carries a record of who asked for it and red zones around it, is filled when given and when taken
/// back, and the fill is looked at before the memory is used again. Each misuse is a BUG that names the object, its size, its slab and
/// who allocated it.
/// </summary>
/// <remarks>
/// A slot of a checked slab, or the pages of a checked large object:
/// <code>
///   | state | site | bytes | offset | serial | red zone ... | the object ... | red zone, at least 8 bytes |
///   0       4      8       12       16       20             offset           offset + bytes               slot's end
/// </code>
/// The state is <see cref="Alive"/>, or the word of the free list. Objects never used are given before those that were freed, so that a
/// freed
/// one keeps its fill as long as may be.
/// </remarks>
public unsafe partial struct SlabHeap
{
    /// <summary>Bytes before an object in checked mode, when its alignment asks for no more.</summary>
    public const uint CheckedHeadBytes = 32;

    /// <summary>Least bytes behind it.</summary>
    public const uint CheckedTailBytes = 8;

    private const uint Alive = 0x11ce0b17;
    private const uint SiteAt = 4;
    private const uint BytesAt = 8;
    private const uint OffsetAt = 12;
    private const uint SerialAt = 16;
    private const uint RedZoneAt = 20;
    private const byte RedZone = 0xbd;
    private const byte GivenFill = 0xa5;
    private const byte FreedFill = 0x6b;

    /// <summary>True when this heap checks.</summary>
    public bool IsChecked => _checked;

    /// <summary>Number of the next allocation in checked mode.</summary>
    public uint NextSerial => _serial;

    /// <summary>
    /// Checks the red zones of all objects and the fill of all free slots. O(bytes of the heap). The first fault is a BUG.
    /// </summary>
    /// <returns>Slots looked at; 0 without checked mode.</returns>
    public uint CheckAll()
    {
        uint slots = 0;
        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap != _number || slab->Checked == 0)
            {
                continue;
            }

            uint size = SizeOf(slab);
            byte* slot = _base + (slab->Start + Slab.OffsetBias);
            for (uint i = 0; i < slab->Carved; i++, slot += size)
            {
                slots++;
                if (IsAlive(slot))
                {
                    CheckRedZones(slab, slot);
                }
                else
                {
                    CheckFreed(slab, slot);
                }
            }
        }

        return slots;
    }

    /// <summary>Calls a visitor with every live checked object: its first byte, bytes asked for, site, serial number. O(objects).</summary>
    public void ForEachChecked(void* context, delegate*<void*, byte*, uint, uint, uint, void> visitor)
    {
        for (Slab* slab = _pool->First(); slab != null; slab = _pool->Next(slab))
        {
            if (slab->Heap != _number || slab->Checked == 0)
            {
                continue;
            }

            uint size = SizeOf(slab);
            byte* slot = _base + (slab->Start + Slab.OffsetBias);
            for (uint i = 0; i < slab->Carved; i++, slot += size)
            {
                if (IsAlive(slot))
                {
                    visitor(context, slot + CheckedOffset(slot), Word(slot, BytesAt), Word(slot, SiteAt), Word(slot, SerialAt));
                }
            }
        }
    }

    private static uint Word(byte* slot, uint at) => *(uint*)(slot + at);

    private static bool IsAlive(byte* slot) => *(uint*)slot == Alive;

    private static uint CheckedOffset(byte* slot) => Word(slot, OffsetAt);

    private void* AllocateChecked(uint bytes, uint alignment, uint site)
    {
        uint offset = alignment > CheckedHeadBytes ? alignment : CheckedHeadBytes;
        uint total = offset + bytes + CheckedTailBytes;
        if (total < bytes)
        {
            return null;
        }

        bool small = total <= SizeClass.LargestBytes;
        Slab* slab = small ? CheckedSlab(total, alignment) : TakePages(PagesOf(total), PagesOf(alignment), _otherOwner);
        if (slab == null)
        {
            return null;
        }

        byte* slot;
        if (small)
        {
            slot = TakeChecked(slab);
        }
        else
        {
            slab->State = SlabState.Large;
            slab->Class = (byte)SizeClass.Count;
            slab->Capacity = 1;
            slab->Carved = 1;
            _largePages += slab->Pages;
            slot = _base + (slab->Start + Slab.OffsetBias);
        }

        *(uint*)slot = Alive;
        *(uint*)(slot + SiteAt) = site;
        *(uint*)(slot + BytesAt) = bytes;
        *(uint*)(slot + OffsetAt) = offset;
        *(uint*)(slot + SerialAt) = _serial++;
        Fill(slot + RedZoneAt, slot + offset, RedZone);
        Fill(slot + offset, slot + offset + bytes, GivenFill);
        Fill(slot + offset + bytes, slot + SizeOf(slab), RedZone);
        return slot + offset;
    }

    /// <summary>A slab with room for slots of at least so many bytes, in its class's list.</summary>
    private Slab* CheckedSlab(uint total, uint alignment)
    {
        uint sizeClass = ClassOf(total);
        while ((_bytes[sizeClass] & (alignment - 1)) != 0)
        {
            sizeClass++;
        }

        uint first = _partial[sizeClass];
        if (first != 0)
        {
            return _pool->At(first);
        }

        Slab* slab = MakeSlab(sizeClass);
        if (slab != null)
        {
            Link(slab);
        }

        return slab;
    }

    private byte* TakeChecked(Slab* slab)
    {
        byte* slot;
        if (slab->Carved < slab->Capacity)
        {
            slot = _base + (slab->Start + Slab.OffsetBias + (slab->Carved * _bytes[slab->Class]));
            slab->Carved++;
        }
        else
        {
            slot = _base + (slab->Start + (slab->Free & Slab.OffsetMask));
            CheckFreed(slab, slot);
            slab->Free = *(uint*)slot;
        }

        if (slab->Carved == slab->Capacity && slab->Free == Slab.NoneFree)
        {
            Unlink(slab);
        }

        return slot;
    }

    private void FreeChecked(Slab* slab, uint address)
    {
        uint start = slab->Start + Slab.OffsetBias;
        uint size = SizeOf(slab);
        byte* slot = SlotOf(slab, address);
        if (slot == null)
        {
            _log->Bug(
                "heap: free of %x, which was never given out: slab %x of %d-byte slots gave %d so far",
                address,
                start,
                size,
                slab->Carved);
            return;
        }

        byte* memory = _base + address;
        if (!IsAlive(slot))
        {
            CheckFreed(slab, slot);
            _log->Bug(
                "heap: double free of %x: the object %x (%d bytes, asked for by %x, allocation %d) in slab %x of %d-byte slots"
                    + " is free already",
                address,
                Physical(slot + CheckedOffset(slot)),
                Word(slot, BytesAt),
                Word(slot, SiteAt),
                Word(slot, SerialAt),
                start,
                size);
            return;
        }

        CheckRedZones(slab, slot);
        if (memory != slot + CheckedOffset(slot))
        {
            _log->Bug(
                "heap: free of %x, which is no object's start: the object %x (%d bytes, asked for by %x, allocation %d) in slab"
                    + " %x of %d-byte slots lies there",
                address,
                Physical(slot + CheckedOffset(slot)),
                Word(slot, BytesAt),
                Word(slot, SiteAt),
                Word(slot, SerialAt),
                start,
                size);
            return;
        }

        ReleaseChecked(slab, slot);
        if (slab->State == SlabState.Large)
        {
            GiveLarge(slab);
        }
        else
        {
            Returned(slab);
        }
    }

    /// <summary>Fills a slot and puts it into its slab's list.</summary>
    private void ReleaseChecked(Slab* slab, byte* slot)
    {
        uint offset = CheckedOffset(slot);
        Fill(slot + offset, slot + offset + Word(slot, BytesAt), FreedFill);
        *(uint*)slot = slab->Free;
        slab->Free = (slab->Free & ~Slab.OffsetMask) + Slab.CountStep + (Physical(slot) - slab->Start);
    }

    private uint SweepChecked(Slab* slab, uint mark)
    {
        uint live = 0;
        uint size = SizeOf(slab);
        byte* slot = _base + (slab->Start + Slab.OffsetBias);
        for (uint i = 0; i < slab->Carved; i++, slot += size)
        {
            if (!IsAlive(slot))
            {
                continue;
            }

            CheckRedZones(slab, slot);
            uint* type = (uint*)(slot + CheckedOffset(slot));
            if ((*type & mark) != 0)
            {
                *type &= ~mark;
                live++;
            }
            else if (slab->State != SlabState.Large)
            {
                ReleaseChecked(slab, slot);
            }
        }

        if (slab->State == SlabState.Large)
        {
            if (live == 0)
            {
                GiveLarge(slab);
            }
        }
        else if (live == 0)
        {
            GiveSlab(slab);
        }
        else
        {
            Place(slab);
        }

        return live;
    }

    private uint CheckedSize(Slab* slab, uint address)
    {
        byte* slot = SlotOf(slab, address);
        if (slot == null || !IsAlive(slot) || _base + address != slot + CheckedOffset(slot))
        {
            // Says what is wrong with it.
            FreeChecked(slab, address);
            return 0;
        }

        return Word(slot, BytesAt);
    }

    private void CheckRedZones(Slab* slab, byte* slot)
    {
        uint offset = CheckedOffset(slot);
        uint bytes = Word(slot, BytesAt);
        uint size = SizeOf(slab);
        uint start = slab->Start + Slab.OffsetBias;
        if (offset < CheckedHeadBytes || offset > size || bytes > size - offset)
        {
            _log->Bug(
                "heap: the record of the object in slot %x (slab %x of %d-byte slots) is overwritten: it says %d bytes at offset"
                    + " %d, asked for by %x",
                Physical(slot),
                start,
                size,
                bytes,
                offset,
                Word(slot, SiteAt));
            return;
        }

        byte* bad = FirstOther(slot + RedZoneAt, slot + offset, RedZone);
        if (bad != null)
        {
            _log->Bug(
                "heap: write before the object %x (%d bytes, asked for by %x, allocation %d; slab %x of %d-byte slots): found %x at %x",
                Physical(slot + offset),
                bytes,
                Word(slot, SiteAt),
                Word(slot, SerialAt),
                start,
                size,
                *bad,
                Physical(bad));
            return;
        }

        bad = FirstOther(slot + offset + bytes, slot + size, RedZone);
        if (bad != null)
        {
            _log->Bug(
                "heap: write past the object %x (%d bytes, asked for by %x, allocation %d; slab %x of %d-byte slots): found %x at %x",
                Physical(slot + offset),
                bytes,
                Word(slot, SiteAt),
                Word(slot, SerialAt),
                start,
                size,
                *bad,
                Physical(bad));
        }
    }

    private void CheckFreed(Slab* slab, byte* slot)
    {
        uint offset = CheckedOffset(slot);
        uint bytes = Word(slot, BytesAt);
        uint size = SizeOf(slab);
        uint start = slab->Start + Slab.OffsetBias;
        if (offset < CheckedHeadBytes || offset > size || bytes > size - offset)
        {
            _log->Bug(
                "heap: the record of the freed object in slot %x (slab %x of %d-byte slots) is overwritten: it says %d bytes at"
                    + " offset %d, asked for by %x",
                Physical(slot),
                start,
                size,
                bytes,
                offset,
                Word(slot, SiteAt));
            return;
        }

        byte* bad = FirstOther(slot + RedZoneAt, slot + offset, RedZone);
        if (bad == null)
        {
            bad = FirstOther(slot + offset, slot + offset + bytes, FreedFill);
        }

        if (bad == null)
        {
            bad = FirstOther(slot + offset + bytes, slot + size, RedZone);
        }

        if (bad != null)
        {
            _log->Bug(
                "heap: write after free into the object %x (%d bytes, asked for by %x, allocation %d; slab %x of %d-byte slots):"
                    + " found %x at %x",
                Physical(slot + offset),
                bytes,
                Word(slot, SiteAt),
                Word(slot, SerialAt),
                start,
                size,
                *bad,
                Physical(bad));
        }
    }

    private uint Physical(byte* memory) => (uint)(memory - _base);

    private static void Fill(byte* from, byte* end, byte value)
    {
        for (; from < end; from++)
        {
            *from = value;
        }
    }

    private static byte* FirstOther(byte* from, byte* end, byte value)
    {
        for (; from < end; from++)
        {
            if (*from != value)
            {
                return from;
            }
        }

        return null;
    }
}
