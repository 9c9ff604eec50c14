using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// Last stage before the heap: the page frame table is set up in memory that the variant's boot allocator gave, the variant
/// hands its free pages over, the loader's boot information goes after them, and the books are closed.
/// </summary>
public static unsafe class BuddyStage
{
    /// <summary>The page frame table's name in the books, as Linux's array of pages is called.</summary>
    public const string PageTableName = "mem_map";

    /// <summary>Where the page frame table should rather lie: above the DMA zone, which is scarce. A goal, no condition.</summary>
    public const ulong PageTableGoal = (ulong)PageAllocator.DmaEndPfn << PageSize.Shift;

    /// <summary>Bytes of the page frame table.</summary>
    public static ulong PageTableBytes(BootState* boot) => PageAllocator.MetadataBytes(boot->EndPfn);

    /// <summary>Runs from the free pages of the boot allocator to the closed books.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        PageAllocator* pages = &boot->Memory->Pages;
        boot->Books.Claims.Claim(boot->PageTableAddress, boot->PageTableAddress + PageTableBytes(boot), PageTableName, false);
        BootClaims.ClaimTrimmed(&boot->Books.Claims);
        pages->Init(boot->Log, &boot->Memory->Physical, boot->PageTableAddress, boot->EndPfn);

        PageRuns runs = default;
        runs.InitJoined(pages, &PageAllocator.Receive);
        boot->HandOver(boot, &runs);

        uint released = PageAccounts.ReleaseLoaderInformation(&boot->Books, pages);
        if (released != 0)
        {
            boot->Log->Print("Freeing boot information: %dk freed\n", (ulong)released << (PageSize.Shift - 10));
        }

        ulong ticks = boot->StageTicks();
        NodeLines.PrintMemory(boot);
        HolderLog.LogBlocks(boot->Log, pages);
        boot->Log->Print(
            "bootalloc: stage name=buddy managed_pages=%d free_pages=%d blocks=%d metadata_bytes=%d ticks=%d"
                + " dma_free_pages=%d dma32_free_pages=%d span_pages=%d",
            boot->Books.Ram.Pages,
            pages->FreePageCount,
            pages->FreeBlockCount,
            pages->TableBytes,
            ticks,
            pages->Dma.FreePages,
            pages->Dma32.FreePages,
            boot->EndPfn);
        boot->Log->Print(" scratch_bytes=%d", boot->Books.Tables.Scratch);
        boot->Books.Tables.EndLine(boot->Log);
        PageAccounts.Log(&boot->Books, pages);
    }

    /// <summary>Logs the page frame table as held from a stage on, at the address that the stage's allocator gave.</summary>
    public static void LogPageTable(BootState* boot, string stage, ulong address)
    {
        HolderLog.Held(boot->Log, stage, PageTableName, address, address + PageTableBytes(boot));
    }
}
