using System.Collections.Generic;
using System.Globalization;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>Operations of trace kind memblock.</summary>
public sealed unsafe class MemblockOperations : IOperationSet
{
    private readonly HostMachine _machine;
    private readonly BuddyOperations _buddy;

    /// <summary>Makes the machine's memblock empty.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="buddy">What is handed over also enters its zone, if it has one.</param>
    public MemblockOperations(HostMachine machine, BuddyOperations buddy)
    {
        _machine = machine;
        _buddy = buddy;
        Memblock->Init(&machine.Memory->Log, &machine.Memory->Physical, TraceMemory.End);
    }

    private MemblockAllocator* Memblock => &_machine.Memory->Memblock;

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        return Change(operation, results) || Allocate(operation, results) || Ask(operation, results) || List(operation, results);
    }

    private bool Change(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "mb_add":
                operation.Expect(2);
                results.Value = Code(Memblock->Add(operation.Number(0), operation.Number(1)));
                return true;
            case "mb_remove":
                operation.Expect(2);
                results.Value = Code(Memblock->Remove(operation.Number(0), operation.Number(1)));
                return true;
            case "mb_reserve":
                operation.Expect(2);
                results.Value = Code(Memblock->Reserve(operation.Number(0), operation.Number(1)));
                return true;
            case "mb_free":
                operation.Expect(2);
                results.Value = Code(Memblock->Free(operation.Number(0), operation.Number(1)));
                return true;
            case "mb_mark":
                operation.Expect(3);
                results.Value = Code(Mark(operation));
                return true;
            case "mb_clear":
                operation.Expect(3);
                results.Value = Code(Clear(operation));
                return true;
            case "mb_movable_node":
                operation.Expect(1);
                Memblock->SetMovableNode(operation.Flag(0));
                return true;
            case "mb_bottom_up":
                operation.Expect(1);
                Memblock->SetBottomUp(operation.Flag(0));
                return true;
            case "mb_limit":
                operation.Expect(1);
                Memblock->SetLimit(operation.Number(0));
                return true;
            case "mb_resize":
                operation.Expect(0);
                Memblock->AllowResize();
                return true;
            case "mb_trim":
                operation.Expect(1);
                Memblock->Trim(operation.Number(0));
                return true;
            case "mb_enforce":
                operation.Expect(1);
                MemblockTraces.EnforceLimit(ref *Memblock, operation.Number(0));
                return true;
            case "mb_cap":
                operation.Expect(2);
                MemblockTraces.CapRange(ref *Memblock, operation.Number(0), operation.Number(1));
                return true;
            default:
                return false;
        }
    }

    private bool Allocate(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "mb_find":
                operation.Expect(4);
                results.Value = TraceResults.Address(
                    Memblock->Find(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                return true;
            case "mb_alloc":
                operation.Expect(4);
                results.Value = TraceResults.Address(
                    Memblock->Alloc(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                return true;
            case "mb_alloc_try":
                operation.Expect(4);
                results.Value = TraceResults.Address(
                    Memblock->AllocTry(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                return true;
            default:
                return false;
        }
    }

    private bool Ask(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "mb_is_reserved":
                operation.Expect(1);
                results.Value = Truth(MemblockTraces.IsReserved(ref *Memblock, operation.Number(0)));
                return true;
            case "mb_is_memory":
                operation.Expect(1);
                results.Value = Truth(MemblockTraces.IsMemory(ref *Memblock, operation.Number(0)));
                return true;
            case "mb_is_map":
                operation.Expect(1);
                results.Value = Truth(MemblockTraces.IsMapMemory(ref *Memblock, operation.Number(0)));
                return true;
            case "mb_region_is_memory":
                operation.Expect(2);
                results.Value = Truth(MemblockTraces.IsRegionMemory(ref *Memblock, operation.Number(0), operation.Number(1)));
                return true;
            case "mb_region_is_reserved":
                operation.Expect(2);
                results.Value = Truth(MemblockTraces.IsRegionReserved(ref *Memblock, operation.Number(0), operation.Number(1)));
                return true;
            case "mb_size":
                operation.Expect(0);
                results.Value = Pair(Memblock->MemoryBytes, Memblock->ReservedBytes);
                return true;
            case "mb_bounds":
                operation.Expect(0);
                results.Value = Pair(Memblock->MemoryStart, Memblock->MemoryEnd);
                return true;
            default:
                return false;
        }
    }

    private bool List(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "mb_free_ranges":
                operation.Expect(0);
                FreeRanges(results, false);
                return true;
            case "mb_free_ranges_rev":
                operation.Expect(0);
                FreeRanges(results, true);
                return true;
            case "mb_pfn_ranges":
                operation.Expect(0);
                PfnRanges(results);
                return true;
            case "mb_dump":
                operation.Expect(0);
                Dump(results);
                return true;
            case "mb_free_all":
                FreeAll(operation, results);
                return true;
            default:
                return false;
        }
    }

    private bool Mark(TraceOperation operation)
    {
        ulong start = operation.Number(1);
        ulong size = operation.Number(2);
        return operation.Word(0) switch
        {
            "hotplug" => MemblockTraces.MarkHotplug(ref *Memblock, start, size),
            "nomap" => MemblockTraces.MarkNomap(ref *Memblock, start, size),
            "mirror" => MemblockTraces.MarkMirror(ref *Memblock, start, size),
            "noinit" => MemblockTraces.MarkNoinit(ref *Memblock, start, size),
            { } word => throw operation.Error($"argument 1 of 'mb_mark': expected hotplug, nomap, mirror or noinit, "
                + $"found '{PastedText.Quote(word)}'"),
        };
    }

    private bool Clear(TraceOperation operation)
    {
        ulong start = operation.Number(1);
        ulong size = operation.Number(2);
        return operation.Word(0) switch
        {
            "hotplug" => MemblockTraces.ClearHotplug(ref *Memblock, start, size),
            "nomap" => MemblockTraces.ClearNomap(ref *Memblock, start, size),
            { } word => throw operation.Error($"argument 1 of 'mb_clear': expected hotplug or nomap, found '{PastedText.Quote(word)}'"),
        };
    }

    private void FreeRanges(TraceResults results, bool fromTop)
    {
        MemblockCursor cursor = fromTop ? Memblock->FreeRangesFromTop() : Memblock->FreeRanges();
        while (fromTop ? Memblock->Previous(ref cursor) : Memblock->Next(ref cursor))
        {
            results.Row(Pair(cursor.Start, cursor.End));
        }

        results.Value = results.Rows.Count.ToString(CultureInfo.InvariantCulture);
    }

    private void PfnRanges(TraceResults results)
    {
        uint index = 0;
        while (MemblockTraces.NextPfnRange(ref *Memblock, ref index, out ulong start, out ulong end))
        {
            results.Row(Pair(start, end));
        }

        results.Value = results.Rows.Count.ToString(CultureInfo.InvariantCulture);
    }

    private void Dump(TraceResults results)
    {
        for (uint i = 0; i < Memblock->MemoryCount; i++)
        {
            results.Row(Region("memory", i, Memblock->MemoryRegion(i)));
        }

        for (uint i = 0; i < Memblock->ReservedCount; i++)
        {
            results.Row(Region("reserved", i, Memblock->ReservedRegion(i)));
        }

        results.Value = $"{Memblock->MemoryCount} {Memblock->MemoryCapacity} {Memblock->ReservedCount} {Memblock->ReservedCapacity}";
    }

    private void FreeAll(TraceOperation operation, TraceResults results)
    {
        ulong maxLowPfn = ulong.MaxValue;
        if (operation.Count > 0)
        {
            operation.Expect(1);
            maxLowPfn = operation.Number(0);
        }

        using HandOverRows rows = new(results, _buddy);
        PageRuns runs = default;
        rows.Init(&runs);
        results.Value = Memblock->HandOver(maxLowPfn, &runs).ToString(CultureInfo.InvariantCulture);
    }

    private static string Region(string list, uint index, MemblockRegion* region)
    {
        return $"{list} {index} {TraceResults.Hex(region->Base)} {TraceResults.Hex(region->Size)} {TraceResults.Hex(region->Flags)}";
    }

    private static string Pair(ulong first, ulong second) => $"{TraceResults.Hex(first)} {TraceResults.Hex(second)}";

    // Linux returns 0 or -ENOMEM.
    private static string Code(bool done) => done ? "0" : "-12";

    private static string Truth(bool value) => value ? "1" : "0";
}
