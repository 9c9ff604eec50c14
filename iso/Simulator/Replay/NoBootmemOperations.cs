using System;
using System.Globalization;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>Boot memory without a bitmap: initmem, bm_*, reserve_bm, free_ranges, free_all, free_late.</summary>
public sealed unsafe class NoBootmemOperations : IOperationSet
{
    /// <summary>Bytes of an entry of Linux's scratch list: two 64-bit pfns.</summary>
    private const ulong ScratchEntryBytes = 16;

    private readonly MachineMemory* _memory;
    private readonly BuddyOperations _buddy;
    private readonly TraceMemory _limits;

    /// <summary>Works on the machine's early reservations and active ranges; the free pages go to the buddy's zone.</summary>
    public NoBootmemOperations(HostMachine machine, BuddyOperations buddy, TraceMemory limits)
    {
        _limits = limits;
        _memory = machine.Memory;
        _buddy = buddy;
        Stage->Init(&_memory->Log, &_memory->Physical, &_memory->EarlyRes, &_memory->Active);
    }

    private NoBootmemAllocator* Stage => &_memory->NoBootmem;

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "initmem":
                operation.Expect(1);
                Stage->RegisterActive(&_memory->Map, operation.Number(0));
                return true;
            case "bm_free":
                operation.Expect(2);
                Stage->Free(operation.Number(0), operation.Number(1));
                return true;
            case "bm_alloc":
                operation.Expect(3);
                results.Value = Allocate(
                    operation,
                    () => Stage->TryAllocate(operation.Number(0), operation.Number(1), operation.Number(2), NoBootmemAllocator.NoLimit));
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
                    operation,
                    () => Stage->AllocateOnce(operation.Number(0), operation.Number(1), operation.Number(2), NoBootmemAllocator.NoLimit));
                return true;
            case "bm_alloc_core":
                operation.Expect(4);
                results.Value = Allocate(
                    operation,
                    () => Stage->AllocateOnce(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                return true;
            case "reserve_bm":
                operation.Expect(3);
                Stage->Reserve();
                return true;
            case "free_ranges":
                operation.Expect(0);
                FreeRanges(results);
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

    // An allocation lies in an active range, and takes a slot of the table of reservations.
    private string Allocate(TraceOperation operation, Func<ulong> allocate)
    {
        ulong largest = 0;
        for (int i = 0; i < _memory->Active.Count; i++)
        {
            _memory->Active.Get(i, out ulong start, out ulong end);
            TraceMemory.CheckPages(operation, "an active range", start, end);
            largest = Math.Max(largest, (end - start) << PageSize.Shift);
        }

        _limits.CheckTable(operation);
        return TraceResults.Address(_limits.Allocate(operation, largest, allocate));
    }

    /// <summary>
    /// The stage needs no scratch list. The address shown is where Linux's would be found: two entries per reservation, below the end of
    /// mapped memory, above 4 GiB if that is mapped.
    /// </summary>
    private void FreeRanges(TraceResults results)
    {
        EarlyReservations* reservations = &_memory->EarlyRes;
        ulong start = reservations->MappedEnd > PcMap.AddressLimit ? PcMap.AddressLimit : 0;
        ulong scratch = reservations->Find(
            start,
            reservations->MappedEnd,
            (ulong)reservations->Count * 2 * ScratchEntryBytes,
            ScratchEntryBytes);
        Stage->LogReservations();
        FreeRangeWalk walk = default;
        walk.Init(&_memory->Active, reservations);
        while (walk.Next(out ulong startPfn, out ulong endPfn))
        {
            results.Row($"{TraceResults.Hex(startPfn)} {TraceResults.Hex(endPfn)}");
        }

        results.Value = $"{results.Rows.Count} {TraceResults.Address(scratch)}";
    }

    private void FreeAll(TraceResults results)
    {
        using HandOverRows rows = new(results, _buddy);
        PageRuns runs = default;
        rows.Init(&runs);
        results.Value = Stage->HandOver(&runs).ToString(CultureInfo.InvariantCulture);
    }

    private void FreeLate(ulong address, ulong size, TraceResults results)
    {
        using HandOverRows rows = new(results, _buddy);
        PageRuns runs = default;
        rows.Init(&runs);
        NoBootmemAllocator.HandOverLate(address, size, &runs);
    }
}
