using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>Broken contracts of a zone: each is a BUG that says what was found in place of what was named.</summary>
internal static unsafe class ZoneRefusals
{
    /// <summary>A block that is given back is none that was taken with that order.</summary>
    internal static void Free(ref Zone zone, KernelLog* log, uint pfn, uint order)
    {
        if (pfn - zone.StartPfn >= zone.EndPfn - zone.StartPfn)
        {
            log->Bug("page free of pfn %x order %d outside the zone %x-%x", pfn, order, zone.StartPfn, zone.EndPfn);
            return;
        }

        PageState state = zone.StateOf(pfn, out uint head, out uint found);
        if (state == PageState.Reserved)
        {
            log->Bug("page free of pfn %x order %d, which is reserved: it was never handed over", pfn, order);
            return;
        }

        if (state == PageState.Free)
        {
            log->Bug("double free of pfn %x order %d: it lies in the free block %x order %d", pfn, order, head, found);
            return;
        }

        log->Bug("page free of pfn %x order %d: the allocated block is %x order %d", pfn, order, head, found);
    }

    /// <summary>What is handed over is no block.</summary>
    internal static void Shape(KernelLog* log, uint pfn, uint order)
    {
        log->Bug("handing over pfn %x order %d: needs an order up to %d and a pfn aligned to it", pfn, order, Zone.MaxOrder);
    }

    /// <summary>A block that is handed over is not all in the zone.</summary>
    internal static void Outside(ref Zone zone, KernelLog* log, uint pfn, uint order)
    {
        log->Bug("handing over pfn %x order %d outside the zone %x-%x", pfn, order, zone.StartPfn, zone.EndPfn);
    }

    /// <summary>A block that is handed over lies in one that was.</summary>
    internal static void Twice(ref Zone zone, KernelLog* log, uint pfn, uint order)
    {
        zone.StateOf(pfn, out uint head, out uint found);
        log->Bug("handing over pfn %x order %d twice: it lies in the block %x order %d", pfn, order, head, found);
    }
}
