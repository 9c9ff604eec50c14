using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The form of an object in checked mode: a record of who asked for it and red zones around it; filled when given and when taken back.
/// Each check that fails is a BUG that names the object, its size, its slab and who allocated it.
/// </summary>
/// <remarks>
/// A slot of a checked slab, or the pages of a checked large object:
/// <code>
///   | state | site | bytes | offset | serial | red zone ... | the object ... | red zone, at least 8 bytes |
///   0       4      8       12       16       20             offset           offset + bytes               slot's end
/// </code>
/// The state is <see cref="Alive"/>, or the word of the free list. Objects never used are given before those that were freed, so that a
/// freed one keeps its fill as long as may be.
/// </remarks>
public unsafe struct CheckedBlocks
{
    /// <summary>Bytes before an object, when its alignment asks for no more.</summary>
    public const uint HeadBytes = 32;

    /// <summary>Least bytes behind it.</summary>
    public const uint TailBytes = 8;

    private const uint Alive = 0x11ce0b17;
    private const uint SiteAt = 4;
    private const uint BytesAt = 8;
    private const uint OffsetAt = 12;
    private const uint SerialAt = 16;
    private const uint RedZoneAt = 20;
    private const byte RedZone = 0xbd;
    private const byte GivenFill = 0xa5;
    private const byte FreedFill = 0x6b;

    private MemoryBase _base;
    private KernelLog* _log;
    private uint _serial;

    /// <summary>Starts with allocation 0.</summary>
    internal void Init(KernelLog* log, MemoryBase memory)
    {
        _log = log;
        _base = memory;
        _serial = 0;
    }

    /// <summary>True for a slot whose object is handed out.</summary>
    internal static bool IsAlive(byte* slot) => *(uint*)slot == Alive;

    /// <summary>Bytes from the slot's start to the object.</summary>
    internal static uint Offset(byte* slot) => Word(slot, OffsetAt);

    /// <summary>Bytes asked for.</summary>
    internal static uint BytesOf(byte* slot) => Word(slot, BytesAt);

    /// <summary>Who asked.</summary>
    internal static uint SiteOf(byte* slot) => Word(slot, SiteAt);

    /// <summary>Number of the allocation.</summary>
    internal static uint SerialOf(byte* slot) => Word(slot, SerialAt);

    /// <summary>Physical address of a byte of memory.</summary>
    internal uint Physical(byte* memory) => (uint)(memory - _base.Start);

    /// <summary>Makes a slot of <paramref name="size"/> bytes an object that is handed out.</summary>
    /// <returns>The object.</returns>
    internal byte* Write(byte* slot, uint size, uint offset, uint bytes, uint site)
    {
        *(uint*)slot = Alive;
        *(uint*)(slot + SiteAt) = site;
        *(uint*)(slot + BytesAt) = bytes;
        *(uint*)(slot + OffsetAt) = offset;
        *(uint*)(slot + SerialAt) = _serial++;
        Fill(slot + RedZoneAt, slot + offset, RedZone);
        Fill(slot + offset, slot + offset + bytes, GivenFill);
        Fill(slot + offset + bytes, slot + size, RedZone);
        return slot + offset;
    }

    /// <summary>Fills a slot and puts it into its slab's list.</summary>
    internal void Release(Slab* slab, byte* slot)
    {
        uint offset = Offset(slot);
        Fill(slot + offset, slot + offset + Word(slot, BytesAt), FreedFill);
        *(uint*)slot = slab->Free;
        slab->Free = (slab->Free & ~Slab.OffsetMask) + Slab.CountStep + (Physical(slot) - slab->Start + Slab.OffsetBias);
    }

    /// <summary>Checks the record and the red zones of an object that is handed out.</summary>
    internal void CheckRedZones(Slab* slab, byte* slot, uint size)
    {
        uint offset = Offset(slot);
        uint bytes = Word(slot, BytesAt);
        uint start = slab->Start;
        if (offset < HeadBytes || offset > size || bytes > size - offset)
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

    /// <summary>Checks the record, the red zones and the fill of an object that was taken back.</summary>
    internal void CheckFreed(Slab* slab, byte* slot, uint size)
    {
        uint offset = Offset(slot);
        uint bytes = Word(slot, BytesAt);
        uint start = slab->Start;
        if (offset < HeadBytes || offset > size || bytes > size - offset)
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

    private static uint Word(byte* slot, uint at) => *(uint*)(slot + at);

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
