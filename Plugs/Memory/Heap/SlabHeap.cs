using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// A heap of objects from 1 byte up: small ones from slabs (Bonwick 1994, laid out as in SLUB: free list in the objects, nothing else
/// in the slab), larger ones from whole pages, exactly as many as they need.
/// </summary>
/// <remarks>
/// Vocabulary. A slab is 1..8 pages cut into objects of one <see cref="SizeClass"/>; its descriptor (<see cref="Slab"/>) lies elsewhere.
/// Each class has
/// one current slab, from which it allocates, and a list of partial ones, which have room; full slabs are in no list, and come into it
/// with the first object that is given back. An empty slab's pages go back to the page allocator, but for the current one and
/// one partial.
/// <para>
/// Way from an address to its object: page frame -> owner's word (which heap, which descriptor) -> slab -> index. Every page of a
/// slab or a large object carries the word, so it is one step from any interior pointer too.
/// </para>
/// <para>
/// Two heaps of a machine share pages and descriptors: one for whoever asks and gives back (<see cref="MachineMemory.Raw"/>), one for
/// the objects of <c>new</c>, which a collector sweeps (<see cref="MachineMemory.Heap"/>). A heap may be told to leave some pages alone
/// (<see cref="SetFloor"/>); it then says no while there is still memory to react with.
/// </para>
/// <para>
/// Checked mode (SlabHeap.Checked.cs) costs nothing while it is off: no class ever gets a current slab and its pages carry another word, so
/// both
/// hot paths end in the slow ones by the tests that they make anyway.
/// </para>
/// Files: SlabHeap.cs (hot paths), .Slabs.cs (slabs and their lists), .Large.cs (whole pages, aligned objects, growing), .Sweep.cs (for a
/// collector),
/// .Checked.cs (red zones), .Inspect.cs (counts and self-check). Nothing here is thread-safe, nor to be called from an interrupt.
/// </remarks>
public unsafe partial struct SlabHeap
{
    private byte* _base;
    private PageFrame* _frames;
    private uint _endPfn;

    /// <summary>Word of this heap's slab pages, descriptor 0; <see cref="_otherOwner"/> of its large and checked pages.</summary>
    private uint _slabOwner;
    private uint _otherOwner;

    /// <summary>Descriptor address of each class's current slab; the sentinel's if it has none.</summary>
    private fixed uint _current[(int)SizeClass.Count];

    /// <summary>Class of a size: index (bytes - 1) / 8.</summary>
    private fixed byte _classOf[(int)Grains];

    /// <summary>First slab with room of each class, or 0.</summary>
    private fixed uint _partial[(int)SizeClass.Count];

    private fixed uint _bytes[(int)SizeClass.Count];
    private fixed byte _order[(int)SizeClass.Count];

    /// <summary>
    /// 2^20 / (bytes / 8), rounded up: index of an object without a division. Exact, for offset/8 times bytes/8 stays below 2^20.
    /// </summary>
    private fixed uint _reciprocal[(int)SizeClass.Count];

    private KernelLog* _log;
    private PageAllocator* _pages;
    private SlabPool* _pool;
    private uint _sentinel;
    private uint _number;
    private uint _floor;
    private uint _lowestPfn;
    private bool _sparesDma;
    private uint _slabPages;
    private uint _largePages;
    private uint _serial;
    private bool _checked;

    private const int ReciprocalShift = 20;

    /// <summary>Sizes that the heap tells apart, in steps of 8 bytes.</summary>
    private const uint Grains = SizeClass.LargestBytes >> SizeClass.GrainShift;

