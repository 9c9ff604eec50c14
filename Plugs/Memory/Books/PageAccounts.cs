using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The sum: every whole page of usable RAM is either in the page allocator or somebody's by name. Logged at the end of each boot, and
/// checked page by page by <see cref="FindFault"/>.
/// </summary>
public static unsafe class PageAccounts
{
    /// <summary>
    /// Gives back what the loader's boot information took, now that it was read. A page that somebody else touches too stays.
    /// </summary>
    /// <returns>Pages given to the page allocator.</returns>
    public static uint ReleaseLoaderInformation(BootBooks* books, PageAllocator* pages)
    {
        // Struck out first: what is then still somebody's is shared and stays.
        ulong* start = stackalloc ulong[ClaimList.Capacity];
        ulong* end = stackalloc ulong[ClaimList.Capacity];
        int count = 0;
        for (int i = 0; i < books->Claims.Count; i++)
        {
            NamedRange* claim = books->Claims.Get(i);
            if (NamedRange.IsNamed(claim, MachineFacts.LoaderInformation))
            {
                start[count] = claim->Start;
                end[count] = claim->End;
                count++;
                books->Claims.Strike(i);
                HolderLog.Released(books->Log, "buddy", MachineFacts.LoaderInformation, start[count - 1], end[count - 1]);
            }
        }

        uint released = 0;
        for (int i = 0; i < count; i++)
        {
            released += Release(books, pages, (uint)PageSize.PfnDown(start[i]), (uint)PageSize.PfnUp(end[i]));
        }

        return released;
    }

    /// <summary>Logs one line per owner and the sum.</summary>
    /// <returns>Usable pages that are neither in the page allocator nor owned, or the other way round: 0 when the books are
    /// right.</returns>
    public static uint Log(BootBooks* books, PageAllocator* allocator)
    {
        uint* pages = stackalloc uint[ClaimList.Capacity];
        uint unowned = Count(books, pages);
        uint reserved = 0;
        for (int i = 0; i < books->Claims.Count; i++)
        {
            if (pages[i] != 0)
            {
                reserved += pages[i];
                books->Log->Text("bootalloc: account name=\"");
                books->Log->Bytes(NamedRange.Name(books->Claims.Get(i)), 0);
                books->Log->Print("\" pages=%d start=%x end=%x\n", pages[i], books->Claims.Get(i)->Start, books->Claims.Get(i)->End);
            }
        }

        uint given = allocator->ManagedPages;
        uint missing = unowned > given ? unowned - given : given - unowned;
        books->Log->Print(
            "bootalloc: accounted usable_pages=%d free_pages=%d reserved_pages=%d missing_pages=%d fragment_bytes=%d above_4g_kb=%d\n",
            books->Ram.Pages,
            given,
            reserved,
            missing,
            books->Ram.FragmentBytes,
            books->Ram.BytesAboveLimit >> 10);
        return missing;
    }

    /// <summary>Counts the pages of each claim.</summary>
    /// <param name="books">The books.</param>
    /// <param name="pages">Receives a number for each claim.</param>
    /// <returns>Pages that nobody claims.</returns>
    public static uint Count(BootBooks* books, uint* pages)
    {
        uint unowned = 0;
        for (int i = 0; i < books->Claims.Count; i++)
        {
            pages[i] = 0;
        }

        for (int i = 0; i < books->Ram.Count; i++)
        {
            uint end = books->Ram.LastPfn(i);
            uint until;
            for (uint pfn = books->Ram.FirstPfn(i); pfn < end; pfn = until)
            {
                int owner = books->Claims.OwnerOf(pfn, end, out until);
                if (owner == ClaimList.Nobody)
                {
                    unowned += until - pfn;
                }
                else
                {
                    pages[owner] += until - pfn;
                }
            }
        }

        return unowned;
    }

    /// <summary>
    /// Compares the books with the page allocator, page by page: what nobody claims is in it, what is claimed is not, and nothing
    /// outside usable RAM is. O(pages).
    /// </summary>
    /// <returns>The first pfn where they differ, or <see cref="PageAllocator.None"/>.</returns>
    public static uint FindFault(BootBooks* books, PageAllocator* pages)
    {
        uint pfn = 0;
        for (int i = 0; i < books->Ram.Count; i++)
        {
            uint fault = FindOther(pages, pfn, books->Ram.FirstPfn(i), given: false);
            if (fault != PageAllocator.None)
            {
                return fault;
            }

            uint end = books->Ram.LastPfn(i);
            uint until;
            for (pfn = books->Ram.FirstPfn(i); pfn < end; pfn = until)
            {
                bool given = books->Claims.OwnerOf(pfn, end, out until) == ClaimList.Nobody;
                fault = FindOther(pages, pfn, until, given);
                if (fault != PageAllocator.None)
                {
                    return fault;
                }
            }
        }

        return FindOther(pages, pfn, pages->EndPfn, given: false);
    }

    private static uint FindOther(PageAllocator* pages, uint startPfn, uint endPfn, bool given)
    {
        uint pfn = startPfn;
        while (pfn < endPfn && pfn < pages->EndPfn)
        {
            PageState state = pages->StateOf(pfn, out uint head, out uint order);
            if ((state != PageState.Reserved) != given)
            {
                return pfn;
            }

            // The rest of a block is in the same state as its head.
            pfn = head + (1u << (int)order);
        }

        // A block that reaches beyond covers pages of another owner.
        return given && pfn > endPfn ? endPfn : PageAllocator.None;
    }

    private static uint Release(BootBooks* books, PageAllocator* pages, uint startPfn, uint endPfn)
    {
        uint released = 0;
        ulong start = (ulong)startPfn << PageSize.Shift;
        ulong end = (ulong)endPfn << PageSize.Shift;
        for (int i = 0; i < books->Ram.Count && books->Ram.Start(i) < end; i++)
        {
            if (books->Ram.End(i) <= start)
            {
                continue;
            }

            uint first = startPfn > books->Ram.FirstPfn(i) ? startPfn : books->Ram.FirstPfn(i);
            uint last = endPfn < books->Ram.LastPfn(i) ? endPfn : books->Ram.LastPfn(i);
            for (uint pfn = first; pfn < last; pfn++)
            {
                bool owned = books->Claims.OwnerOf(pfn, pfn + 1, out uint _) != ClaimList.Nobody;
                if (!owned && pages->StateOf(pfn, out uint _, out uint _) == PageState.Reserved)
                {
                    pages->HandOver(pfn, 0);
                    released++;
                }
            }
        }

        return released;
    }
}
