using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>
/// memblock, the boot memory allocator of Linux today (6.12, one node): two lists of byte ranges, "memory" and
/// "reserved"; what is memory and not reserved is free. It replaces early_res and bootmem at once.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/>; the map is given with <see cref="Add"/>, the ranges in use with <see cref="Reserve"/>; once
/// all of these are known, <see cref="AllowResize"/> lets the lists grow; then <see cref="Alloc"/> serves the boot; then
/// <see cref="HandOver"/> gives what is free to the page allocator. The struct must not move.
/// Vocabulary: a "region" is an entry of a list; "accessible" is below the limit of <see cref="SetLimit"/>; "flags" are
/// those of <see cref="MemblockFlags"/>; regions that touch merge if their flags are equal.
/// Ranges: start and size in bytes. A size that would pass 2^64-1 is cut there, so the last byte of the address space
/// can never be named. Zero sizes do nothing.
/// Costs: n is the number of regions of the list in question. Searching is O(log n); inserting or removing moves the
/// entries above, O(n) in bytes copied.
/// Files: .Ranges the interval algebra, .Growth the doubling, .Flags the marks, .Find and its cursor the search for free
/// memory, .Queries the questions, .Trim the cutting of the map, .HandOver the end.
/// </remarks>
public unsafe partial struct MemblockAllocator
{
    /// <summary>As an end of a search: up to the limit.</summary>
    public const ulong Accessible = 0;

    /// <summary>As an end of a search: anywhere, whatever the limit.</summary>
    public const ulong Anywhere = ulong.MaxValue;

    /// <summary>As a result: no address. Page 0 is never handed out, so 0 cannot be meant.</summary>
    public const ulong None = 0;

    /// <summary>Return code: done.</summary>
    public const int Done = 0;

    /// <summary>Return code: a list is full and there is no memory to double it. Linux's -ENOMEM.</summary>
    public const int NoMemory = -12;

    private MemblockTable _memory;
    private MemblockTable _reserved;
    private KernelLog* _log;
    private PhysicalMemory* _physical;
    private ulong _reachEnd;
    private ulong _limit;
    private bool _mayResize;
    private bool _bottomUp;
    private bool _movableNode;
    private bool _hasMirror;

    /// <summary>Makes both lists empty; searches go top-down, without limit; the lists may not grow.</summary>
    /// <param name="log">Where messages and panics go.</param>
    /// <param name="physical">The way to the memory that a grown list is put in.</param>
    /// <param name="reachEnd">First address that <paramref name="physical"/> cannot reach (4 GiB in a 32-bit kernel); grown
    /// lists lie below it, whatever the limit.</param>
    public void Init(KernelLog* log, PhysicalMemory* physical, ulong reachEnd)
    {
        _log = log;
        _physical = physical;
        _reachEnd = reachEnd;
        _limit = Anywhere;
        _mayResize = false;
        _bottomUp = false;
        _movableNode = false;
        _hasMirror = false;
        _memory.Init(false);
        _reserved.Init(true);
    }

    /// <summary>Lets the lists grow from now on. Before, a full list is a panic: a grown list might be put where something
    /// that is not yet reserved lies. memblock 6.12.</summary>
    public void AllowResize()
    {
        _mayResize = true;
    }

    /// <summary>Sets the first address that is not accessible. memblock 6.12.</summary>
    public void SetLimit(ulong limit)
    {
        _limit = limit;
    }

    /// <summary>Chooses the lowest (true) or the highest (false, at first) fitting address. memblock 6.12.</summary>
    public void SetBottomUp(bool bottomUp)
    {
        _bottomUp = bottomUp;
    }

    /// <summary>While on, memory marked hotplug is neither found nor listed as free. memblock 6.12 with movable_node.</summary>
    public void SetMovableNode(bool movableNode)
    {
        _movableNode = movableNode;
    }

    /// <summary>Cuts a size so that start + size is at most 2^64-1.</summary>
    private static ulong CapSize(ulong start, ulong size)
    {
        ulong room = ulong.MaxValue - start;
        return size < room ? size : room;
    }
}
