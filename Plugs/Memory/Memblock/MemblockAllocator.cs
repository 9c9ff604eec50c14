using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// memblock, the boot memory allocator of Linux today (6.12, one node): two lists of byte ranges, "memory" and
/// "reserved"; what is memory and not reserved is free. It replaces early_res and bootmem at once.
/// </summary>
/// <remarks>
/// <para>
/// Life: <see cref="Init"/>; the map comes in through <see cref="Add"/>, the ranges in use through <see cref="Reserve"/>; once all of
/// them are known, <see cref="AllowResize"/> lets the lists grow; then <see cref="Alloc"/> serves the boot, and <see cref="HandOver"/>
/// gives what is free to the page allocator. The struct must not move.
/// </para>
/// <para>
/// Vocabulary: a "region" is an entry of a list; "accessible" is below the limit of <see cref="SetLimit"/>; "flags" are those of
/// <see cref="MemblockFlags"/>; regions that touch merge if their flags are equal. A range is a start and a size in bytes. A size that
/// would pass 2^64-1 is cut there, so the last byte of the address space can never be named. Zero sizes do nothing.
/// </para>
/// <para>
/// Costs, with n regions in the list: finding a region is O(log n); inserting or removing one moves O(root of n) entries.
/// </para>
/// <para>
/// Beside it: <see cref="MemblockRanges"/>, the interval algebra; <see cref="MemblockGrowth"/>, the doubling of a list;
/// <see cref="MemblockSearch"/> and <see cref="MemblockCursor"/>, the search for free memory; <see cref="MemblockTraces"/>, what only
/// Linux's recorded operations need.
/// </para>
/// </remarks>
public unsafe struct MemblockAllocator
{
    /// <summary>As an end of a search: up to the limit.</summary>
    public const ulong Accessible = 0;

    /// <summary>As an end of a search: anywhere, whatever the limit.</summary>
    public const ulong Anywhere = ulong.MaxValue;

    /// <summary>Alignment that <see cref="Alloc"/> takes for 0: the cache line.</summary>
    public const ulong DefaultAlign = 64;

    internal MemblockTable Memory;
    internal MemblockTable Reserved;
    internal KernelLog* Log;
    internal PhysicalMemory* Physical;
    internal ulong ReachEnd;
    internal ulong Limit;
    internal ulong MostListBytes;
    internal bool MayResize;
    internal bool BottomUp;
    internal bool MovableNode;
    internal bool HasMirror;

    /// <summary>Makes both lists empty; searches go top-down, without limit; the lists may not grow.</summary>
    /// <param name="log">Where messages and panics go.</param>
    /// <param name="physical">The way to the memory that a grown list is put in.</param>
    /// <param name="reachEnd">First address that <paramref name="physical"/> cannot reach (4 GiB in a 32-bit kernel); grown
    /// lists lie below it, whatever the limit.</param>
    public void Init(KernelLog* log, PhysicalMemory* physical, ulong reachEnd)
    {
        Log = log;
        Physical = physical;
        ReachEnd = reachEnd;
        Limit = Anywhere;
        MayResize = false;
        BottomUp = false;
        MovableNode = false;
        HasMirror = false;
        Memory.Init(false);
        Reserved.Init(true);
        MostListBytes = InlineBytes;
    }

    /// <summary>Lets the lists grow from now on. Before, a full list is a panic: a grown list might be put where something
    /// that is not yet reserved lies. memblock 6.12.</summary>
    public void AllowResize()
    {
        MayResize = true;
    }

    /// <summary>Sets the first address that is not accessible. memblock 6.12.</summary>
    public void SetLimit(ulong limit)
    {
        Limit = limit;
    }

    /// <summary>Chooses the lowest (true) or the highest (false, at first) fitting address. memblock 6.12.</summary>
    public void SetBottomUp(bool bottomUp)
    {
        BottomUp = bottomUp;
    }

