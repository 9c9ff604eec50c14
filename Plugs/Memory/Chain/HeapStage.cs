namespace CosmosBootAlloc.Memory;

/// <summary>The object heap, last stage of every chain: starts empty on the page allocator and takes pages as it needs them.</summary>
public static unsafe class HeapStage
{
    /// <summary>Runs the stage.</summary>
    public static void Run(BootChain* boot)
    {
        boot->BeginStage();
        ObjectHeap* heap = &boot->Memory->Heap;
        PageAllocator* pages = &boot->Memory->Pages;
        heap->Init(boot->Log, boot->Memory->Physical, pages);

        // One object proves the way from page to object, and leaves a slab for those that follow.
        ulong first = heap->Allocate(SizeClass.LargestBytes);
        if (first == 0)
        {
            boot->Log->Panic("No memory for the first object: found %d free pages, needed %d", pages->FreePageCount, 1u << (int)SizeClass.SlabOrder(SizeClass.Count - 1));
            return;
        }

        heap->Free(first);
        boot->Log->Print("bootalloc: stage name=heap slab_kb=%d free_kb=%d ticks=%d\n", (ulong)heap->SlabPages << (PageSize.Shift - 10), (ulong)pages->FreePageCount << (PageSize.Shift - 10), boot->StageTicks());
    }
}
