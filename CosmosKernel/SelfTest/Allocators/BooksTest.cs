using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Kernel.SelfTest.Allocators;

/// <summary>The sum of the boot log, checked page by page.</summary>
internal static unsafe class BooksTest
{
    internal static void Run(Checks* checks)
    {
        BootState* boot = KernelState.Boot;
        PageAllocator* pages = &KernelState.Memory->Pages;
        uint* counts = stackalloc uint[ClaimList.Capacity];
        uint unowned = PageAccounts.Count(&boot->Books, counts);
        checks->Equal(unowned, pages->ManagedPages, "every usable page that nobody claims is in the page allocator");
        uint reserved = 0;
        for (int i = 0; i < boot->Books.Claims.Count; i++)
        {
            reserved += counts[i];
        }

        checks->Equal(boot->Books.Ram.Pages, unowned + reserved, "usable pages are free or somebody's");
        checks->Equal(
            PageAllocator.None, PageAccounts.FindFault(&boot->Books, &boot->Memory->Pages),
            "page by page: claimed pages are not in the allocator, all others are");
        checks->Equal(PageAllocator.None, pages->FindFault(), "the page allocator's lists, blocks and counts agree");
        checks->Expect(
            pages->TableBytes <= 8 * (ulong)pages->EndPfn + PageSize.Bytes, "at most 8 bytes of table a page", pages->TableBytes,
            8 * (ulong)pages->EndPfn);
        Claimed(checks, boot, KernelImage.TextStart(), "the kernel's first page is claimed");
        Claimed(checks, boot, KernelImage.End() - 1, "the kernel's last page is claimed");
        Claimed(checks, boot, (uint)boot->PageTableAddress, "the page frame table is claimed");
        Claimed(checks, boot, 0, "page 0 is claimed");
        uint local = 0;
        Claimed(checks, boot, (uint)&local, "the stack is claimed");
        checks->Equal(1, KernelImage.StackIntact(), "the stack's far end is intact");
    }

    private static void Claimed(Checks* checks, BootState* boot, uint address, string what)
    {
        uint pfn = address >> PageSize.Shift;
        checks->Expect(boot->Books.Claims.OwnerOf(pfn, pfn + 1, out uint _) != ClaimList.Nobody, what, address);
    }
}
