namespace CosmosBootAlloc.Memory.Physical;

/// <summary>A block of pages: 2^order of them, at a multiple of its size.</summary>
public static class PageBlock
{
    /// <summary>The largest order: 2^10 pages, 4 MiB.</summary>
    public const uint MaxOrder = 10;

    /// <summary>Pages of the largest block.</summary>
    public const uint MaxPages = 1u << (int)MaxOrder;

    /// <summary>
    /// Order of the largest block that starts at <paramref name="startPfn"/> and ends at or before <paramref name="endPfn"/>, which is above
    /// the start. Page 0 is a multiple of every size. O(1).
    /// </summary>
    public static uint LargestOrder(uint startPfn, uint endPfn)
    {
        uint order = Bits.LowestSet(startPfn | MaxPages);
        uint fits = Bits.HighestSet(endPfn - startPfn);
        return fits < order ? fits : order;
    }

    /// <summary>The same for page numbers beyond 32 bits.</summary>
    public static uint LargestOrder(ulong startPfn, ulong endPfn)
    {
        ulong pages = endPfn - startPfn;
        uint start = (uint)startPfn & (MaxPages - 1);
        return LargestOrder(start, start + (pages < MaxPages ? (uint)pages : MaxPages));
    }
}
