using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// The way without bootmem: boot allocations are entries of early_res itself, and what no entry touches goes straight to the
/// page allocator.
/// </summary>
public static unsafe class NoBootmemStage
{
    /// <summary>Runs from the early reservations to the page allocator.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        MachineMemory* memory = boot->Memory;
        memory->Active.Init(boot->Log);
        memory->NoBootmem.Init(boot->Log, &memory->Physical, &memory->EarlyRes, &memory->Active);
        memory->NoBootmem.RegisterActive(&memory->Map, boot->EndPfn);
        ulong ticks = boot->StageTicks();
        NodeLines.Print(boot, 0);
        boot->BeginStage();
        ulong table = memory->NoBootmem.AllocateRaw(BuddyStage.PageTableBytes(boot), PageSize.Bytes, BuddyStage.PageTableGoal);
        ticks += boot->StageTicks();
        BuddyStage.LogPageTable(boot, "nobootmem", table);
        EarlyResStage.NoteTable(boot, "nobootmem");
        boot->Log->Print("bootalloc: stage name=nobootmem allocations=%d ticks=%d", memory->NoBootmem.Allocations, ticks);
        boot->Books.Tables.EndLine(boot->Log);
        boot->PageTableAddress = table;
        boot->HandOver = &HandOver;
    }

    private static void HandOver(BootState* boot, PageRuns* runs)
    {
        BootTables* tables = &boot->Books.Tables;
        tables->Scratch = FreeRangeWalk.ListBytes;
        tables->Rise(tables->InImage + tables->InRam + tables->Scratch);
        boot->Memory->NoBootmem.HandOver(runs);
        EarlyResStage.NoteTable(boot, "buddy");
    }
}
