using Cosmos.Core.Memory;

namespace CosmosBootAlloc.Kernel.OnCosmos.PageFilling.Plugged;

/// <summary>Takes part of the machine's pages for a benchmark, one page per call, and gives them back.</summary>
internal static unsafe class PageFiller
{
    private static uint s_last;

    /// <summary>Takes the given number of pages, or all there are; each stores the address of the previous one.</summary>
    internal static void Fill(uint pages)
    {
        for (; pages != 0; pages--)
        {
            uint* page = (uint*)RAT.AllocPages(RAT.PageType.HeapLarge, 1);
            if (page == null)
            {
                return;
            }

            *page = s_last;
            s_last = (uint)page;
        }
    }

    /// <summary>Gives them back.</summary>
    internal static void Empty()
    {
        while (s_last != 0)
        {
            uint page = s_last;
            s_last = *(uint*)page;
            RAT.Free((void*)page);
        }
    }
}
