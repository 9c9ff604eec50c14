using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Facts;
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
        pages->Init(boot->Log, &boot->Memory->Physical, boot->PageTableAddress, boot->EndPfn, boot->PageTableZeroed);

        PageRuns runs = default;
        runs.Init(pages, &PageAllocator.Receive);
        boot->HandOver(boot, &runs);

        uint released = PageAccounts.ReleaseLoaderInformation(&boot->Books, pages);
        if (released != 0)
        {
            boot->Log->Print("Freeing boot information: %dk freed\n", (ulong)released << (PageSize.Shift - 10));
        }

        PrintMemory(boot);
        ulong ticks = boot->StageTicks();
        HolderLog.LogBlocks(boot->Log, pages);
        boot->Log->Print(
            "bootalloc: stage name=buddy managed_pages=%d free_pages=%d blocks=%d metadata_bytes=%d ticks=%d"
                + " dma_free_pages=%d normal_free_pages=%d span_pages=%d\n",
            boot->Books.Ram.Pages,
            pages->FreePageCount,
            pages->FreeBlockCount,
            pages->TableBytes,
            ticks,
            pages->Dma.FreePages,
            pages->Normal.FreePages,
            boot->EndPfn);
        PageAccounts.Log(&boot->Books, pages);
    }

    /// <summary>Logs the page frame table as held from a stage on, at the address that the stage's allocator gave.</summary>
    public static void LogPageTable(BootState* boot, string stage, ulong address)
    {
        HolderLog.Held(boot->Log, stage, PageTableName, address, address + PageTableBytes(boot));
    }

    /// <summary>Logs the zones and the active ranges, as Linux does once it knows them.</summary>
    public static void PrintActive(BootState* boot)
    {
        PrintZones(boot);
        ActiveRanges* active = &boot->Memory->Active;
        boot->Log->Print("early_node_map[%d] active PFN ranges\n", (ulong)active->Count);
        for (int i = 0; i < active->Count; i++)
        {
            active->Get(i, out ulong startPfn, out ulong endPfn);
            boot->Log->Print("  %3d: 0x%08x -> 0x%08x\n", 0, startPfn, endPfn);
        }
    }

    /// <summary>Logs the zones.</summary>
    public static void PrintZones(BootState* boot)
    {
        uint first = boot->Books.Ram.FirstPfn(0);
        uint border = boot->EndPfn < PageAllocator.DmaEndPfn ? boot->EndPfn : PageAllocator.DmaEndPfn;
        boot->Log->Print("Zone PFN ranges:\n");
        boot->Log->Print("  DMA      0x%08x -> 0x%08x\n", first, border);
        boot->Log->Print("  Normal   0x%08x -> 0x%08x\n", border, boot->EndPfn);
    }

    private static void PrintMemory(BootState* boot)
    {
        MachineFacts* facts = boot->Facts;
        ulong free = (ulong)boot->Memory->Pages.FreePageCount << (PageSize.Shift - 10);
        ulong total = (ulong)boot->EndPfn << (PageSize.Shift - 10);
        ulong reserved = (ulong)(boot->Books.Ram.Pages - boot->Memory->Pages.ManagedPages) << (PageSize.Shift - 10);
        boot->Log->Print(
            "Memory: %dk/%dk available (%dk kernel code, %dk reserved, %dk data, 0k init)\n",
            free,
            total,
            (facts->TextEnd - facts->TextStart) >> 10,
            reserved,
            (facts->ImageEnd - facts->TextEnd) >> 10);
    }
}
