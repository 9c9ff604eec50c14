using CosmosBootAlloc.Memory;

namespace CosmosBootAlloc.Kernel;

internal static unsafe class Shortage
{
    internal static void* Allocate(SlabHeap* heap, uint bytes, uint site)
    {
        Root.Log->Panic("Out of memory: %d bytes wanted for an object; free pages %d, objects %d", bytes, Root.Memory->Pages.FreePageCount, heap->Objects);
        return null;
    }
}
