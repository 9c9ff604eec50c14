using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What can be asked of the heap, the walks over its objects, and its checks. The sweep is here too.</summary>
public unsafe partial struct SlabHeap
{
    /// <summary>
    /// Bytes that an object may use: its class's size or its pages; in checked mode what was asked for. 0 if it is not the heap's. O(1).
    /// </summary>
    public uint UsableBytes(void* memory)
    {
        uint address = (uint)((byte*)memory - _base.Start);
        Slab* slab = Pages.Map.At(address);
        return slab == null ? 0 : IsChecked ? CheckedHeap.UsableBytes(ref this, slab, address) : Slabs.SizeOf(slab);
    }

    /// <summary>
    /// Bytes of the objects that a page of this heap holds: a class's size, or all of a large object's; 0 for a page that is not the
    /// heap's. O(1).
    /// </summary>
    public uint OwnedBytes(uint pfn)
    {
        Slab* slab = pfn < _endPfn ? Pages.Map.At(pfn << PageSize.Shift) : null;
        return slab == null ? 0 : Slabs.SizeOf(slab);
    }

    /// <summary>Why there is no memory for an object of that many bytes, right after it was refused. O(blocks of both zones).</summary>
    public void Explain(uint bytes, out Refusal refusal)
    {
        const uint Around = CheckedBlocks.HeadBytes + CheckedBlocks.TailBytes;
        uint total = IsChecked && bytes <= uint.MaxValue - Around ? bytes + Around : bytes;
        Pages.Explain(total <= SizeClass.LargestBytes ? 1 : HeapPages.PagesOf(total), out refusal);
    }

    /// <summary>
    /// True for the first byte of an object that this heap handed out, and has not taken back together with its page. O(1). For whoever
    /// has an address from outside: <see cref="Free"/> of any other is a BUG.
    /// </summary>
    public bool GaveOut(void* memory)
    {
        uint address = (uint)((byte*)memory - _base.Start);
        Slab* slab = Pages.Map.At(address);
        byte* slot = slab == null ? null : Slabs.SlotOf(slab, address);
        return slot != null && memory == slot + (IsChecked ? CheckedBlocks.Offset(slot) : 0);
    }

    /// <summary>The live object that a physical address points at or into, or null. O(1), no division. For a conservative scan.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Find(uint address) => HeapSweep.Find(ref this, address);

    /// <summary>
    /// Frees every object that has no mark, and takes the marks away. Free lists are made anew in address order; slabs without a live
    /// object give their pages back. About 10 instructions per object.
    /// </summary>
    /// <param name="mark">The bit.</param>
    /// <param name="live">Receives the number of objects that stay.</param>
    public void Sweep(uint mark, out uint live) => HeapSweep.Sweep(ref this, mark, out live);

    /// <summary>
    /// Calls a visitor with every live object's first byte; it must neither allocate nor free. For a collector that ran out of mark stack,
    /// and for lists. O(objects).
    /// </summary>
    public void ForEachLive(void* context, delegate*<void*, byte*, void> visitor)
        => HeapSweep.ForEachLive(ref this, context, visitor);

    /// <summary>
    /// As <see cref="ForEachLive"/>, for those objects only whose first word has any of some bits: for a collector whose roots are
    /// marked there. Not in checked mode, where it calls the visitor with all. O(objects), about 8 instructions for one that has none.
    /// </summary>
    /// <param name="bits">The bits; <see cref="Slab.FreeTag"/> is not one of them.</param>
    /// <param name="context">Handed to the visitor.</param>
    /// <param name="visitor">Must neither allocate nor free.</param>
    public void ForEachWith(uint bits, void* context, delegate*<void*, byte*, void> visitor)
        => HeapSweep.ForEachWith(ref this, bits, context, visitor);

    /// <summary>
    /// Checks the red zones of all objects and the fill of all free slots. O(bytes of the heap). The first fault is a BUG.
    /// </summary>
    /// <returns>Slots looked at; 0 without checked mode.</returns>
    public uint CheckAll() => CheckedHeap.CheckAll(ref this);

    /// <summary>Calls a visitor with every live checked object: its first byte, bytes asked for, site, serial number. O(objects).</summary>
    public void ForEachChecked(void* context, delegate*<void*, byte*, uint, uint, uint, void> visitor)
        => CheckedHeap.ForEach(ref this, context, visitor);

    /// <summary>Counts one class, or with <see cref="SizeClass.Count"/> the large objects. O(slabs).</summary>
    /// <param name="sizeClass">0..<see cref="SizeClass.Count"/>.</param>
    /// <param name="slabs">Receives the number of slabs.</param>
    /// <param name="pages">Receives their pages.</param>
    /// <param name="objects">Receives the objects that they can hold.</param>
    /// <param name="used">Receives those handed out.</param>
    public void Count(uint sizeClass, out uint slabs, out uint pages, out uint objects, out uint used)
        => HeapCheck.Count(ref this, sizeClass, out slabs, out pages, out objects, out used);

    /// <summary>
    /// Checks the heap against itself: every page of the map, every free list (inside its slab, no object twice, as many as counted), every
    /// slab in the list that its state says. O(objects + pages); for the self-test.
    /// </summary>
    /// <returns>Address of the slab where something is wrong, or 0 when all is well.</returns>
    public uint FindFault() => HeapCheck.FindFault(ref this);
}
