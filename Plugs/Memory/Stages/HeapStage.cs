using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// The heaps, last stage of every variant: the one under <c>new</c> and the raw one start empty on the page allocator and take pages as
/// they need them. With <c>debug</c> on the command line they check what is done to them.
/// </summary>
public static unsafe class HeapStage
{
    /// <summary>Number of the raw heap.</summary>
    public const uint RawNumber = 0;

    /// <summary>Number of the heap under <c>new</c>.</summary>
    public const uint ObjectsNumber = 1;

    /// <summary>No object of <c>new</c> lies below 1 MiB: small numbers are no pointers then, and null needs no test of its own.</summary>
    public const uint LowestObjectPfn = 256;

    /// <summary>Runs the stage.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        MachineMemory* memory = boot->Memory;
        PageAllocator* pages = &memory->Pages;
        bool check = boot->Options.Debug;
        memory->Slabs.Init(&memory->Physical, pages);
        memory->Raw.Init(boot->Log, &memory->Physical, pages, &memory->Slabs, RawNumber, 0, check);
        memory->Heap.Init(boot->Log, &memory->Physical, pages, &memory->Slabs, ObjectsNumber, LowestObjectPfn, check);

        // One object of each heap proves the way from page to object, and leaves a slab for those that follow.
        if (!Try(&memory->Raw) || !Try(&memory->Heap))
        {
            boot->Log->Panic(
                "No memory for the first object: found %d free pages, needed %d",
                pages->FreePageCount,
                1u << (int)SizeClass.SlabOrder(0));
            return;
        }

        uint slabPages = memory->Raw.SlabPages + memory->Heap.SlabPages;
        boot->Log->Print(
            "bootalloc: stage name=heap slab_kb=%d free_kb=%d ticks=%d classes=%d descriptor_kb=%d checked=%d\n",
            (ulong)slabPages << (PageSize.Shift - 10),
            (ulong)pages->FreePageCount << (PageSize.Shift - 10),
            boot->StageTicks(),
            SizeClass.Count,
            (ulong)memory->Slabs.Pages << (PageSize.Shift - 10),
            check ? 1u : 0u);
    }

    private static bool Try(SlabHeap* heap)
    {
        void* first = heap->Allocate(SizeClass.Grain, 0);
        heap->Free(first);
        return first != null;
    }
}
