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
        delegate*<void*, void> markAndSweepObject = &Heap.MarkAndSweepObject;
        markAndSweepObject = &HeapPlug.MarkAndSweepObject;
        delegate*<uint*, uint, void> sweepTypedObject = &Heap.SweepTypedObject;
        sweepTypedObject = &HeapPlug.SweepTypedObject;
    }

    internal static void HeapsBySizeMatch()
    {
        delegate*<void> init = &HeapSmall.Init;
        init = &HeapSmallPlug.Init;
        delegate*<ushort, byte*> allocSmall = &HeapSmall.Alloc;
        allocSmall = &HeapSmallPlug.Alloc;
        delegate*<void*, void> free = &HeapSmall.Free;
        free = &HeapSmallPlug.Free;
        delegate*<uint, uint> getRoundedSize = &HeapSmall.GetRoundedSize;
        getRoundedSize = &HeapSmallPlug.GetRoundedSize;
        delegate*<int> getAllocatedObjectCount = &HeapSmall.GetAllocatedObjectCount;
        getAllocatedObjectCount = &HeapSmallPlug.GetAllocatedObjectCount;
        delegate*<int> pruneSMT = &HeapSmall.PruneSMT;
        pruneSMT = &HeapSmallPlug.PruneSMT;

        init = &HeapMedium.Init;
        init = &HeapMediumPlug.Init;
        delegate*<uint, byte*> allocMedium = &HeapMedium.Alloc;
        allocMedium = &HeapMediumPlug.Alloc;
        free = &HeapMedium.Free;
        free = &HeapMediumPlug.Free;

        init = &HeapLarge.Init;
        init = &HeapLargePlug.Init;
        delegate*<uint, RAT.PageType, byte*> allocLarge = &HeapLarge.Alloc;
        allocLarge = &HeapLargePlug.Alloc;
        free = &HeapLarge.Free;
        free = &HeapLargePlug.Free;
    }

    internal static void CPUMatches()
    {
        delegate*<int> canReadCPUID = &CPU.CanReadCPUID;
        canReadCPUID = &CpuRepairPlug.CanReadCPUID;
        delegate*<void> halt = &CPU.Halt;
        halt = &CpuRepairPlug.Halt;
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
