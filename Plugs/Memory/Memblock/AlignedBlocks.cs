namespace CosmosBootAlloc.Memory;

/// <summary>
/// Cuts a run of pages into the fewest blocks that a buddy allocator takes: powers of two up to order 10, each at a
/// multiple of its size. Ascending: the blocks grow up to the largest, stay there, and shrink at the end.
/// memblock 6.12's hand-over; page 0 counts as a multiple of everything.
/// </summary>
public static unsafe class AlignedBlocks
{
    /// <summary>Largest order handed over: 2^10 pages, 4 MiB.</summary>
    public const uint MaxOrder = 10;

    private const ulong LargestPages = 1UL << (int)MaxOrder;

    /// <summary>Hands [start, end) over, block by block.</summary>
    /// <param name="startPfn">First page.</param>
    /// <param name="endPfn">First page after; at most 2^52.</param>
    /// <param name="context">Passed to <paramref name="sink"/> unchanged.</param>
    /// <param name="sink">Called with context, first pfn and order of each block.</param>
    /// <returns>Pages handed over. One call a block: pages / 1024 + at most 20.</returns>
    public static ulong Give(ulong startPfn, ulong endPfn, void* context, delegate*<void*, ulong, uint, void> sink)
    {
        if (startPfn >= endPfn)
        {
            return 0;
        }

        ulong pfn = startPfn;
        uint order = 0;

        // Up: the lowest set bit of the pfn is the largest block that may start there.
        while (order < MaxOrder)
        {
            ulong pages = 1UL << (int)order;
            if ((pfn & pages) != 0)
            {
                if (pages > endPfn - pfn)
                {
                    break;
                }

                sink(context, pfn, order);
                pfn += pages;
            }

            order++;
        }

        // Level: only reached on a multiple of the largest block.
        if (order == MaxOrder)
        {
            while (endPfn - pfn >= LargestPages)
            {
                sink(context, pfn, MaxOrder);
                pfn += LargestPages;
            }
        }

        // Down: what is left is less than one block of the order above.
        while (order > 0)
        {
            order--;
            ulong pages = 1UL << (int)order;
            if (endPfn - pfn >= pages)
            {
                sink(context, pfn, order);
                pfn += pages;
            }
        }

        return endPfn - startPfn;
    }
}
