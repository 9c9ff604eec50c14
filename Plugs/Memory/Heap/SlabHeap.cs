using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// A heap of objects from 1 byte up: small ones from slabs (Bonwick 1994, laid out as in SLUB: free list in the objects, nothing else
/// in the slab), larger ones from whole pages, exactly as many as they need.
/// </summary>
/// <remarks>
/// Vocabulary. A slab is 1..8 pages cut into objects of one <see cref="SizeClass"/>; its descriptor (<see cref="Slab"/>) lies
/// elsewhere. Each class has one current slab, from which it allocates, and a list of partial ones, which have room; full slabs are in
/// no list, and come into it with the first object that is given back. An empty slab's pages go back to the page allocator, but for the
/// current one and while no more than three have room: a burst that is repeated makes no slab twice (SLUB's min_partial is 5 and more).
/// <para>
/// Way from an address to its object: the heap's map -> slab -> index. Every page of a slab or a large object is in the map
/// (<see cref="SlabMap"/>), so an interior pointer takes the same way.
/// </para>
/// <para>
/// Two heaps of a machine share pages and descriptors: one for callers that give back what they took (the raw heap), one for
/// the objects of <c>new</c>, which a collector sweeps (the object heap). A heap may be told to leave some pages alone
/// (<see cref="SetFloor"/>); it then refuses while there is still memory to react with.
/// </para>
/// <para>
/// Checked mode costs nothing while it is off: no size is small for the hot paths then, and no slab has a limit, so both end in the slow
/// ones by the tests that they make anyway.
/// </para>
/// Parts: <see cref="HeapPages"/> (where pages come from), <see cref="SlabLists"/> (slabs by class), <see cref="LargeObjects"/>,
/// <see cref="CheckedBlocks"/> and CheckedHeap (checked mode), HeapSweep (for a collector), HeapCheck (counts and self-check), Misuse
/// (what is wrong with a pointer). This file has the ways in: the two hot paths and what they fall back on; SlabHeap.Inspect.cs the
/// questions and walks. Nothing here is thread-safe, nor may it be called from an interrupt.
/// </remarks>
public unsafe partial struct SlabHeap
{
    /// <summary>Sizes that the heap tells apart, in steps of 8 bytes.</summary>
    private const uint Grains = SizeClass.LargestBytes >> SizeClass.GrainShift;

    private MemoryBase _base;
    private uint _endPfn;

    /// <summary>Sizes that the hot paths serve: all of them, none in checked mode.</summary>
    private uint _grains;

    /// <summary>Descriptor address of each class's current slab; the sentinel's if it has none.</summary>
    private fixed uint _current[(int)SizeClass.Count];

    /// <summary>Class of a size: index (bytes - 1) / 8.</summary>
    private fixed byte _classOf[(int)Grains];

    private KernelLog* _log;
    private uint _sentinel;

    /// <summary>Where pages come from.</summary>
    internal HeapPages Pages;

    /// <summary>The slabs by class.</summary>
    internal SlabLists Slabs;

    /// <summary>The objects of whole pages.</summary>
    internal LargeObjects Large;

    /// <summary>The form of checked objects.</summary>
    internal CheckedBlocks Blocks;

    /// <summary>Starts without slabs, in memory that is zero; takes one descriptor. Panics when there is not one page.</summary>
    /// <param name="log">Where misuse is reported.</param>
    /// <param name="physical">The way to memory.</param>
    /// <param name="pages">Where pages come from; set up already.</param>
    /// <param name="pool">The descriptors, shared with other heaps.</param>
    /// <param name="number">0..5: distinguishes the machine's heaps.</param>
    /// <param name="lowestPfn">Take no page below this, at most <see cref="PageAllocator.DmaEndPfn"/>. A heap that is scanned
    /// conservatively keeps clear of the first MiB, whose addresses are numbers that any program has on its stack.</param>
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
        _base.Start = physical->At(0);
        Pages.Init(log, pages, pool, number, lowestPfn, check);
        fixed (HeapPages* source = &Pages)
        {
            Slabs.Init(log, _base, source);
            Large.Init(source);
        }

        Blocks.Init(log, _base);
        _endPfn = Pages.EndPfn;
        _grains = check ? 0 : Grains;
        Slab* sentinel = pool->Take();
        if (sentinel == null)
        {
            log->Panic("No memory for the heap's first page: found %d free pages, needed 1", pages->FreePageCount);
            return;
        }