    /// <summary>While on, memory marked hotplug is neither found nor listed as free. memblock 6.12 with movable_node.</summary>
    public void SetMovableNode(bool movableNode)
    {
        MovableNode = movableNode;
    }

    /// <summary>Number of memory regions.</summary>
    public readonly uint MemoryCount => Memory.Count;

    /// <summary>Memory regions there is room for.</summary>
    public readonly uint MemoryCapacity => Memory.Capacity;

    /// <summary>Number of reservations.</summary>
    public readonly uint ReservedCount => Reserved.Count;

    /// <summary>Reservations there is room for.</summary>
    public readonly uint ReservedCapacity => Reserved.Capacity;

    /// <summary>Bytes of the lists that are in use inside the struct.</summary>
    public readonly ulong InlineBytes => (Memory.Address == 0 ? Memory.ListBytes : 0) + (Reserved.Address == 0 ? Reserved.ListBytes : 0);

    /// <summary>Bytes of the lists that have grown into memory of their own.</summary>
    public readonly ulong GrownBytes => Memory.ListBytes + Reserved.ListBytes - InlineBytes;

    /// <summary>The most bytes that the lists took at one moment: when one grows, the old one and the new one.</summary>
    public readonly ulong MostTableBytes => MostListBytes;

    /// <summary>Where the list of memory lies once it has grown; 0 before.</summary>
    public readonly ulong MemoryListAddress => Memory.Address;

    /// <summary>Bytes of the list of memory.</summary>
    public readonly ulong MemoryListBytes => Memory.ListBytes;

    /// <summary>Where the list of reservations lies once it has grown; 0 before.</summary>
    public readonly ulong ReservedListAddress => Reserved.Address;

    /// <summary>Bytes of the list of reservations.</summary>
    public readonly ulong ReservedListBytes => Reserved.ListBytes;

    /// <summary>Bytes of memory, free or not. O(1).</summary>
    public readonly ulong MemoryBytes => Memory.TotalBytes;

    /// <summary>Bytes reserved, memory or not. O(1).</summary>
    public readonly ulong ReservedBytes => Reserved.TotalBytes;

    /// <summary>First byte of memory; 0 without memory.</summary>
    public readonly ulong MemoryStart => Memory.Count == 0 ? 0 : Memory.At(0)->Base;

    /// <summary>First byte after all memory; 0 without memory.</summary>
    public readonly ulong MemoryEnd => Memory.Count == 0 ? 0 : Memory.At(Memory.Count - 1)->End;

    /// <summary>Memory region <paramref name="index"/>, below <see cref="MemoryCount"/>; valid until the list changes.</summary>
    public readonly MemblockRegion* MemoryRegion(uint index)
    {
        return Memory.At(index);
    }

    /// <summary>Reservation <paramref name="index"/>, below <see cref="ReservedCount"/>; valid until the list changes.</summary>
    public readonly MemblockRegion* ReservedRegion(uint index)
    {
        return Reserved.At(index);
    }

    /// <summary>
    /// Adds [start, start + size) to memory. It may overlap what is there; regions there keep their flags. Touching
    /// regions of equal flags merge. memblock 6.12. O(log n + regions covered), plus the entries moved.
    /// </summary>
    /// <returns>False if the list is full and there is no memory to double it, Linux's -ENOMEM; panics if it may not grow.</returns>
    public bool Add(ulong start, ulong size)
    {
        return MemblockRanges.AddRange(ref this, ref Memory, start, size);
    }

    /// <summary>Takes [start, start + size) out of memory; parts that are not there are ignored. memblock 6.12. Cost and
    /// result as <see cref="Add"/>.</summary>
    public bool Remove(ulong start, ulong size)
    {
        return MemblockRanges.RemoveRange(ref this, ref Memory, start, size);
    }

