using CosmosBootAlloc.Memory;

namespace CosmosBootAlloc.Kernel;

/// <summary>What stands between <c>new</c> and the object heap: a heap that has nothing left stops the kernel in words.</summary>
internal static unsafe class ObjectMemory
{
    /// <summary>Zeroed memory for an object of some bytes.</summary>
    internal static void* Allocate(uint bytes)
    {
        ObjectHeap* heap = &Root.Memory->Heap;
        ulong address = heap->Allocate(bytes);
        if (address == 0)
        {
            Root.Log->Panic("Out of memory: %d bytes wanted for an object; free pages %d, objects %d", bytes, Root.Memory->Pages.FreePageCount, heap->Objects);
        }

        return (void*)(uint)address;
    }
}