        *sentinel = default;
        sentinel->State = SlabState.Sentinel;
        sentinel->Heap = (byte)number;
        sentinel->Free = Slab.NoneFree;
        _sentinel = pool->AddressOf(sentinel);
        Pages.Map.Init(pool, _sentinel);
        DropLists();
        fixed (byte* classOf = _classOf)
        {
            // Every class that is not one of the first holds a multiple of four grains.
            byte* at = classOf;
            for (uint i = 0; i < SizeClass.LinearClasses; i++)
            {
                *at++ = (byte)i;
            }

            for (uint i = SizeClass.LinearClasses; i < SizeClass.Count; i++)
            {
                byte* end = classOf + (Slabs.Bytes(i) >> SizeClass.GrainShift);
                for (; at < end; at += sizeof(uint))
                {
                    *(uint*)at = i * 0x01010101;
                }
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
        if (grains >= _grains)
        {
            return AllocateSlowly(bytes, site);
        }

        Slab* slab = (Slab*)(_base.Start + _current[_classOf[grains]]);
        uint first = slab->Free & Slab.OffsetMask;
        if (first == 0)
        {
            return AllocateSlowly(bytes, site);
        }

        byte* memory = _base.Start + (slab->Start + first - Slab.OffsetBias);
        slab->Free = *(uint*)memory;
        *(uint*)memory = 0;
        return memory;
    }

    /// <summary>
    /// The hot half of <see cref="Allocate"/> alone: null does not mean that memory is out, but that <see cref="AllocateSlowly"/> must be
    /// asked. The first word is left as it was: whoever calls this writes it at once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* AllocateQuickly(uint bytes)
    {
        return (bytes - 1) >> SizeClass.GrainShift < _grains ? AllocateSmall(bytes) : null;
    }

    /// <summary>As <see cref="AllocateQuickly"/>, for 1 to <see cref="SizeClass.LargestBytes"/> bytes, which is not checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* AllocateSmall(uint bytes)
    {
        Slab* slab = (Slab*)(_base.Start + _current[_classOf[(bytes - 1) >> SizeClass.GrainShift]]);
        uint first = slab->Free & Slab.OffsetMask;
        if (first == 0)
        {
            return null;
        }

        byte* memory = _base.Start + (slab->Start + first - Slab.OffsetBias);
        slab->Free = *(uint*)memory;
        return memory;
    }

    /// <summary>
    /// Gives back what <see cref="Allocate"/> gave; null is fine. Constant time, about 30 instructions. A BUG in every build: an address
    /// on no page of this heap, one that is no object's start, an object that was never handed out, one that is free already.
    /// </summary>
    /// <remarks>
    /// An object that is free already is found as long as it is free and its first word is what the heap wrote there. Not found without
    /// checked mode: a second free after the object was handed out again, or after somebody wrote to it; nor a write to a free object.
    /// A live object whose first word looks like a free one's (1 in 64 of all numbers) costs a walk over its slab's free list, once.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Free(void* memory)
    {
        uint offset = (uint)((byte*)memory - _base.Start);
        uint leaf = Pages.Map.Leaf[offset >> SlabMap.LeafShift];
        if (leaf != 0)
        {
            uint* words = (uint*)(_base.Start + leaf);
            Slab* slab = (Slab*)(_base.Start + words[(offset >> PageSize.Shift) & SlabMap.PageMask]);
            offset -= slab->Start;
            if (offset * slab->Reciprocal < slab->Limit && *(int*)memory < (int)Slab.FreeMark)
            {
                uint word = slab->Free;
                *(uint*)memory = word;
                word = (word & ~Slab.OffsetMask) + offset + (Slab.CountStep + Slab.OffsetBias);
                slab->Free = word;
                if (word >= slab->Edge)
                {
                    Slabs.Returned(slab);
                }

                return;
            }
        }

        SlowPaths.Free(ref this, memory);
    }

    /// <summary>Where the hot paths look, for a toolchain that has them in assembler. The struct must not move.</summary>
    public void Expose(out HotParts parts)
    {
        fixed (uint* current = _current, leaf = Pages.Map.Leaf)
        {
            parts.Current = current;
            parts.Leaf = leaf;
        }

        fixed (byte* classOf = _classOf)
        {
            parts.ClassOf = classOf;
        }
    }

    /// <summary>Pages that are slabs now.</summary>
    public readonly uint SlabPages => Slabs.Pages;

    /// <summary>Pages that are large objects now.</summary>
    public readonly uint LargePages => Large.Pages;

    /// <summary>Free pages that allocations of this heap leave alone.</summary>
    public readonly uint Floor => Pages.Floor;

    /// <summary>True when this heap checks its objects.</summary>
    public readonly bool IsChecked => Pages.IsChecked;

    /// <summary>Objects handed out and not given back, small and large. O(slabs).</summary>
    public uint Objects => HeapCheck.Objects(ref this);

    /// <summary>
    /// From now on an allocation that would leave less than that many free pages gets null. Objects of slabs with room are still given.
    /// </summary>
    /// <param name="pages">How many; 0 for none.</param>
    /// <param name="sparesDma">Take no page of the DMA zone either, on a machine that has others.</param>
    public void SetFloor(uint pages, bool sparesDma) => Pages.SetFloor(pages, sparesDma);

    /// <summary>
    /// What <see cref="AllocateQuickly"/> could not: an object never used before, another slab, a new one, a large object.
    /// </summary>
    /// <returns>Null when no memory is left above the floor.</returns>
    public void* AllocateSlowly(uint bytes, uint site) => SlowPaths.Allocate(ref this, bytes, site);

    /// <summary>
    /// As <see cref="Allocate"/>, at a multiple of <paramref name="alignment"/>. A class's objects lie at multiples of its size from
    /// the start of a page, so up to 2,048 the smallest class does whose size is a multiple of it.
    /// </summary>
    /// <param name="bytes">0 counts as 1.</param>
    /// <param name="alignment">A power of two, at most 4 MiB.</param>
    /// <param name="site">Who asks.</param>
    /// <returns>Null when no memory is left above the floor, or for an alignment that is not a power of two or above 4 MiB.</returns>
    public void* AllocateAligned(uint bytes, uint alignment, uint site) => SlowPaths.AllocateAligned(ref this, bytes, alignment, site);

    /// <summary>
    /// Gives an object another size: in place when it fits and would not waste more than half (a large one gives its tail pages back),
    /// else at another place with its content. Null allocates; 0 bytes counts as 1.
    /// </summary>
    /// <returns>Where it lies now; null when no memory is left: then the object is as it was.</returns>
    public void* Reallocate(void* memory, uint bytes, uint site) => SlowPaths.Reallocate(ref this, memory, bytes, site);

    /// <summary>
    /// Gives the empty slabs that were kept in reserve back to the page allocator, the leaves of the map that have no page, and the row
    /// kept aside. The descriptors' pages: <see cref="SlabPool.Trim"/>. O(slabs + 4 MiB stretches).
    /// </summary>
    public void Trim()
    {
        Slab* next;
        for (Slab* slab = Pages.Pool->First(); slab != null; slab = next)
        {
            next = Pages.Pool->Next(slab);
            if (slab->Heap != Pages.Number || slab->Used != 0)
            {
                continue;
            }

            if (slab->State == SlabState.Current)
            {
                _current[slab->Class] = _sentinel;
                Slabs.Give(slab);
            }
            else if (slab->State == SlabState.Partial)
            {
                Slabs.Unlink(slab);
                Slabs.Give(slab);
            }
        }

        Pages.Map.Trim(_endPfn);
        Pages.ReturnRecent();
    }

    /// <summary>Where physical address 0 is seen.</summary>
    internal readonly byte* Base => _base.Start;

    /// <summary>Where misuse is reported.</summary>
    internal readonly KernelLog* Log => _log;

    /// <summary>Descriptor address of the slab that stands in where a class has no current one.</summary>
    internal readonly uint Sentinel => _sentinel;

    /// <summary>Descriptor address of a class's current slab, or the sentinel's.</summary>
    internal uint Current(uint sizeClass) => _current[sizeClass];

    /// <summary>Makes a slab the one that its class allocates from.</summary>
    internal void SetCurrent(uint sizeClass, Slab* slab)
    {
        _current[sizeClass] = Pages.Pool->AddressOf(slab);
    }

    /// <summary>From here on no class has a current slab, and its list is empty: before a sweep builds the lists anew.</summary>
    internal void DropLists()
    {
        fixed (uint* current = _current)
        {
            Words.Set(current, SizeClass.Count, _sentinel);
        }

        Slabs.Drop();
    }

    /// <summary>
    /// The smallest class for that many bytes whose size is a multiple of an alignment of at most <see cref="SizeClass.LargestBytes"/>.
    /// </summary>
    internal uint AlignedClass(uint bytes, uint alignment)
    {
        uint sizeClass = ClassOf(bytes);
        while ((Slabs.Bytes(sizeClass) & (alignment - 1)) != 0)
        {
            sizeClass++;
        }

        return sizeClass;
    }

    /// <summary>The class of a size of at most <see cref="SizeClass.LargestBytes"/>.</summary>
    internal uint ClassOf(uint bytes) => _classOf[bytes == 0 ? 0 : (bytes - 1) >> SizeClass.GrainShift];
}
