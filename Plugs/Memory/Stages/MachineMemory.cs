using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Lmb;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// The root: one machine's memory, every stage of every variant. There is no other state; a test process holds
/// thousands of these. It is used through a pointer and must never move (stages point at each other's tables).
/// </summary>
public unsafe struct MachineMemory
{
    /// <summary>The way to physical memory.</summary>
    public PhysicalMemory Physical;

    /// <summary>Where facts and panics go.</summary>
    public KernelLog Log;

    /// <summary>The objects of <c>new</c>; a collector sweeps it.</summary>
    public SlabHeap Heap;

    /// <summary>Memory for callers that give back what they took.</summary>
    public SlabHeap Raw;

    /// <summary>Descriptors of both heaps.</summary>
    public SlabPool Slabs;

    /// <summary>lmb: the boot allocator of variant Lmb.</summary>
    public LmbAllocator Lmb;

    /// <summary>memblock: the boot allocator of variant Memblock.</summary>
    public MemblockAllocator Memblock;

    /// <summary>The page allocator: DMA and DMA32 zones.</summary>
    public PageAllocator Pages;


    /// <summary>The memory map.</summary>
    public E820Map Map;

    /// <summary>The page ranges that hold RAM.</summary>
    public ActiveRanges Active;

    /// <summary>The early reservations.</summary>
    public EarlyReservations EarlyRes;


    /// <summary>The bitmap of the Bootmem variant.</summary>
    public BootmemAllocator Bootmem;

    /// <summary>Boot allocations of the NoBootmem variant.</summary>
    public NoBootmemAllocator NoBootmem;
}
