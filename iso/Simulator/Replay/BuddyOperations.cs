using System.Text;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>
/// zone, page_free, page_alloc, counts, lists: one zone of the page allocator, anywhere. A trace's page_free both hands over and
/// gives back, so it is told apart here by the state of the page; and Linux takes part of an allocated block back, our zone only a
/// whole one, so the block is split first.
/// </summary>
public sealed unsafe class BuddyOperations : IOperationSet
{
    private readonly HostMachine _machine;
    private readonly TraceMemory _limits;

    /// <summary>Operations on the DMA32 zone of a machine; without pages until <c>zone</c>.</summary>
    public BuddyOperations(HostMachine machine, TraceMemory limits)
    {
        _machine = machine;
        _limits = limits;
        MakeZone(0, 0);
    }

    /// <summary>Whether the trace made a zone: then boot allocators hand over to it.</summary>
    public bool HasZone { get; private set; }

    /// <summary>The zone.</summary>
    public Zone* Pages => &_machine.Memory->Pages.Dma32;

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        switch (operation.Name)
        {
            case "zone":
                operation.Expect(2);
                uint start = (uint)operation.NumberUpTo(0, Zone.MaxEndPfn);
                uint end = (uint)operation.NumberUpTo(1, Zone.MaxEndPfn);
                _limits.Write(operation, end > start ? (ulong)(end - start) * PageFrame.Size : 0);
                MakeZone(start, end);
                HasZone = true;
                return true;
            case "page_free":
                operation.Expect(2);
                Free((uint)operation.NumberUpTo(0, uint.MaxValue), (uint)operation.NumberUpTo(1, uint.MaxValue));
                return true;
            case "page_alloc":
                operation.Expect(1);
                uint pfn = Pages->Allocate((uint)operation.NumberUpTo(0, uint.MaxValue));
                results.Value = pfn == Zone.None ? "none" : TraceResults.Hex(pfn);
                return true;
            case "counts":
                operation.Expect(0);
                results.Value = Counts();
                return true;
            case "lists":
                List(operation.Count == 0 ? ulong.MaxValue : operation.Number(0), results);
                return true;
            default:
                return false;
        }
    }

    private void MakeZone(uint startPfn, uint endPfn)
    {
        MachineMemory* memory = _machine.Memory;
        PageFrame* table = (PageFrame*)memory->Physical.At(TraceMemory.End);
        memory->Pages.Dma32.Init(&memory->Log, table, startPfn & ~(PageBlock.MaxPages - 1), startPfn, endPfn);
    }

    private void Free(uint pfn, uint order)
    {
        bool inside = pfn >= Pages->StartPfn && pfn < Pages->EndPfn;
        uint head = 0;
        uint found = 0;
        PageState state = inside ? Pages->StateOf(pfn, out head, out found) : PageState.Free;
        if (state == PageState.Reserved)
        {
            Pages->HandOver(pfn, order);
            return;
        }

        if (state == PageState.Allocated)
        {
            Split(head, found, pfn, order);
        }

        Pages->Free(pfn, order);
    }

    /// <summary>Halves an allocated block until the one that holds a page is of an order; smaller ones stay as they are.</summary>
    private void Split(uint head, uint found, uint pfn, uint order)
    {
        while (found > order)
        {
            found--;
            uint upper = head + (1u << (int)found);
            Pages->Frames[head].Forward = PageFrame.AllocatedTag | found;
            Pages->Frames[upper].Forward = PageFrame.AllocatedTag | found;
            head = pfn >= upper ? upper : head;
        }
    }

    private string Counts()
    {
        StringBuilder counts = new();
        for (uint order = 0; order < Zone.Orders; order++)
        {
            counts.Append(order == 0 ? "" : " ").Append(Pages->FreeBlocks(order));
        }

        return counts.ToString();
    }

    private void List(ulong max, TraceResults results)
    {
        for (uint order = 0; order < Zone.Orders; order++)
        {
            uint pfn = Pages->FirstFree(order);
            if (pfn == Zone.None)
            {
                continue;
            }

            StringBuilder row = new(order.ToString(System.Globalization.CultureInfo.InvariantCulture));
            for (ulong shown = 0; pfn != Zone.None; pfn = Pages->NextFree(pfn), shown++)
            {
                if (shown == max)
                {
                    row.Append(" ...");
                    break;
                }

                row.Append(' ').Append(TraceResults.Hex(pfn));
            }

            results.Row(row.ToString());
        }
    }
}
