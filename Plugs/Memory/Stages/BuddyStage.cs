using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Facts;
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

    /// <summary>Starts the stage: zones without pages, over a table at an address that the variant allocated and reserved.</summary>
    /// <param name="boot">The boot.</param>
    /// <param name="tableAddress">Physical address of <see cref="PageTableBytes"/> bytes.</param>
    /// <param name="zeroed">The variant's allocator has zeroed them.</param>
    public static void Begin(BootState* boot, ulong tableAddress, bool zeroed)
    {
        boot->BeginStage();
        boot->PageTableAddress = tableAddress;
        boot->Ledger.Claim(tableAddress, tableAddress + PageTableBytes(boot), PageTableName, false);
        E820Stage.Claim(boot);
        boot->Memory->Pages.Init(boot->Log, &boot->Memory->Physical, tableAddress, boot->EndPfn, zeroed);
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

    /// <summary>Ends the stage: what the loader left goes too, then the sum.</summary>
    public static void End(BootState* boot)
    {
        PageAllocator* pages = &boot->Memory->Pages;
        uint released = Accounts.ReleaseLoaderInformation(boot);
        if (released != 0)
        {
            boot->Log->Print("Freeing boot information: %dk freed\n", (ulong)released << (PageSize.Shift - 10));
        }

        PrintMemory(boot);
        ulong ticks = boot->StageTicks();
        Holders.LogBlocks(boot);
        boot->Log->Print("bootalloc: stage name=buddy managed_pages=%d free_pages=%d blocks=%d metadata_bytes=%d ticks=%d dma_free_pages=%d normal_free_pages=%d span_pages=%d\n", boot->Ram.Pages, pages->FreePageCount, pages->FreeBlockCount, pages->TableBytes, ticks, pages->Dma.FreePages, pages->Normal.FreePages, boot->EndPfn);
        Accounts.Log(boot);
    }

    /// <summary>Logs the zones.</summary>
    public static void PrintZones(BootState* boot)
    {
        uint first = boot->Ram.FirstPfn(0);
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
        ulong reserved = (ulong)(boot->Ram.Pages - boot->Memory->Pages.ManagedPages) << (PageSize.Shift - 10);
        boot->Log->Print("Memory: %dk/%dk available (%dk kernel code, %dk reserved, %dk data, 0k init)\n", free, total, (facts->TextEnd - facts->TextStart) >> 10, reserved, (facts->ImageEnd - facts->TextEnd) >> 10);
    }
}
