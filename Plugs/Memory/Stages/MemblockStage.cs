using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Firmware;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// memblock's part of the boot: RAM and claims go into its two lists, the page frame table comes out of them, the rest is handed over.
/// </summary>
public static unsafe class MemblockStage
{
    /// <summary>Runs from the map to the page allocator.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        Fill(boot);
        MemblockAllocator* memblock = &boot->Memory->Memblock;
        ulong tableBytes = BuddyStage.PageTableBytes(boot);
        ulong table = memblock->AllocTry(tableBytes, PageSize.Bytes, BuddyStage.PageTableGoal, MemblockAllocator.Accessible);
        if (table == PhysicalAddress.None)
        {
            boot->Log->Panic(
                "Out of memory: found no %d kB in one piece for the page frame table; memblock has %d kB, %d kB of it reserved",
                tableBytes >> 10,
                memblock->MemoryBytes >> 10,
                memblock->ReservedBytes >> 10);
            return;
        }

        ulong ticks = boot->StageTicks();
        NodeLines.PrintModules(boot);
        HolderLog.LogClaims(&boot->Books, "memblock");
        BuddyStage.LogPageTable(boot, "memblock", table);
        boot->Books.Tables.Set(memblock->InlineBytes, memblock->GrownBytes, memblock->MostTableBytes);
        PlaceLists(boot, "memblock");
        boot->Log->Print(
            "bootalloc: stage name=memblock memory_regions=%d reserved_regions=%d reserved_kb=%d capacity=%d ticks=%d",
            memblock->MemoryCount,
            memblock->ReservedCount,
            memblock->ReservedBytes >> 10,
            memblock->ReservedCapacity,
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
        boot->Memory->Memblock.HandOver(boot->EndPfn, runs);
        boot->Memory->Memblock.Discard(runs);
        boot->Books.Tables.Set(0, 0, boot->Memory->Memblock.MostTableBytes);
        PlaceLists(boot, "buddy");
    }

    // A list that has grown lies in RAM.
    private static void PlaceLists(BootState* boot, string stage)
    {
        MemblockAllocator* memblock = &boot->Memory->Memblock;
        BootTables* tables = &boot->Books.Tables;
        ulong memory = memblock->MemoryListAddress;
        ulong reserved = memblock->ReservedListAddress;
        tables->Place(boot->Log, stage, 0, "memblock memory", memory, memory == 0 ? 0 : memory + memblock->MemoryListBytes);
        tables->Place(boot->Log, stage, 1, "memblock reserved", reserved, reserved == 0 ? 0 : reserved + memblock->ReservedListBytes);
    }

    private static void Fill(BootState* boot)
    {
        MemblockAllocator* memblock = &boot->Memory->Memblock;
        memblock->Init(boot->Log, &boot->Memory->Physical, PcMap.AddressLimit);
        BootClaims.Collect(&boot->Books.Claims, boot->Facts, &boot->Memory->Physical);
        for (int i = 0; i < boot->Books.Claims.Count; i++)
        {
            NamedRange* claim = boot->Books.Claims.Get(i);
            Check(boot, memblock->Reserve(claim->Start, claim->End - claim->Start), claim->Start, claim->End);
        }

        // All that is taken is known: the lists may grow into what is left.
        memblock->AllowResize();
        E820Map* map = &boot->Memory->Map;
        for (int i = 0; i < map->Count; i++)
        {
            if (map->IsRam(i))
            {
                Check(boot, memblock->Add(map->Start(i), map->Size(i)), map->Start(i), map->End(i));
            }
        }

        memblock->Trim(PageSize.Bytes);
        memblock->SetLimit((ulong)boot->EndPfn << PageSize.Shift);
    }

    private static void Check(BootState* boot, bool taken, ulong start, ulong end)
    {
        if (!taken)
        {
            boot->Log->Panic("memblock: its list is full and finds no room to double, with [%x-%x] still to enter", start, end - 1);
        }
    }
}
