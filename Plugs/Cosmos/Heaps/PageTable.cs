using Cosmos.Core;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// Cosmos's RAM allocation table, as far as others see it: counts, and types of pages. There is no table behind it: the page allocator
/// knows, and only what was taken through RAT.AllocPages has a type of its own, in a table of one byte per page that is made at the start
/// (<c>RAT.mRAT</c> points at it).
/// </summary>
/// <remarks>Indices are pfns: <c>RAT.RamStart</c> is address 0.</remarks>
internal static unsafe class PageTable
{
    private static byte* s_types;
    private static PageAllocator* s_pages;
    private static uint s_endPfn;

    /// <summary>
    /// To be called once, when the heaps have started: makes the table of types, so that the first AllocPages takes its own pages and no
    /// more, and sets the public fields that Cosmos's own code and kernels read.
    /// </summary>
    internal static void Start()
    {
        if (!MakeTypes())
        {
            KernelState.Log->Panic("Out of memory: no %d pages in a row for the table of page types", TypePages());
        }

        s_pages = &KernelState.Memory->Pages;
        s_endPfn = KernelState.Boot->EndPfn;
        RAT.mRAT = s_types;
        RAT.RamStart = (byte*)ManagedHeap.Base;
        RAT.HeapEnd = RAT.RamStart + (uint)(((ulong)KernelState.Boot->EndPfn << PageSize.Shift) - 1);
        RAT.RamSize = (uint)(KernelState.Boot->Books.Ram.Bytes < uint.MaxValue ? KernelState.Boot->Books.Ram.Bytes : uint.MaxValue);
        RAT.TotalPageCount = KernelState.Boot->Books.Ram.Pages;
        ManagedHeap.PublishFreePages();
    }

    /// <summary>Zeroed pages of a type, exactly so many; null when there are none left, or for 0.</summary>
    internal static void* Allocate(RAT.PageType type, uint count)
    {
        if (count == 0 || count >= s_endPfn || type == RAT.PageType.Empty)
        {
            return null;
        }

        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        ManagedHeap.CollectBelowMinimum();
        uint pfn = count == 1 ? s_pages->Dma32.Allocate(0) : PageAllocator.None;
        if (pfn == PageAllocator.None)
        {
            pfn = Take(count);
        }

        byte* memory = null;
        if (pfn != PageAllocator.None)
        {
            memory = (byte*)(ManagedHeap.Base + (pfn << PageSize.Shift));
            Zeroing.Clear(memory, count << PageSize.Shift);
            s_types[pfn] = (byte)type;
            for (uint i = 1; i < count; i++)
            {
                s_types[pfn + i] = (byte)RAT.PageType.Extension;
            }

            RAT.FreePageCount -= count;
        }

        Instructions.RestoreFlags(flags);
        return memory;
    }

    /// <summary>Gives pages back. A page that is not the first of such is a BUG.</summary>
    internal static void Free(uint pfn)
    {
        if (pfn >= KernelState.Boot->EndPfn || s_types[pfn] == (byte)RAT.PageType.Empty
            || s_types[pfn] == (byte)RAT.PageType.Extension)
        {
            KernelState.Log->Bug("free of the pages from pfn %x, which are free already or were never given", pfn);
            return;
        }

        uint flags = Instructions.TakeFlagsAndDisableInterrupts();
        uint count = 0;
        do
        {
            s_types[pfn + count] = (byte)RAT.PageType.Empty;
            count++;
        }
        while (pfn + count < KernelState.Boot->EndPfn && s_types[pfn + count] == (byte)RAT.PageType.Extension);

        if (pfn < PageAllocator.DmaEndPfn)
        {
            KernelState.Memory->Pages.Dma.FreeExact(pfn, count);
        }
        else
        {
            KernelState.Memory->Pages.Dma32.FreeExact(pfn, count);
        }

        RAT.FreePageCount += count;
        Instructions.RestoreFlags(flags);
    }

    /// <summary>First page of what an address lies in; its own page when it is nobody's.</summary>
    internal static uint First(void* address)
    {
        uint pfn = PfnOf(address);
        while (pfn < KernelState.Boot->EndPfn && s_types[pfn] == (byte)RAT.PageType.Extension)
        {
            pfn--;
        }

        byte* block = ManagedHeap.FindBlock(address, out bool large);
        return large ? PfnOf(block) : pfn;
    }

    /// <summary>The type of what an address lies in.</summary>
    internal static RAT.PageType TypeOf(void* address)
    {
        uint pfn = First(address);
        if (pfn < KernelState.Boot->EndPfn && s_types[pfn] != (byte)RAT.PageType.Empty)
        {
            return (RAT.PageType)s_types[pfn];
        }

        byte* block = ManagedHeap.FindBlock(address, out bool large);
        return block == null ? RAT.PageType.Empty : large ? RAT.PageType.HeapLarge : RAT.PageType.HeapSmall;
    }

    /// <summary>Pages of a type, those that continue a block among them.</summary>
    internal static uint Count(byte type)
    {
        PageAllocator* pages = &KernelState.Memory->Pages;
        SlabHeap* objects = &KernelState.Memory->Heap;
        SlabHeap* raw = &KernelState.Memory->Raw;
        uint wanted = 0;
        bool counting = false;
        for (uint pfn = 0; pfn < KernelState.Boot->EndPfn; pfn++)
        {
            byte found = s_types[pfn];
            counting = found == type || (counting && found == (byte)RAT.PageType.Extension);
            wanted += counting ? 1u : 0u;
        }

        return type switch
        {
            (byte)RAT.PageType.Empty => pages->FreePageCount,
            (byte)RAT.PageType.HeapSmall => objects->SlabPages + raw->SlabPages + wanted,
            (byte)RAT.PageType.HeapLarge => objects->LargePages + raw->LargePages + wanted,
            _ => wanted,
        };
    }

    /// <summary>Where a page is.</summary>
    internal static byte* At(uint pfn) => (byte*)(ManagedHeap.Base + (pfn << PageSize.Shift));

    private static uint PfnOf(void* address) => ((uint)address - ManagedHeap.Base) >> PageSize.Shift;

    // Pages from 16 MiB up first, as all but DMA does.
    private static uint Take(uint count)
    {
        uint pfn = KernelState.Memory->Pages.Dma32.AllocateExact(count);
        if (pfn == PageAllocator.None)
        {
            pfn = KernelState.Memory->Pages.Dma.AllocateExact(count);
        }

        if (pfn == PageAllocator.None)
        {
            GarbageCollection.Collect();
            pfn = KernelState.Memory->Pages.Dma32.AllocateExact(count);
        }

        return pfn;
    }

    // A byte a page.
    private static uint TypePages() => (KernelState.Boot->EndPfn + (uint)PageSize.OffsetMask) >> PageSize.Shift;

    private static bool MakeTypes()
    {
        PageAllocator* allocator = &KernelState.Memory->Pages;
        uint pages = TypePages();
        uint pfn = allocator->Dma32.AllocateExact(pages);
        pfn = pfn == PageAllocator.None ? allocator->Dma.AllocateExact(pages) : pfn;
        if (pfn == PageAllocator.None)
        {
            return false;
        }

        s_types = At(pfn);
        Zeroing.Clear(s_types, pages << PageSize.Shift);
        return true;
    }
}
