namespace CosmosBootAlloc.Memory;

/// <summary>
/// The way with bootmem: a bitmap takes the early reservations over, serves boot allocations page by page, and hands what is free to
/// the page allocator, its own pages last.
/// </summary>
public static unsafe class BootmemStage
{
    /// <summary>Runs from the early reservations to the page allocator.</summary>
    public static void Run(BootChain* boot)
    {
        boot->BeginStage();
        MachineMemory* memory = boot->Memory;
        memory->Active.Init(boot->Log);
        memory->Bootmem.SetUp(boot->Log, &memory->Physical, &memory->Map, &memory->EarlyRes, &memory->Active, boot->EndPfn);
        BuddyStage.PrintActive(boot);
        memory->Bootmem.TakeOver(&memory->EarlyRes, 0, (ulong)boot->EndPfn << PageSize.Shift);
        ulong table = memory->Bootmem.Allocate(BuddyStage.PageTableBytes(boot), PageSize.Bytes, BuddyStage.PageTableGoal);
        boot->Log->Print("bootalloc: stage name=bootmem bitmap_bytes=%d allocations=%d ticks=%d\n", memory->Bootmem.MapPages << PageSize.Shift, memory->Bootmem.Allocations, boot->StageTicks());

        BuddyStage.Begin(boot, table, zeroed: true);
        PageRuns runs = default;
        runs.Init(&memory->Pages, &PageAllocator.Receive);
        memory->Bootmem.HandOver(&runs);
        BuddyStage.End(boot);
    }
}
