using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Lmb;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// lmb's part of the boot: RAM and claims go into its two tables, the page frame table comes out of them, the rest is handed over.
/// </summary>
public static unsafe class LmbStage
{
    /// <summary>Runs from the map to the page allocator.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        Fill(boot);
        LmbAllocator* lmb = &boot->Memory->Lmb;
        ulong tableBytes = BuddyStage.PageTableBytes(boot);
        ulong table = lmb->AllocBase(tableBytes, PageSize.Bytes, (ulong)boot->EndPfn << PageSize.Shift);
        if (table == PhysicalAddress.None)
        {
            boot->Log->Panic(
                "Out of memory: found no %d kB in one piece for the page frame table; lmb has %d kB",
                tableBytes >> 10,
                lmb->MemoryBytes >> 10);
            return;
        }

        ulong ticks = boot->StageTicks();
        NodeLines.PrintModules(boot);
        HolderLog.LogClaims(&boot->Books, "lmb");
        BuddyStage.LogPageTable(boot, "lmb", table);
        boot->Books.Tables.Set(lmb->TableBytes, 0, lmb->TableBytes);
        boot->Log->Print(
            "bootalloc: stage name=lmb memory_regions=%d reserved_regions=%d reserved_kb=%d capacity=%d ticks=%d",
            lmb->MemoryCount,
            lmb->ReservedCount,
            ReservedBytes(lmb) >> 10,
            LmbTable.Capacity,
            ticks);
        boot->Books.Tables.EndLine(boot->Log);

        boot->Memory->Active.Init(boot->Log);
        boot->Memory->Active.RegisterFromMap(&boot->Memory->Map, 0, boot->EndPfn);
        NodeLines.Print(boot, 0);
        boot->PageTableAddress = table;
        boot->HandOver = &HandOver;
    }

    private static void HandOver(BootState* boot, PageRuns* runs)
    {
        boot->Memory->Lmb.HandOver(boot->EndPfn, runs);
        boot->Books.Tables.Set(0, 0, 0);
    }

    private static void Fill(BootState* boot)
    {
        LmbAllocator* lmb = &boot->Memory->Lmb;
        lmb->Init(boot->Log);
        E820Map* map = &boot->Memory->Map;
        for (int i = 0; i < map->Count; i++)
        {
            // lmb has no trim of its own: whole pages go in.
            if (map->IsRam(i) && map->WholePages(i, 0, boot->EndPfn, out ulong startPfn, out ulong endPfn))
            {
                Check(boot, lmb->Add(startPfn << PageSize.Shift, (endPfn - startPfn) << PageSize.Shift), "memory");
            }
        }

        BootClaims.Collect(&boot->Books.Claims, boot->Facts, &boot->Memory->Physical);
        for (int i = 0; i < boot->Books.Claims.Count; i++)
        {
            NamedRange* claim = boot->Books.Claims.Get(i);
            Check(boot, lmb->Reserve(claim->Start, claim->End - claim->Start), "reserved");
        }

        lmb->Analyze();
    }

    private static void Check(BootState* boot, bool taken, string table)
    {
        if (!taken)
        {
            boot->Log->Text("lmb: the ");
            boot->Log->Text(table);
            boot->Log->Print(" table is full\n");
            boot->Log->Panic("lmb: more than %d ranges; this machine needs another variant", LmbTable.Capacity);
        }
    }

    private static ulong ReservedBytes(LmbAllocator* lmb)
    {
        ulong bytes = 0;
        for (uint i = 0; i < lmb->ReservedCount; i++)
        {
            bytes += lmb->ReservedRegion(i)->Size;
        }

        return bytes;
    }
}
