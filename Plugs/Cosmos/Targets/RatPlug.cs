using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

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
