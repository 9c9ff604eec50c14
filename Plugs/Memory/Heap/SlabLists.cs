using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The slabs of a heap by class: how large their objects are, which slabs have room, and how slabs are made and given back. Which one
/// is current is the heap's business.
/// </summary>
public unsafe struct SlabLists
{
    // The index of an object is its offset / 8 times 2^20 / (bytes / 8); the latter comes from the reciprocal of 32 bits.
    private const int IndexShift = 20;
    private const int CoarseShift = 9;

    /// <summary>Slabs with room of a class that are kept although they are empty.</summary>
    private const uint Kept = 3;

    private MemoryBase _base;
    private HeapPages* _pages;
    private ClassTable* _classes;
    private KernelLog* _log;
    private uint _slabPages;

    /// <summary>First slab with room of each class, or 0.</summary>
    private fixed uint _partial[(int)SizeClass.Count];

    /// <summary>Pages that are slabs now.</summary>
    internal readonly uint Pages => _slabPages;

    /// <summary>Starts without slabs. The struct and <paramref name="pages"/> must not move.</summary>
    internal void Init(KernelLog* log, MemoryBase memory, HeapPages* pages)
    {
        _log = log;
        _base = memory;
        _pages = pages;
        _classes = &pages->Pool->Classes;
        _slabPages = 0;
        Drop();
    }

    /// <summary>Empties the lists of all classes. The slabs stay.</summary>
    internal void Drop()
    {
        fixed (uint* partial = _partial)
        {
            Words.Set(partial, SizeClass.Count, 0);
        }
    }

    /// <summary>Bytes of a class's objects.</summary>
    internal uint Bytes(uint sizeClass) => _classes->Bytes[sizeClass];

    /// <summary>Descriptor address of the first slab with room of a class, or 0.</summary>
    internal uint FirstPartial(uint sizeClass) => _partial[sizeClass];

    /// <summary>Bytes of each object of a slab, or all pages of a large object.</summary>
    internal uint SizeOf(Slab* slab) => slab->State == SlabState.Large ? slab->Pages << PageSize.Shift : Bytes(slab->Class);

    /// <summary>First byte of the object that an address of a slab lies in; null if it was never handed out.</summary>
    internal byte* SlotOf(Slab* slab, uint address)
    {
        uint offset = address - slab->Start;
        if (slab->State == SlabState.Large)
        {
            return _base.Start + (address - offset);
        }

        uint index = ((offset >> SizeClass.GrainShift) * ((slab->Reciprocal >> CoarseShift) + 1)) >> IndexShift;
        return index < slab->Carved ? _base.Start + (address - offset + (index * Bytes(slab->Class))) : null;
    }

    /// <summary>Says that the first so many objects of a slab were handed out.</summary>
    internal void SetCarved(Slab* slab, uint carved)
    {
        slab->Carved = (ushort)carved;
        slab->Limit = carved * (slab->Reciprocal * Bytes(slab->Class));
    }

    /// <summary>A slab with room that is in no list: the first partial one, else a new one.</summary>
    internal Slab* WithRoom(uint sizeClass)
    {
        uint first = _partial[sizeClass];
        if (first == 0)
        {
            return Make(sizeClass);
        }

        Slab* slab = _pages->Pool->At(first);
        Unlink(slab);
        return slab;
    }

    /// <summary>A new slab in no list. When the class's order is not to be had, a smaller one that holds an object will do.</summary>
    internal Slab* Make(uint sizeClass)
    {
        uint bytes = Bytes(sizeClass);
        for (uint order = _classes->Order[sizeClass]; ; order--)
        {
            uint pages = 1u << (int)order;
            Slab* slab = _pages->Take(pages, 1, SlabState.Full);
            if (slab != null)
            {
                slab->Capacity = (ushort)((pages << PageSize.Shift) / bytes);
                slab->Class = (byte)sizeClass;
                slab->Reciprocal = _classes->Reciprocal[sizeClass];
                _slabPages += pages;
                return slab;
            }

            if (order == 0)
            {
                return null;
            }
        }
    }

    /// <summary>Gives back a slab that is in no list.</summary>
    internal void Give(Slab* slab)
    {
        _slabPages -= slab->Pages;
        _pages->GiveSlab(slab);
    }

    /// <summary>An object came back into a slab: it may have room again, or be empty.</summary>
    internal void Returned(Slab* slab)
    {
        uint used = slab->Used;
        if (used > slab->Carved)
        {
            _log->Bug(
                "heap: slab %x of %d-byte objects got more back than the %d it gave: an object was freed twice",
                slab->Start,
                Bytes(slab->Class),
                slab->Carved);
            return;
        }

        if (slab->State == SlabState.Full)
        {
            Link(slab);
        }

        if (used == 0 && slab->State == SlabState.Partial && HasMoreThanKept(slab->Class))
        {
            Unlink(slab);
            Give(slab);
        }
    }

    /// <summary>True if more slabs of a class have room than are kept when they are empty.</summary>
    private bool HasMoreThanKept(uint sizeClass)
    {
        uint left = Kept;
        for (uint address = _partial[sizeClass]; address != 0; address = _pages->Pool->At(address)->Next)
        {
            if (left == 0)
            {
                return true;
            }

            left--;
        }

        return false;
    }

    /// <summary>After a sweep: a slab with room goes into its class's list.</summary>
    internal void Place(Slab* slab)
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

    /// <summary>Puts a slab with room at the head of its class's list.</summary>
    internal void Link(Slab* slab)
    {
        uint address = _pages->Pool->AddressOf(slab);
        uint next = _partial[slab->Class];
        slab->State = SlabState.Partial;
        slab->Edge = EdgeOf(slab);
        slab->Previous = 0;
        slab->Next = next;
        if (next != 0)
        {
            _pages->Pool->At(next)->Previous = address;
        }

        _partial[slab->Class] = address;
    }

    /// <summary>Takes a slab out of its class's list.</summary>
    internal void Unlink(Slab* slab)
    {
        if (slab->Previous != 0)
        {
            _pages->Pool->At(slab->Previous)->Next = slab->Next;
        }
        else
        {
            _partial[slab->Class] = slab->Next;
        }

        if (slab->Next != 0)
        {
            _pages->Pool->At(slab->Next)->Previous = slab->Previous;
        }

        slab->Next = 0;
        slab->Previous = 0;
        slab->Edge = 0;
        slab->State = SlabState.Full;
    }

    private static uint EdgeOf(Slab* slab) => Slab.FreeMark | ((uint)slab->Carved << Slab.CountShift);
}
