using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>The end of the bitmap: what is free goes to the buddy, and the bitmap's own pages last (2.6.34 free_all_bootmem).</summary>
public unsafe partial struct BootmemAllocator
{
    /// <summary>
    /// Hands over every free page, then the bitmap's own. The bitmap is not to be used afterwards.
    /// </summary>
    /// <remarks>
    /// Linux goes by words of 64 pages, ascending: a block of 64 if the node starts at a multiple of 64, all of the word's pages are
    /// free and the word is not the last one (nor ends where the node ends); single pages otherwise. Here the free runs of the bitmap are
    /// cut at the same places, so the blocks and their order are the same. O(node pages/32 at worst, by the summary, plus runs).
    /// </remarks>
    /// <param name="runs">Takes the blocks; already initialized, flushed here.</param>
    /// <returns>Pages handed over.</returns>
    public ulong HandOver(PageRuns* runs)
    {
        uint pages = _bitmap.Pages;
        uint bulkEnd = pages == 0 || (_startPfn & (PageRuns.BulkPages - 1)) != 0 ? 0 : (pages - 1) & ~((uint)PageRuns.BulkPages - 1);
        uint end;
        for (uint from = _bitmap.NextFree(0, pages); from < pages; from = _bitmap.NextFree(end, pages))
        {
            end = _bitmap.NextReserved(from, pages);
            uint border = end < bulkEnd ? end : bulkEnd;
            if (from < border)
            {
                runs->AddRange(_startPfn + from, _startPfn + border);
                from = border;
            }

            runs->Add(_startPfn + from, 0, end - from);
        }

        runs->Add(_mapPfn, 0, MapPages);
        runs->Flush();
        return runs->Pages;
    }

    /// <summary>
    /// Hands over the whole pages of [<paramref name="address"/>, + <paramref name="size"/>) bytes after <see cref="HandOver"/>, one by
    /// one: memory that was only needed during boot (2.6.34 free_bootmem_late). O(1) here.
    /// </summary>
    public static void HandOverLate(ulong address, ulong size, PageRuns* runs)
    {
        ulong startPfn = PageSize.PfnUp(address);
        ulong endPfn = PageSize.PfnDown(EndOf(address, size));
        runs->Add(startPfn, 0, endPfn > startPfn ? endPfn - startPfn : 0);
        runs->Flush();
    }
}
