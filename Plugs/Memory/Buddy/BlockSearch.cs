namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>Finds the block that a page lies in when the page is not its head. Reads a zone, changes nothing.</summary>
internal static class BlockSearch
{
    /// <summary>As <see cref="Zone.StateOf"/>, looking only for blocks of at least an order, or that start at the pfn itself.</summary>
    internal static PageState Enclosing(ref Zone zone, uint pfn, uint smallest, out uint head, out uint order)
    {
        for (uint reach = smallest; reach < Zone.Orders; reach++)
        {
            head = pfn & (0u - (1u << (int)reach));
            if (head - zone.StartPfn >= zone.EndPfn - zone.StartPfn)
            {
                break;
            }

            PageState state = zone.BlockAt(head, out order);
            if (state != PageState.Reserved && (order >= reach || head == pfn))
            {
                return state;
            }
        }

        head = pfn;
        order = 0;
        return PageState.Reserved;
    }
}