    /// <summary>Reserves [start, start + size); it may overlap reservations and need not be memory. memblock 6.12. Cost and
    /// result as <see cref="Add"/>.</summary>
    public bool Reserve(ulong start, ulong size)
    {
        return MemblockRanges.AddRange(ref this, ref Reserved, start, size);
    }

    /// <summary>Gives back any part of the reservations; parts that are not reserved are ignored. memblock 6.12. Cost and
    /// result as <see cref="Add"/>.</summary>
    public bool Free(ulong start, ulong size)
    {
        return MemblockRanges.RemoveRange(ref this, ref Reserved, start, size);
    }

    /// <summary>
    /// Rounds every memory region inwards to a multiple of <paramref name="align"/> bytes; regions that vanish are taken
    /// out. Reservations stay. O(n). Linux leaves <see cref="MemoryBytes"/> at the old value; here it follows.
    /// </summary>
    /// <param name="align">A power of two, anything else is a bug.</param>
    public void Trim(ulong align)
    {
        if (!Bits.IsPowerOfTwo(align))
        {
            Log->Bug("memblock: alignment 0x%x is no power of two", align);
            return;
        }

        uint kept = 0;
        uint count = Memory.Count;
        for (uint i = 0; i < count; i++)
        {
            MemblockRegion* region = Memory.At(i);
            ulong start = Bits.RoundUp(region->Base, align);
            ulong end = Bits.RoundDown(region->End, align);
            if (start < region->Base || start >= end)
            {
                // Nothing whole is left, or rounding up passes 2^64. The slot is closed below.
                Memory.Resize(i, region->Base, 0);
                continue;
            }

            Memory.Resize(i, start, end - start);
            if (kept != i)
            {
                Memory.Copy(kept, i);
            }

            kept++;
        }

        Memory.Close(kept, count - kept);
    }

    /// <summary>Starts a walk over all free ranges, ascending. O(1); <see cref="Next"/> is O(1) amortized.</summary>
    public readonly MemblockCursor FreeRanges()
    {
        MemblockCursor cursor = default;
        return cursor;
    }

    /// <summary>Starts a walk over all free ranges, descending. O(1); <see cref="Previous"/> is O(1) amortized.</summary>
    public readonly MemblockCursor FreeRangesFromTop()
    {
        MemblockCursor cursor = default;
        cursor.Memory = Memory.Count;
        cursor.Gap = Reserved.Count + 1;
        return cursor;
    }

    /// <summary>Goes to the next free range upwards: [Start, End) of the cursor. False at the end.</summary>
    public bool Next(ref MemblockCursor cursor) => MemblockSearch.Next(ref this, ref cursor);

    /// <summary>Goes to the next free range downwards: [Start, End) of the cursor. False at the end.</summary>
    public bool Previous(ref MemblockCursor cursor) => MemblockSearch.Previous(ref this, ref cursor);

    /// <summary>
    /// Looks for free memory without taking it: the highest address in [start, end) that fits (the lowest when bottom-up),
    /// never in page 0. If there is mirrored memory, that is looked at first, and the log says when it does not suffice.
    /// memblock 6.12.
    /// </summary>
    /// <param name="start">First byte that may be used; raised to 4096.</param>
    /// <param name="end">First byte that may not; <see cref="Accessible"/> (or 1, Linux's second name for it) or
    /// <see cref="Anywhere"/>.</param>
    /// <param name="size">Bytes; 0 finds nothing.</param>
    /// <param name="align">A power of two; 0 finds nothing, anything else is a bug.</param>
    /// <returns>The address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong Find(ulong start, ulong end, ulong size, ulong align) => MemblockSearch.Find(ref this, start, end, size, align);

