using Cosmos.Core;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Plugs.Heaps;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>
/// Each plug beside what it replaces, as values of one pointer type: IL2CPU only warns when a plug matches nothing, here the C# compiler
/// refuses. Never called. A test sees to it that no plug is missing from the list, and compares the types exactly.
/// </summary>
internal static unsafe partial class PlugSignatures
{
    internal static void GCImplementationMatches()
    {
        delegate*<void> init = &GCImplementation.Init;
        init = &GCImplementationPlug.Init;
        delegate*<uint, uint> allocNewObject = &GCImplementation.AllocNewObject;
        allocNewObject = &GCImplementationPlug.AllocNewObject;
        delegate*<ulong> getAvailableRAM = &GCImplementation.GetAvailableRAM;
        getAvailableRAM = &GCImplementationPlug.GetAvailableRAM;
        delegate*<uint> getUsedRAM = &GCImplementation.GetUsedRAM;
        getUsedRAM = &GCImplementationPlug.GetUsedRAM;
        delegate*<ushort*, void> incRootCount = &GCImplementation.IncRootCount;
        incRootCount = &GCImplementationPlug.IncRootCount;
        delegate*<ushort*, void> decRootCount = &GCImplementation.DecRootCount;
        decRootCount = &GCImplementationPlug.DecRootCount;
        delegate*<ushort*, uint, void> incRootCountsInStruct = &GCImplementation.IncRootCountsInStruct;
        incRootCountsInStruct = &GCImplementationPlug.IncRootCountsInStruct;
        delegate*<ushort*, uint, void> decRootCountsInStruct = &GCImplementation.DecRootCountsInStruct;
        decRootCountsInStruct = &GCImplementationPlug.DecRootCountsInStruct;
    }

    internal static void HeapMatches()
    {
        delegate*<void> init = &Heap.Init;
        init = &HeapPlug.Init;
        delegate*<uint, byte*> alloc = &Heap.Alloc;
        alloc = &HeapPlug.Alloc;
        delegate*<uint, uint> safeAlloc = &Heap.SafeAlloc;
        safeAlloc = &HeapPlug.SafeAlloc;
        delegate*<byte*, uint, byte*> realloc = &Heap.Realloc;
        realloc = &HeapPlug.Realloc;
        delegate*<void*, void> free = &Heap.Free;
        free = &HeapPlug.Free;
        delegate*<int> collect = &Heap.Collect;
        collect = &HeapPlug.Collect;
    }

    internal static void RATMatches()
    {
        delegate*<byte*, uint, void> init = &RAT.Init;
        init = &RatPlug.Init;
        delegate*<RAT.PageType, uint, void*> allocPages = &RAT.AllocPages;
        allocPages = &RatPlug.AllocPages;
        delegate*<uint, void> freeIndex = &RAT.Free;
        freeIndex = &RatPlug.Free;
        delegate*<void*, void> free = &RAT.Free;
        free = &RatPlug.Free;
        delegate*<byte, uint> getPageCount = &RAT.GetPageCount;
        getPageCount = &RatPlug.GetPageCount;
        delegate*<void*, uint> getFirstRATIndex = &RAT.GetFirstRATIndex;
        getFirstRATIndex = &RatPlug.GetFirstRATIndex;
        delegate*<void*, byte*> getPagePtr = &RAT.GetPagePtr;
        getPagePtr = &RatPlug.GetPagePtr;
        delegate*<void*, RAT.PageType> getPageType = &RAT.GetPageType;
        getPageType = &RatPlug.GetPageType;
    }
}
