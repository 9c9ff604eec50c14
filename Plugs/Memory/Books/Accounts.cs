using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The sum: every whole page of usable RAM is either in the page allocator or somebody's by name. Logged at the end of each chain, and
/// checked page by page by <see cref="FindFault"/>.
/// </summary>
public static unsafe class Accounts
{
    /// <summary>Gives back what the loader's boot information took, now that it was read. A page that somebody else touches too stays.</summary>
    /// <returns>Pages given to the page allocator.</returns>
    public static uint ReleaseLoaderInformation(BootState* boot)
    {
        // Struck out first: what is then still somebody's is shared and stays.
        ulong* start = stackalloc ulong[Ledger.Capacity];
        ulong* end = stackalloc ulong[Ledger.Capacity];
        int count = 0;
        for (int i = 0; i < boot->Ledger.Count; i++)
        {
            NamedRange* claim = boot->Ledger.Get(i);
            if (NamedRange.IsNamed(claim, MachineFacts.LoaderInformation))
            {
                start[count] = claim->Start;
                end[count] = claim->End;
                count++;
                boot->Ledger.Strike(i);
                Holders.Release(boot, "buddy", MachineFacts.LoaderInformation, start[count - 1], end[count - 1]);
            }
        }

        uint released = 0;
        for (int i = 0; i < count; i++)
        {
            released += Release(boot, (uint)PageSize.PfnDown(start[i]), (uint)PageSize.PfnUp(end[i]));
        }

        return released;
    }

    /// <summary>Logs one line an owner and the sum.</summary>
    /// <returns>Usable pages that are neither in the page allocator nor owned, or the other way round: 0 when the books are right.</returns>
    public static uint Log(BootState* boot)
    {
        uint* pages = stackalloc uint[Ledger.Capacity];
        uint unowned = Count(boot, pages);
        uint reserved = 0;
        for (int i = 0; i < boot->Ledger.Count; i++)
        {
            if (pages[i] != 0)
            {
                reserved += pages[i];
                boot->Log->Text("bootalloc: account name=\"");
                boot->Log->Bytes(NamedRange.Name(boot->Ledger.Get(i)), 0);
                boot->Log->Print("\" pages=%d start=%x end=%x\n", pages[i], boot->Ledger.Get(i)->Start, boot->Ledger.Get(i)->End);
            }
        }

        uint given = boot->Memory->Pages.ManagedPages;
        uint missing = unowned > given ? unowned - given : given - unowned;
        boot->Log->Print("bootalloc: accounted usable_pages=%d free_pages=%d reserved_pages=%d missing_pages=%d fragment_bytes=%d above_4g_kb=%d\n", boot->Ram.Pages, given, reserved, missing, boot->Ram.FragmentBytes, boot->Ram.BytesAboveLimit >> 10);
        return missing;
    }

    /// <summary>Counts the pages of each claim.</summary>
    /// <param name="boot">The boot.</param>
    /// <param name="pages">Receives a number for each claim.</param>
    /// <returns>Pages that nobody claims.</returns>
    public static uint Count(BootState* boot, uint* pages)
    {
        uint unowned = 0;
        for (int i = 0; i < boot->Ledger.Count; i++)
        {
            pages[i] = 0;
        }

        for (int i = 0; i < boot->Ram.Count; i++)
        {
            uint end = boot->Ram.LastPfn(i);
            uint until;
            for (uint pfn = boot->Ram.FirstPfn(i); pfn < end; pfn = until)
            {
                int owner = boot->Ledger.OwnerOf(pfn, end, out until);
                if (owner == Ledger.Nobody)
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
    /// Compares the books with the page allocator, page by page: what nobody claims is in it, what is claimed is not, and nothing outside usable RAM is.
    /// O(pages).
    /// </summary>
    /// <returns>The first pfn where they differ, or <see cref="PageAllocator.None"/>.</returns>
    public static uint FindFault(BootState* boot)
    {
        uint pfn = 0;
        for (int i = 0; i < boot->Ram.Count; i++)
        {
            uint fault = FindOther(boot, pfn, boot->Ram.FirstPfn(i), given: false);
            if (fault != PageAllocator.None)
            {
                return fault;
            }

            uint end = boot->Ram.LastPfn(i);
            uint until;
            for (pfn = boot->Ram.FirstPfn(i); pfn < end; pfn = until)
            {
                bool given = boot->Ledger.OwnerOf(pfn, end, out until) == Ledger.Nobody;
                fault = FindOther(boot, pfn, until, given);
                if (fault != PageAllocator.None)
                {
                    return fault;
                }
            }
        }

        return FindOther(boot, pfn, boot->Memory->Pages.EndPfn, given: false);
    }

    private static uint FindOther(BootState* boot, uint startPfn, uint endPfn, bool given)
    {
        uint pfn = startPfn;
        while (pfn < endPfn && pfn < boot->Memory->Pages.EndPfn)
        {
            PageState state = boot->Memory->Pages.StateOf(pfn, out uint head, out uint order);
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

    private static uint Release(BootState* boot, uint startPfn, uint endPfn)
    {
        uint released = 0;
        for (int i = 0; i < boot->Ram.Count; i++)
        {
            uint first = startPfn > boot->Ram.FirstPfn(i) ? startPfn : boot->Ram.FirstPfn(i);
            uint last = endPfn < boot->Ram.LastPfn(i) ? endPfn : boot->Ram.LastPfn(i);
            for (uint pfn = first; pfn < last; pfn++)
            {
                bool owned = boot->Ledger.OwnerOf(pfn, pfn + 1, out uint _) != Ledger.Nobody;
                if (!owned && boot->Memory->Pages.StateOf(pfn, out uint _, out uint _) == PageState.Reserved)
                {
                    boot->Memory->Pages.HandOver(pfn, 0);
                    released++;
                }
            }
        }

        return released;
    }
}
