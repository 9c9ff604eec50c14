using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Boot.Reports;

/// <summary>Prints the state of memory, for the shell and for a panic. Allocates nothing.</summary>
internal static unsafe class MemoryReport
{
    private const int KilobytesPerPageShift = PageSize.Shift - 10;

    /// <summary>Free blocks by zone and order, as in Linux's /proc/buddyinfo, in columns that fit a screen.</summary>
    internal static void BuddyInfo(KernelLog* log)
    {
        KernelState.Memory->Pages.ReturnRecent();
        ZoneLine(log, "Node 0, zone      DMA", &KernelState.Memory->Pages.Dma);
        ZoneLine(log, "Node 0, zone    DMA32", &KernelState.Memory->Pages.Dma32);
    }

    /// <summary>Memory by use, in kB, in the layout of Linux's /proc/meminfo.</summary>
    internal static void MemInfo(KernelLog* log)
    {
        BootState* boot = KernelState.Boot;
        PageAllocator* pages = &KernelState.Memory->Pages;
        pages->ReturnRecent();
        SlabHeap* heap = &KernelState.Memory->Heap;
        SlabHeap* raw = &KernelState.Memory->Raw;
        uint slabs = heap->SlabPages + raw->SlabPages;
        uint large = heap->LargePages + raw->LargePages;
        uint descriptors = KernelState.Memory->Slabs.Pages;
        uint managed = pages->ManagedPages;
        uint free = pages->FreePageCount;
        Kilobytes(log, "MemTotal:       ", managed);
        Kilobytes(log, "MemFree:        ", free);
        Kilobytes(log, "DmaFree:        ", pages->Dma.FreePages);
        Kilobytes(log, "Dma32Free:      ", pages->Dma32.FreePages);
        Kilobytes(log, "Slab:           ", slabs);
        Kilobytes(log, "SlabTable:      ", descriptors);
        Kilobytes(log, "LargeObjects:   ", large);
        Kilobytes(log, "OtherPages:     ", managed - free - slabs - large - descriptors);
        Kilobytes(log, "PageTable:      ", (uint)(pages->TableBytes >> PageSize.Shift));
        Kilobytes(log, "MemUsable:      ", boot->Books.Ram.Pages);
        Kilobytes(log, "MemReserved:    ", boot->Books.Ram.Pages - managed);
        Kilobytes(log, "LowWatermark:   ", Shortage.LowPages);
        log->Print("Objects:        %8d\n", heap->Objects);
        log->Print("RawObjects:     %8d\n", raw->Objects);
        log->Print("Collections:    %8d\n", GarbageCollection.Runs);
        log->Print("RamAbove4G:     %8d kB (left alone)\n", boot->Books.Ram.BytesAboveLimit >> 10);
    }

    /// <summary>Every claim since boot, in the order of addresses, with the number of whole pages of usable RAM that each holds.</summary>
    internal static void Reservations(KernelLog* log)
    {
        BootState* boot = KernelState.Boot;
        uint* pages = stackalloc uint[ClaimList.Capacity];
        PageAccounts.Count(&boot->Books, pages);
        int last = -1;
        for (int next; (next = NextClaim(&boot->Books.Claims, last)) >= 0; last = next)
        {
            NamedRange* claim = boot->Books.Claims.Get(next);
            log->Print("  [%08x - %08x) %6d pages  ", claim->Start, claim->End, pages[next]);
            log->Bytes(NamedRange.Name(claim), 0);
            log->Print(pages[next] != 0 ? "\n" : TouchesRam(claim) ? " (its page is another's)\n" : " (no RAM)\n");
        }
    }

    // The claim behind another in the order of addresses, or the first; -1 behind the last.
    private static int NextClaim(ClaimList* claims, int last)
    {
        int next = -1;
        for (int i = 0; i < claims->Count; i++)
        {
            NamedRange* claim = claims->Get(i);
            bool behind = claim->Start < claim->End && (last < 0 || Precedes(claims, last, i));
            if (behind && (next < 0 || Precedes(claims, i, next)))
            {
                next = i;
            }
        }

        return next;
    }

    private static bool Precedes(ClaimList* claims, int a, int b)
    {
        ulong first = claims->Get(a)->Start;
        ulong second = claims->Get(b)->Start;
        return first < second || (first == second && a < b);
    }

    private static bool TouchesRam(NamedRange* claim)
    {
        UsableRam* ram = &KernelState.Boot->Books.Ram;
        for (int i = 0; i < ram->Count; i++)
        {
            if (claim->Start < ram->End(i) && claim->End > ram->Start(i))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The memory map as the chain used it.</summary>
    internal static void Map(KernelLog* log)
    {
        E820Map* map = &KernelState.Memory->Map;
        for (int i = 0; i < map->Count; i++)
        {
            log->Print(" e820: %016x - %016x ", map->Start(i), map->End(i));
            E820Type.Print(log, map->Type(i));
            log->Print("\n");
        }
    }

    /// <summary>The ranges that the loader reported, unchanged.</summary>
    internal static void LoaderRanges(KernelLog* log)
    {
        MachineFacts* facts = KernelState.Facts;
        for (int i = 0; i < facts->RangeCount; i++)
        {
            NamedRange* range = facts->Range(i);
            log->Print("loader range [%08x - %08x) %s\n", range->Start, range->End, (uint)NamedRange.Name(range));
        }
    }

    /// <summary>What a panic prints: enough to see whether memory was short, leaked or fragmented.</summary>
    internal static void PrintForPanic()
    {
        KernelLog* log = KernelState.Log;
        log->Print(
            "usable %d kB, page allocator manages %d pages, free %d; claims on memory %d\n",
            KernelState.Boot->Books.Ram.Bytes >> 10,
            KernelState.Memory->Pages.ManagedPages,
            KernelState.Memory->Pages.FreePageCount,
            (uint)KernelState.Boot->Books.Claims.Count);
        for (int i = 0; i < KernelState.Boot->Books.Claims.Count; i++)
        {
            NamedRange* claim = KernelState.Boot->Books.Claims.Get(i);
            if (claim->Start < claim->End)
            {
                log->Print("  [%08x - %08x) %s\n", claim->Start, claim->End, (uint)NamedRange.Name(claim));
            }
        }

        NamedRange* last = KernelState.Boot->Books.Claims.Last;
        if (last != null)
        {
            log->Print("last claim [%08x - %08x) %s\n", last->Start, last->End, (uint)NamedRange.Name(last));
        }

        if (KernelState.Memory->Pages.ManagedPages == 0)
        {
            return;
        }

        BuddyInfo(log);
        if (PanicState.ShowHeaps)
        {
            MemInfo(log);
            SlabReport.Print(log);
        }
    }

    private static void ZoneLine(KernelLog* log, string name, Zone* zone)
    {
        log->Text(name);
        for (uint order = 0; order < Zone.Orders; order++)
        {
            log->Print(" %4d", zone->FreeBlocks(order));
        }

        log->Print("\n");
    }

    private static void Kilobytes(KernelLog* log, string label, uint pages)
    {
        log->Text(label);
        log->Print("%8d kB\n", (ulong)pages << KilobytesPerPageShift);
    }
}
