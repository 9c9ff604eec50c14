using Cosmos.Core.Memory;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>Cosmos's heap for middle blocks, by name. There is one raw heap here, and a block's size alone says where it lies.</summary>
[Plug(Target = typeof(HeapMedium))]
public static unsafe class HeapMediumPlug
{
    /// <summary>Set up already, by the chain.</summary>
    public static void Init()
    {
    }

    /// <summary>A zeroed block, that only <see cref="Free"/> or Heap.Free gives back.</summary>
    public static byte* Alloc(uint aSize) => ManagedHeap.AllocateRaw(aSize);

    /// <summary>Gives a block, or an object, back.</summary>
    public static void Free(void* aPtr) => ManagedHeap.Free(aPtr);
}
