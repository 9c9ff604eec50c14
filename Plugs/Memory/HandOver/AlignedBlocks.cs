namespace CosmosBootAlloc.Memory.HandOver;

/// <summary>
/// Cuts a range of pages into the fewest blocks that a buddy allocator takes: powers of two up to order 10, each at a
/// multiple of its size. Ascending: the blocks grow up to the largest, stay there, and shrink at the end.
/// memblock 6.12's hand-over; page 0 counts as a multiple of everything.
/// </summary>
public static unsafe class AlignedBlocks
{
    /// <summary>Largest order: 2^10 pages, 4 MiB.</summary>
    public const uint MaxOrder = 10;

    /// <summary>Hands [start, end) over. O(orders), however many blocks: the largest ones are a single run.</summary>
    /// <param name="startPfn">First page.</param>
    /// <param name="endPfn">First page after; at most 2^52. Nothing is done unless it is above the start.</param>
    /// <param name="runs">Takes the blocks; not flushed here.</param>
    public static void Give(ulong startPfn, ulong endPfn, PageRuns* runs)
    {
        if (startPfn >= endPfn)
        {
            return;
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

                runs->Add(pfn, order, 1);
                pfn += pages;
            }

            order++;
        }

        // Level: only reached on a multiple of the largest block.
        if (order == MaxOrder)
        {
            ulong blocks = (endPfn - pfn) >> (int)MaxOrder;
            runs->Add(pfn, MaxOrder, blocks);
            pfn += blocks << (int)MaxOrder;
        }

        // Down: what is left is less than one block of the order above.
        while (order > 0)
        {
            order--;
            ulong pages = 1UL << (int)order;
            if (endPfn - pfn >= pages)
            {
                runs->Add(pfn, order, 1);
                pfn += pages;
            }
        }
    }
}