    /// <summary>Starts without slabs; takes one descriptor. Panics when there is not one page.</summary>
    /// <param name="log">Where misuse is reported.</param>
    /// <param name="physical">The way to memory.</param>
    /// <param name="pages">Where pages come from; set up already.</param>
    /// <param name="pool">The descriptors, shared with other heaps.</param>
    /// <param name="number">0..5: tells the machine's heaps apart.</param>
    /// <param name="lowestPfn">Take no page below this, at most <see cref="PageAllocator.DmaEndPfn"/>. A heap that is scanned
    /// conservatively keeps clear of the first
    /// mebibyte, whose addresses are numbers that any program has on its stack.</param>
    /// <param name="check">Every object gets red zones, a record of who asked for it, and a fill that is checked.</param>
    public void Init(
        KernelLog* log,
        PhysicalMemory* physical,
        PageAllocator* pages,
        SlabPool* pool,
        uint number,
        uint lowestPfn,
        bool check)
    {
        _log = log;
        _base = physical->At(0);
        _pages = pages;
        _pool = pool;
        _frames = pages->Dma.Frames;
        _endPfn = pages->EndPfn;
        _number = number;
        _slabOwner = ((2 * number) + 1) << PageFrame.TagShift;
        _otherOwner = _slabOwner + PageFrame.TagStep;
        _floor = 0;
        _lowestPfn = lowestPfn;
        _sparesDma = false;
        _slabPages = 0;
        _largePages = 0;
        _serial = 0;
        _checked = check;
        Slab* sentinel = pool->Take();
        if (sentinel == null)
        {
            log->Panic("No memory for the heap's first page: found %d free pages, needed 1", pages->FreePageCount);
            return;
        }

        sentinel->State = SlabState.Sentinel;
        sentinel->Heap = (byte)number;
        sentinel->Free = Slab.NoneFree;
        _sentinel = pool->AddressOf(sentinel);
        uint grains = 0;
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            uint bytes = SizeClass.Bytes(i);
            _bytes[i] = bytes;
            _order[i] = (byte)SizeClass.SlabOrder(i);
            _reciprocal[i] = ((1u << ReciprocalShift) + (bytes >> SizeClass.GrainShift) - 1) / (bytes >> SizeClass.GrainShift);
            _current[i] = _sentinel;
            _partial[i] = 0;
            for (; grains < bytes >> SizeClass.GrainShift; grains++)
            {
                _classOf[grains] = (byte)i;
            }
        }
    }

    /// <summary>
    /// Memory of at least <paramref name="bytes"/>, 8-byte aligned, its content undefined. Constant time; about 20 instructions while
    /// the class's current slab has a used object to give.
    /// </summary>
    /// <param name="bytes">0 counts as 1.</param>
    /// <param name="site">Who asks: any number, shown by the checks and the leak list.</param>
    /// <returns>Null when no memory is left above the floor.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Allocate(uint bytes, uint site)
    {
        uint grains = (bytes - 1) >> SizeClass.GrainShift;
        if (grains >= Grains)
        {
            return AllocateSlowly(bytes, site);
        }

        Slab* slab = (Slab*)(_base + _current[_classOf[grains]]);
        uint first = slab->Free & Slab.OffsetMask;
        if (first == 0)
        {
            return AllocateSlowly(bytes, site);
        }

        byte* memory = _base + (slab->Start + first);
        slab->Free = *(uint*)memory;
        return memory;
    }

    /// <summary>
    /// The hot half of <see cref="Allocate"/> alone: null does not mean that memory is out, but that <see cref="AllocateSlowly"/> must be
    /// asked.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* AllocateQuickly(uint bytes)
    {
        uint grains = (bytes - 1) >> SizeClass.GrainShift;
        if (grains >= Grains)
        {
            return null;
        }

        Slab* slab = (Slab*)(_base + _current[_classOf[grains]]);
        uint first = slab->Free & Slab.OffsetMask;
        if (first == 0)
        {
            return null;
        }

        byte* memory = _base + (slab->Start + first);
        slab->Free = *(uint*)memory;
        return memory;
    }

    /// <summary>
    /// Gives back what <see cref="Allocate"/> gave; null is fine. Constant time, about 30 instructions. What lies on no page of this heap
    /// is a
    /// BUG; in checked mode every misuse is.
    /// </summary>
    public void Free(void* memory)
    {
        uint address = (uint)((byte*)memory - _base);
        if (address >> PageSize.Shift < _endPfn)
        {
            uint owner = _frames[address >> PageSize.Shift].Back - _slabOwner;
            if (owner <= PageFrame.LinkMask)
            {
                Slab* slab = (Slab*)(_base + (owner << Slab.BytesShift));
                uint free = slab->Free;
                uint word = (free & ~Slab.OffsetMask) + Slab.CountStep + (address - slab->Start);
                if (word < slab->Edge)
                {
                    *(uint*)memory = free;
                    slab->Free = word;
                    return;
                }
            }
        }

        FreeSlowly(memory);
    }
}
