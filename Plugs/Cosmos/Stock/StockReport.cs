using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Plugs.Stock;

/// <summary>Cosmos's memory in the words of our boot log: read from its table of pages, changing nothing.</summary>
internal static unsafe class StockReport
{
    private const int KilobytesPerPageShift = PageSize.Shift - 10;

    /// <summary>The lines of the last two stages, and the sum.</summary>
    internal static void Print(KernelLog* log)
    {
        BootState* boot = KernelState.Boot;
        uint table = RAT.GetPageCount((byte)RAT.PageType.RAT);
        uint index = RAT.GetPageCount((byte)RAT.PageType.SMT);
        uint managed = RAT.TotalPageCount;
        uint free = RAT.FreePageCount;
        log->Print(
            "bootalloc: stage name=buddy managed_pages=%d free_pages=%d metadata_bytes=%d span_pages=%d\n", managed, free,
            (ulong)(table + index) << PageSize.Shift, managed);

        uint image = PagesOf(boot, boot->Facts->TextStart, boot->Facts->ImageEnd);
        uint inside = PagesOf(boot, (uint)RAT.RamStart, (ulong)(uint)RAT.RamStart + RAT.RamSize);
        uint used = managed - free - table - index;
        uint never = boot->Books.Ram.Pages - image - inside;
        Account(log, "TEXT DATA BSS", image);
        Account(log, "RAT", table);
        Account(log, "SMT", index);
        Account(log, "heap since boot", used);
        Account(log, "never managed", never);
        uint reserved = image + table + index + used + never;
        uint sum = free + reserved;
        uint missing = boot->Books.Ram.Pages > sum ? boot->Books.Ram.Pages - sum : sum - boot->Books.Ram.Pages;
        log->Print(
            "bootalloc: accounted usable_pages=%d free_pages=%d reserved_pages=%d missing_pages=%d fragment_bytes=%d above_4g_kb=%d\n",
            boot->Books.Ram.Pages, free, reserved, missing, boot->Books.Ram.FragmentBytes, boot->Books.Ram.BytesAboveLimit >> 10);
        log->Print(
            "bootalloc: stage name=heap slab_kb=%d free_kb=%d\n",
            (ulong)RAT.GetPageCount((byte)RAT.PageType.HeapSmall) << KilobytesPerPageShift, (ulong)free << KilobytesPerPageShift);
    }

    private static void Account(KernelLog* log, string name, uint pages)
    {
        if (pages != 0)
        {
            log->Text("bootalloc: account name=\"");
            log->Text(name);
            log->Print("\" pages=%d\n", pages);
        }
    }

    /// <summary>Whole usable pages that a range touches.</summary>
    private static uint PagesOf(BootState* boot, ulong start, ulong end)
    {
        ulong first = PageSize.PfnDown(start);
        ulong last = PageSize.PfnUp(end);
        uint pages = 0;
        for (int i = 0; i < boot->Books.Ram.Count; i++)
        {
            ulong from = boot->Books.Ram.FirstPfn(i) > first ? boot->Books.Ram.FirstPfn(i) : first;
            ulong to = boot->Books.Ram.LastPfn(i) < last ? boot->Books.Ram.LastPfn(i) : last;
            pages += from < to ? (uint)(to - from) : 0;
        }

        return pages;
    }
}
