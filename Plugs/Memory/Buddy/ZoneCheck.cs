namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>The check of a zone against itself, for the self-test.</summary>
internal static unsafe class ZoneCheck
{
    /// <summary>See <see cref="Zone.FindFault"/>.</summary>
    internal static uint FindFault(ref Zone zone)
    {
        uint* seen = stackalloc uint[(int)Zone.Orders];
        for (uint order = 0; order < Zone.Orders; order++)
        {
            seen[order] = 0;
        }

        uint managed = 0;
        uint end = zone.EndPfn;
        uint pages;
        for (uint pfn = zone.StartPfn; pfn < end; pfn += pages)
        {
            PageState state = zone.BlockAt(pfn, out uint order);
            if (order > Zone.MaxOrder)
            {
                return pfn;
            }

            pages = 1u << (int)order;
            if (state == PageState.Reserved)
            {
                continue;
            }

            managed += pages;
            if ((pfn & (pages - 1)) != 0 || end - pfn < pages)
            {
                return pfn;
            }

            for (uint inside = 1; inside < pages && !zone.IsFresh(pfn); inside++)
            {
                if (zone.Frames[pfn + inside].Forward != 0)
                {
                    return pfn + inside;
                }
            }

            if (state == PageState.Free)
            {
                seen[order]++;
                uint buddy = pfn ^ pages;
                if (order < Zone.MaxOrder && buddy - zone.StartPfn < (zone.EndPfn - zone.StartPfn)
                    && zone.BlockAt(buddy, out uint other) == PageState.Free
                    && other == order)
                {
                    return pfn;
                }
            }
        }

        for (uint order = 0; order < Zone.Orders; order++)
        {
            uint fault = FindFaultInList(ref zone, order);
            if (fault != Zone.None)
            {
                return fault;
            }

            if (seen[order] != zone.FreeBlocks(order))
            {
                return end;
            }
        }

        return managed == zone.ManagedPages ? Zone.None : end;
    }

    private static uint FindFaultInList(ref Zone zone, uint order)
    {
        uint length = 0;
        uint previous = Zone.None;
        for (uint pfn = zone.FirstFree(order); pfn != Zone.None; pfn = zone.NextFree(pfn))
        {
            if (pfn - zone.StartPfn >= (zone.EndPfn - zone.StartPfn) || zone.BlockAt(pfn, out uint found) != PageState.Free
                || found != order)
            {
                return pfn;
            }

            if ((previous != Zone.None && zone.Frames[pfn].Back != previous) || ++length > zone.FreeBlocks(order))
            {
                return pfn;
            }

            previous = pfn;
        }

        return length == zone.FreeBlocks(order) ? Zone.None : zone.EndPfn;
    }
}
