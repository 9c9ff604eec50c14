using System;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>The bitmap's operations: bm_*, initmem, handover, free_all, free_late.</summary>
public sealed unsafe class BootmemOperations : IOperationSet
{
    private readonly MachineMemory* _memory;
    private readonly BuddyOperations _buddy;
    private readonly TraceMemory _limits;

    /// <summary>A node without pages, until <c>bm_init</c> or <c>initmem</c>; the free pages go to the buddy's zone.</summary>
    public BootmemOperations(HostMachine machine, BuddyOperations buddy, TraceMemory limits)
    {
        _limits = limits;
        _memory = machine.Memory;
        _buddy = buddy;
        Stage->Init(&_memory->Log, &_memory->Physical, 0, 0, 0);
    }

    private BootmemAllocator* Stage => &_memory->Bootmem;

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "bm_init":
                operation.Expect(3);
                CheckNode(operation, operation.Number(0), operation.Number(1), operation.Number(2));
                Stage->Init(&_memory->Log, &_memory->Physical, operation.Number(0), operation.Number(1), operation.Number(2));
                results.Value = TraceResults.Hex(BootmemAllocator.BitmapBytes(Stage->EndPfn - Stage->StartPfn));
                return true;
            case "initmem":
                operation.Expect(1);
                CheckNode(operation, 0, 0, operation.Number(0));
                _limits.CheckTable(operation);
                Stage->SetUp(&_memory->Log, &_memory->Physical, &_memory->Map, &_memory->EarlyRes, &_memory->Active, operation.Number(0));
                return true;
            case "bm_active":
                operation.Expect(1);
                Stage->FreeActive(&_memory->Active, operation.Number(0));
                return true;
            case "handover":
                operation.Expect(2);
                Stage->TakeOver(&_memory->EarlyRes, operation.Number(0), operation.Number(1));
                return true;
            case "bm_reserve":
                operation.Expect(3);
                results.Value = Stage->Reserve(operation.Number(0), operation.Number(1), operation.Flag(2)) ? "0" : "-16";
                return true;
            case "bm_free":
                operation.Expect(2);
                Stage->Free(operation.Number(0), operation.Number(1));
                return true;
            case "bm_alloc":
                operation.Expect(3);
                results.Value = Allocate(
                    operation, () => Stage->TryAllocate(operation.Number(0), operation.Number(1), operation.Number(2), 0));
                return true;
            case "bm_alloc_panic":
                operation.Expect(3);
                results.Value = Allocate(operation, () => Stage->Allocate(operation.Number(0), operation.Number(1), operation.Number(2)));
                return true;
            case "bm_alloc_low":
                operation.Expect(3);
                results.Value = Allocate(
                    operation, () => Stage->AllocateLow(operation.Number(0), operation.Number(1), operation.Number(2)));
                return true;
            case "bm_alloc_node":
                operation.Expect(3);
                results.Value = Allocate(
                    operation, () => Stage->AllocateInNode(operation.Number(0), operation.Number(1), operation.Number(2)));
                return true;
            case "bm_alloc_core":
                operation.Expect(4);
                results.Value = Allocate(
                    operation,
                    () => Stage->AllocateOnce(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                return true;
            case "bm_map":
                operation.Expect(0);
                Map(results);
                return true;
            case "free_all":
                operation.Expect(0);
                FreeAll(results);
                return true;
            case "free_late":
                operation.Expect(2);
                FreeLate(operation.Number(0), operation.Number(1), results);
                return true;
            default:
                return false;
        }
    }

    // The node's memory is written when it is allocated, its bitmap at once. A reversed node is the stage's to refuse.
    private void CheckNode(TraceOperation operation, ulong mapPfn, ulong startPfn, ulong endPfn)
    {
        ulong bytes = endPfn > startPfn ? BootmemAllocator.BitmapBytes(endPfn - startPfn) : 0;
        TraceMemory.CheckPages(operation, "the node", startPfn, endPfn);
        TraceMemory.CheckPages(operation, "the bitmap", mapPfn, mapPfn + PageSize.PfnUp(bytes));
        _limits.Write(operation, bytes);
    }

    private string Allocate(TraceOperation operation, Func<ulong> allocate)
        => TraceResults.Address(_limits.Allocate(operation, (Stage->EndPfn - Stage->StartPfn) << PageSize.Shift, allocate));

    private void Map(TraceResults results)
    {
        for (ulong pfn = Stage->StartPfn; Stage->NextFreeRun(pfn, out ulong start, out ulong end); pfn = end)
        {
            results.Row($"{TraceResults.Hex(start)} {TraceResults.Hex(end)}");
        }

        results.Value = $"{TraceResults.Hex(Stage->Hint)} {TraceResults.Hex(Stage->LastEndOffset)}";
    }

    private void FreeAll(TraceResults results)
    {
        using HandOverRows rows = new(results, _buddy);
        PageRuns runs = default;
        rows.Init(&runs);
        results.Value = Stage->HandOver(&runs).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private void FreeLate(ulong address, ulong size, TraceResults results)
    {
        using HandOverRows rows = new(results, _buddy);
        PageRuns runs = default;
        rows.Init(&runs);
        BootmemAllocator.HandOverLate(address, size, &runs);
    }
}
