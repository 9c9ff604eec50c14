using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// The way with bootmem: a bitmap takes the early reservations over, serves boot allocations page by page, and hands what is free to
/// the page allocator, its own pages last.
/// </summary>
public static unsafe class BootmemStage
{
    // As early_res has it.
    private const string MapName = "BOOTMAP";

    /// <summary>Runs from the early reservations to the page allocator.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        MachineMemory* memory = boot->Memory;
        memory->Active.Init(boot->Log);
        memory->Bootmem.SetUp(boot->Log, &memory->Physical, &memory->Map, &memory->EarlyRes, &memory->Active, boot->EndPfn);
        ulong earlyResBytes = memory->EarlyRes.TableBytes;
        memory->Bootmem.TakeOver(&memory->EarlyRes, 0, (ulong)boot->EndPfn << PageSize.Shift);
        ulong ticks = boot->StageTicks();
        NodeLines.Print(boot, memory->Bootmem.DmaReservedPages);
        boot->BeginStage();
        ulong table = memory->Bootmem.AllocateRaw(BuddyStage.PageTableBytes(boot), PageSize.Bytes, BuddyStage.PageTableGoal);
        ticks += boot->StageTicks();
        HolderLog.Held(boot->Log, "bootmem", MapName, MapStart(memory), MapStart(memory) + MapBytes(memory));
        BuddyStage.LogPageTable(boot, "bootmem", table);
        EarlyResStage.NoteTable(boot, "bootmem");
        boot->Books.Tables.Set(
            PageBitmap.SummaryBytes, MapBytes(memory), earlyResBytes + PageBitmap.SummaryBytes + MapBytes(memory));
        boot->Log->Print(
            "bootalloc: stage name=bootmem bitmap_bytes=%d allocations=%d ticks=%d",
            MapBytes(memory),
            memory->Bootmem.Allocations,
            ticks);
        boot->Books.Tables.EndLine(boot->Log);
        boot->PageTableAddress = table;
        boot->HandOver = &HandOver;
    }

    private static void HandOver(BootState* boot, PageRuns* runs)
    {
        MachineMemory* memory = boot->Memory;
        memory->Bootmem.HandOver(runs);
        boot->Books.Tables.Set(0, 0, 0);
        HolderLog.Released(boot->Log, "buddy", MapName, MapStart(memory), MapStart(memory) + MapBytes(memory));
    }

    private static ulong MapStart(MachineMemory* memory) => memory->Bootmem.MapPfn << PageSize.Shift;

    private static ulong MapBytes(MachineMemory* memory) => memory->Bootmem.MapPages << PageSize.Shift;
}
