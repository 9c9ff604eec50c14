using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// What Linux prints of its one node: boot modules, zones, active ranges, the pages of each zone, and the line <c>Memory:</c>. Words and
/// arithmetic are those of x86-64 2.6.34; on one machine the figures differ where ours has less: 8 bytes a page frame instead of 56, no
/// lists per CPU (batch 0), and no RAM from 4 GiB up.
/// </summary>
/// <remarks>
/// All figures come from the active ranges, which every variant registers, and whose page 0 and ISA hole are taken out: both are absent.
/// The lines are printed outside of the time of a stage.
/// </remarks>
public static unsafe class NodeLines
{
    private const int KilobytesPerPageShift = PageSize.Shift - 10;

    /// <summary>Logs where each boot module lies, bytes, half-open, its last page whole (2.6.34 reserve_initrd).</summary>
    public static void PrintModules(BootState* boot)
    {
        for (int i = 0; i < boot->Books.Claims.Count; i++)
        {
            NamedRange* claim = boot->Books.Claims.Get(i);
            if (NamedRange.IsNamed(claim, MachineFacts.Module))
            {
                boot->Log->Print("RAMDISK: %08x - %08x\n", claim->Start, claim->End);
            }
        }
    }

    /// <summary>
    /// Logs zones, active ranges, and pages (2.6.34 free_area_init_nodes). A zone's line begins at the lowest active page and gives its
    /// limit, not its end; the pages are those inside. O(ranges).
    /// </summary>
    /// <param name="boot">The active ranges are registered.</param>
    /// <param name="dmaReservedPages">Pages of the DMA zone that <see cref="Bootmem.BootmemAllocator.DmaReservedPages"/> counts; 0 in
    /// variants without a bitmap, as in Linux.</param>
    public static void Print(BootState* boot, ulong dmaReservedPages)
    {
        ActiveRanges* active = &boot->Memory->Active;
        PrintZones(boot, active->LowestPfn);
        boot->Log->Print("Movable zone start PFN for each node\n");
        boot->Log->Print("early_node_map[%d] active PFN ranges\n", (ulong)active->Count);
        boot->Log->PrintTable(&PrintRanges, boot->Memory);
        boot->Log->Print("On node 0 totalpages: %d\n", active->PagesIn(0, E820Map.FourGibPfn));
        PrintDmaPages(boot, dmaReservedPages);
        ulong present = PrintTablePages(boot, "  DMA32", PageAllocator.DmaEndPfn, E820Map.FourGibPfn);
        PrintPages(boot, "  DMA32", present);
    }

    /// <summary>
    /// Logs the sum when everything is handed over (2.6.34 mem_init): free of all page frames up to the last, and of the rest what is
    /// absent (no RAM, page 0, the ISA hole) and what is reserved. The three add up to the total.
    /// </summary>
    public static void PrintMemory(BootState* boot)
    {
        MachineFacts* facts = boot->Facts;
        ulong free = boot->Memory->Pages.FreePageCount;
        ulong present = boot->Memory->Active.PagesIn(0, boot->EndPfn);
        boot->Log->Print(
            "Memory: %dk/%dk available (%dk kernel code, %dk absent, %dk reserved, %dk data, 0k init)\n",
            free << KilobytesPerPageShift,
            (ulong)boot->EndPfn << KilobytesPerPageShift,
            (facts->TextEnd - facts->TextStart) >> 10,
            (boot->EndPfn - present) << KilobytesPerPageShift,
            (present - free) << KilobytesPerPageShift,
            (facts->ImageEnd - facts->TextEnd) >> 10);
    }

    private static void PrintRanges(void* state)
    {
        MachineMemory* memory = (MachineMemory*)state;
        for (int i = 0; i < memory->Active.Count; i++)
        {
            memory->Active.Get(i, out ulong startPfn, out ulong endPfn);
            memory->Log.Print("  %3d: 0x%08x -> 0x%08x\n", 0, startPfn, endPfn);
        }
    }

    // What lies above 4 GiB would be Normal: a 32-bit kernel leaves it alone.
    private static void PrintZones(BootState* boot, ulong lowestPfn)
    {
        boot->Log->Print("Zone PFN ranges:\n");
        if (lowestPfn < PageAllocator.DmaEndPfn)
        {
            boot->Log->Print("  DMA      0x%08x -> 0x%08x\n", lowestPfn, PageAllocator.DmaEndPfn);
        }
        else
        {
            boot->Log->Print("  DMA      empty\n");
        }

        boot->Log->Print("  DMA32    0x%08x -> 0x%08x\n", PageAllocator.DmaEndPfn, E820Map.FourGibPfn);
        boot->Log->Print("  Normal   empty\n");
    }

    private static void PrintDmaPages(BootState* boot, ulong reservedPages)
    {
        ulong pages = PrintTablePages(boot, "  DMA", 0, PageAllocator.DmaEndPfn);
        if (pages > reservedPages)
        {
            pages -= reservedPages;
            boot->Log->Print("  DMA zone: %d pages reserved\n", reservedPages);
        }

        PrintPages(boot, "  DMA", pages);
    }

    // The table's part for the zone, holes included, is counted as the zone's, wherever the table lies. Gives what remains.
    private static ulong PrintTablePages(BootState* boot, string zone, ulong startPfn, ulong endPfn)
    {
        ActiveRanges* active = &boot->Memory->Active;
        ulong present = active->PagesIn(startPfn, endPfn);
        ulong first = active->LowestPfn > startPfn ? active->LowestPfn : startPfn;
        ulong end = active->HighestEndPfn < endPfn ? active->HighestEndPfn : endPfn;
        ulong table = first < end ? PageAllocator.MetadataBytes(end - first) >> PageSize.Shift : 0;
        if (table > present)
        {
            boot->Log->Text(zone);
            boot->Log->Print(" zone: %d pages exceeds realsize %d\n", table, present);
            return present;
        }

        if (table != 0)
        {
            boot->Log->Text(zone);
            boot->Log->Print(" zone: %d pages used for memmap\n", table);
        }

        return present - table;
    }

    private static void PrintPages(BootState* boot, string zone, ulong pages)
    {
        if (pages != 0)
        {
            boot->Log->Text(zone);
            boot->Log->Print(" zone: %d pages, LIFO batch:0\n", pages);
        }
    }
}
