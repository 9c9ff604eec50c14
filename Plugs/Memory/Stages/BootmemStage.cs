using CosmosBootAlloc.Memory.Books;
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
        memory->Bootmem.TakeOver(&memory->EarlyRes, 0, (ulong)boot->EndPfn << PageSize.Shift);
        ulong ticks = boot->StageTicks();
        NodeLines.Print(boot, memory->Bootmem.DmaReservedPages);
        boot->BeginStage();
        ulong table = memory->Bootmem.Allocate(BuddyStage.PageTableBytes(boot), PageSize.Bytes, BuddyStage.PageTableGoal);
        ticks += boot->StageTicks();
        HolderLog.Held(boot->Log, "bootmem", MapName, MapStart(memory), MapStart(memory) + MapBytes(memory));
        BuddyStage.LogPageTable(boot, "bootmem", table);
        boot->Log->Print(
            "bootalloc: stage name=bootmem bitmap_bytes=%d allocations=%d ticks=%d\n",
            MapBytes(memory),
            memory->Bootmem.Allocations,
            ticks);
        boot->PageTableAddress = table;
        boot->PageTableZeroed = true;
        boot->HandOver = &HandOver;
    }

    private static void HandOver(BootState* boot, PageRuns* runs)
    {
        MachineMemory* memory = boot->Memory;
        memory->Bootmem.HandOver(runs);
        HolderLog.Released(boot->Log, "buddy", MapName, MapStart(memory), MapStart(memory) + MapBytes(memory));
    }

    private static ulong MapStart(MachineMemory* memory) => memory->Bootmem.MapPfn << PageSize.Shift;

    private static ulong MapBytes(MachineMemory* memory) => memory->Bootmem.MapPages << PageSize.Shift;
}
