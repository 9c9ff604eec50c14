using System.Globalization;
using CosmosBootAlloc.Memory.Lmb;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>Operations of trace kind lmb.</summary>
public sealed unsafe class LmbOperations : IOperationSet
{
    private readonly HostMachine _machine;

    /// <summary>Makes the machine's lmb fresh.</summary>
    public LmbOperations(HostMachine machine)
    {
        _machine = machine;
        Lmb->Init(&machine.Memory->Log);
    }

    private LmbAllocator* Lmb => &_machine.Memory->Lmb;

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        uint before = Lmb->Merges;
        switch (operation.Name)
        {
            case "lmb_add":
                operation.Expect(2);
                results.Value = Merges(before, Lmb->Add(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_remove":
                operation.Expect(2);
                results.Value = Merges(before, Lmb->Remove(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_reserve":
                operation.Expect(2);
                results.Value = Merges(before, Lmb->Reserve(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_free":
                operation.Expect(2);
                results.Value = Merges(before, Lmb->Free(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_analyze":
                operation.Expect(0);
                Lmb->Analyze();
                return true;
            case "lmb_enforce":
                operation.Expect(1);
                Lmb->EnforceLimit(operation.Number(0));
                return true;
            case "lmb_alloc_base":
                operation.Expect(3);
                results.Value = TraceResults.Address(Lmb->AllocBase(operation.Number(0), operation.Number(1), operation.Number(2)));
                return true;
            case "lmb_alloc":
                operation.Expect(2);
                results.Value = TraceResults.Address(Lmb->Alloc(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_alloc_nid":
                operation.Expect(2);
                results.Value = TraceResults.Address(Lmb->AllocNode(operation.Number(0), operation.Number(1)));
                return true;
            case "lmb_is_reserved":
                operation.Expect(1);
                results.Value = Lmb->IsReserved(operation.Number(0)) ? "1" : "0";
                return true;
            case "lmb_is_region_reserved":
                operation.Expect(2);
                results.Value = Lmb->FindReserved(operation.Number(0), operation.Number(1)).ToString(CultureInfo.InvariantCulture);
                return true;
            case "lmb_find":
                operation.Expect(2);
                Find(operation, results);
                return true;
            case "lmb_size":
                operation.Expect(0);
                results.Value = $"{TraceResults.Hex(Lmb->MemoryBytes)} {TraceResults.Hex(Lmb->RealModeBytes)}";
                return true;
            case "lmb_dump":
                operation.Expect(0);
                Dump(results);
                return true;
            default:
                return false;
        }
    }

    private void Find(TraceOperation operation, TraceResults results)
    {
        ulong start = operation.Number(0);
        ulong size = operation.Number(1);
        bool found = Lmb->ClipToMemory(ref start, ref size);
        results.Value = found ? $"{TraceResults.Hex(start)} {TraceResults.Hex(size)}" : "none";
    }

    private void Dump(TraceResults results)
    {
        for (uint i = 0; i < Lmb->MemoryCount; i++)
        {
            LmbRegion* region = Lmb->MemoryRegion(i);
            results.Row($"memory {i} {TraceResults.Hex(region->Base)} {TraceResults.Hex(region->Size)}");
        }

        for (uint i = 0; i < Lmb->ReservedCount; i++)
        {
            LmbRegion* region = Lmb->ReservedRegion(i);
            results.Row($"reserved {i} {TraceResults.Hex(region->Base)} {TraceResults.Hex(region->Size)}");
        }

        results.Value = $"{Lmb->MemoryCount} {Lmb->ReservedCount}";
    }

    // 2.6.34 returns how many neighbors a range was joined to, or -1.
    private string Merges(uint before, bool done) => done ? (Lmb->Merges - before).ToString(CultureInfo.InvariantCulture) : "-1";
}