    /// <summary>
    /// Takes free memory: <see cref="Find"/> and <see cref="Reserve"/>. The memory is not cleared. memblock 6.12.
    /// </summary>
    /// <param name="size">Bytes.</param>
    /// <param name="align">A power of two; 0 means <see cref="DefaultAlign"/>.</param>
    /// <param name="min">First byte that may be used.</param>
    /// <param name="max">First byte that may not, or <see cref="Accessible"/>, <see cref="Anywhere"/>.</param>
    /// <returns>The address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong Alloc(ulong size, ulong align, ulong min, ulong max)
    {
        ulong found = Find(min, max, size, align == 0 ? DefaultAlign : align);
        return found != PhysicalAddress.None && Reserve(found, size) ? found : PhysicalAddress.None;
    }

    /// <summary>
    /// As <see cref="Alloc"/>, never above the limit, and tried again without the lower bound if that was the obstacle:
    /// a goal above all memory still gives memory. The memory is not cleared. memblock 6.12.
    /// </summary>
    public ulong AllocTry(ulong size, ulong align, ulong min, ulong max)
    {
        if (max > Limit)
        {
            max = Limit;
        }

        ulong found = Alloc(size, align, min, max);
        return found == PhysicalAddress.None && min != 0 ? Alloc(size, align, 0, max) : found;
    }

    /// <summary>
    /// Hands over every whole free page, ascending, in the largest aligned blocks; a block never crosses the border of a
    /// memory region or reservation. Marks of <see cref="MemblockTraces.MarkHotplug"/> are cleared before, so that memory goes too.
    /// The lists stay as they are: a second call hands over the same pages. memblock 6.12.
    /// </summary>
    /// <param name="maxLowPfn">Pages from here on are left out; all pages: 2^64-1.</param>
    /// <param name="runs">Takes the blocks; already initialized, flushed here.</param>
    /// <returns>Pages handed over. O(regions of both lists).</returns>
    public ulong HandOver(ulong maxLowPfn, PageRuns* runs)
    {
        // In place: Linux asks for room to split first, and so may double a list, or panic, that nothing is added to.
        for (uint i = 0; i < Memory.Count; i++)
        {
            Memory.At(i)->Flags &= ~MemblockFlags.Hotplug;
        }

        Memory.Merge(0, Memory.Count);
        ulong before = runs->Pages;
        MemblockCursor cursor = FreeRanges();
        while (Next(ref cursor))
        {
            ulong start = PageSize.PfnUp(cursor.Start);
            ulong end = PageSize.PfnDown(cursor.End);
            runs->AddAligned(start, end < maxLowPfn ? end : maxLowPfn);
        }

        runs->Flush();
        return runs->Pages - before;
    }

    /// <summary>
    /// After <see cref="HandOver"/>, when memblock is asked no more: hands over the pages of lists that had grown, and
    /// makes both lists empty. Blocks as in <see cref="HandOver"/>. memblock 6.12 (memblock_discard). O(1).
    /// </summary>
    /// <param name="runs">Takes the blocks; already initialized, flushed here.</param>
    /// <returns>Pages handed over.</returns>
    public ulong Discard(PageRuns* runs)
    {
        ulong memoryList = Memory.Address;
        ulong memoryBytes = PageSize.WholePages(Memory.Capacity * MemblockRegion.Bytes);
        ulong reservedList = Reserved.Address;
        ulong reservedBytes = PageSize.WholePages(Reserved.Capacity * MemblockRegion.Bytes);
        Memory.Init(false);
        Reserved.Init(true);
        ulong before = runs->Pages;
        if (memoryList != 0)
        {
            runs->AddAligned(PageSize.PfnDown(memoryList), PageSize.PfnDown(memoryList + memoryBytes));
        }

        if (reservedList != 0)
        {
            runs->AddAligned(PageSize.PfnDown(reservedList), PageSize.PfnDown(reservedList + reservedBytes));
        }

        runs->Flush();
        return runs->Pages - before;
    }

    /// <summary>Cuts a size so that start + size is at most 2^64-1.</summary>
    internal static ulong CapSize(ulong start, ulong size)
    {
        ulong room = ulong.MaxValue - start;
        return size < room ? size : room;
    }
}
