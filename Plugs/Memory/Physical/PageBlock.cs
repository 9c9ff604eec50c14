namespace CosmosBootAlloc.Memory.Physical;

/// <summary>A block of pages: 2^order of them, at a multiple of its size.</summary>
public static class PageBlock
{
    /// <summary>The largest order: 2^10 pages, 4 MiB.</summary>
    public const uint MaxOrder = 10;

    /// <summary>Pages of the largest block.</summary>
    public const uint MaxPages = 1u << (int)MaxOrder;

    /// <summary>
    /// Order of the largest block that starts at <paramref name="startPfn"/> and has at most <paramref name="pages"/> pages, at least
    /// 1. Page 0 is a multiple of every size. O(1).
    /// </summary>
    public static uint LargestOrder(uint startPfn, uint pages)
    {
        uint order = Bits.LowestSet(startPfn | MaxPages);
        return pages >> (int)order != 0 ? order : Bits.HighestSet(pages);
    }
}
