using Cosmos.Core.Memory;
using CosmosBootAlloc.Memory;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// Cosmos's RAM allocation table, as far as others see it: counts, and types of pages. There is no table behind it: the page allocator knows, and only what was taken through
/// <see cref="RatPlug.AllocPages"/> has a type of its own, in a table of a byte a page that is made at the first call.
/// </summary>
/// <remarks>Indices are pfns: <c>RAT.RamStart</c> is address 0.</remarks>
internal static unsafe class PageTable
{
    private static byte* s_types;

    /// <summary>Sets the public fields that Cosmos's own code and kernels read.</summary>
    internal static void Publish()
    {
        RAT.RamStart = (byte*)0;
        RAT.HeapEnd = (byte*)(uint)(((ulong)Root.Boot->EndPfn << PageSize.Shift) - 1);
        RAT.RamSize = (uint)(Root.Boot->Ram.Bytes < uint.MaxValue ? Root.Boot->Ram.Bytes : uint.MaxValue);
        RAT.TotalPageCount = Root.Boot->Ram.Pages;
        RAT.FreePageCount = Root.Memory->Pages.FreePageCount;
    }

    /// <summary>Pages of a type.</summary>
    internal static void* Allocate(RAT.PageType type, uint count)
    {
        if (RAT.MinFreePages > 0 && (uint)RAT.MinFreePages > Root.Memory->Pages.FreePageCount)
        {
            Collector.Collect();
            RAT.GCTriggered++;
        }

        if (s_types == null)
        {
            s_types = ManagedHeap.AllocatePages((Root.Boot->EndPfn + (uint)PageSize.OffsetMask) >> PageSize.Shift);
        }

        byte* memory = s_types == null ? null : ManagedHeap.AllocatePages(count);
        if (memory != null)
        {
            uint pfn = (uint)memory >> PageSize.Shift;
            s_types[pfn] = (byte)type;
            for (uint i = 1; i < count; i++)
            {
                s_types[pfn + i] = (byte)RAT.PageType.Extension;
            }
        }

        RAT.FreePageCount = Root.Memory->Pages.FreePageCount;
        return memory;
    }

    /// <summary>Gives pages back.</summary>
    internal static void Free(uint pfn)
    {
        ManagedHeap.FreePages((byte*)(pfn << PageSize.Shift));
        if (s_types != null)
        {
            do
            {
                s_types[pfn++] = (byte)RAT.PageType.Empty;
            }
            while (pfn < Root.Boot->EndPfn && s_types[pfn] == (byte)RAT.PageType.Extension);
        }

        RAT.FreePageCount = Root.Memory->Pages.FreePageCount;
    }

    /// <summary>First page of what an address lies in; its own page when it is nobody's.</summary>
    internal static uint First(void* address)
    {
        uint pfn = (uint)address >> PageSize.Shift;
        byte* block = ManagedHeap.FindBlock(address, out bool large);
        return large ? (uint)block >> PageSize.Shift : pfn;
    }

    /// <summary>The type of what an address lies in.</summary>
    internal static RAT.PageType TypeOf(void* address)
    {
        byte* block = ManagedHeap.FindBlock(address, out bool large);
        if (block == null)
        {
            return RAT.PageType.Empty;
        }

        uint pfn = (uint)block >> PageSize.Shift;
        if (s_types != null && s_types[pfn] != (byte)RAT.PageType.Empty)
        {
            return (RAT.PageType)s_types[pfn];
        }

        return large ? RAT.PageType.HeapLarge : RAT.PageType.HeapSmall;
    }

    /// <summary>Pages of a type, those that continue a block among them.</summary>
    internal static uint Count(byte type)
    {
        PageAllocator* pages = &Root.Memory->Pages;
        SlabHeap* objects = &Root.Memory->Heap;
        SlabHeap* raw = &Root.Memory->Raw;
        uint typed = 0;
        uint wanted = 0;
        bool counting = false;
        for (uint pfn = 0; s_types != null && pfn < Root.Boot->EndPfn; pfn++)
        {
            byte found = s_types[pfn];
            typed += found != (byte)RAT.PageType.Empty ? 1u : 0u;
            counting = found == type || (counting && found == (byte)RAT.PageType.Extension);
            wanted += counting ? 1u : 0u;
        }

        return type switch
        {
            (byte)RAT.PageType.Empty => pages->FreePageCount,
            (byte)RAT.PageType.HeapSmall => objects->SlabPages + raw->SlabPages + wanted,
            (byte)RAT.PageType.HeapLarge => objects->LargePages + raw->LargePages - typed + wanted,
            _ => wanted,
        };
    }
}

/// <summary>The methods of Cosmos's table.</summary>
[Plug(Target = typeof(RAT))]
public static unsafe class RatPlug
{
    /// <summary>There is one set-up, and it has been.</summary>
    public static void Init(byte* aStartPtr, uint aSize) => Fatal.Stop("RAT.Init was called: this kernel's memory is set up at boot, once");

    /// <summary>Zeroed pages, or null.</summary>
    public static void* AllocPages(RAT.PageType aType, uint aPageCount) => PageTable.Allocate(aType, aPageCount);

    /// <summary>Gives pages back by their first index.</summary>
    public static void Free(uint aPageIdx) => PageTable.Free(aPageIdx);

    /// <summary>Gives pages back by any address in them.</summary>
    public static void Free(void* aPtr) => PageTable.Free(PageTable.First(aPtr));

    /// <summary>Pages of a type.</summary>
    public static uint GetPageCount(byte aType) => PageTable.Count(aType);

    /// <summary>Index of the first page of what an address lies in.</summary>
    public static uint GetFirstRATIndex(void* aPtr) => PageTable.First(aPtr);

    /// <summary>Start of the page that an address lies in.</summary>
    public static byte* GetPagePtr(void* aPtr) => (byte*)((uint)aPtr & ~(uint)PageSize.OffsetMask);

    /// <summary>Type of what an address lies in.</summary>
    public static RAT.PageType GetPageType(void* aPtr) => PageTable.TypeOf(aPtr);
}
