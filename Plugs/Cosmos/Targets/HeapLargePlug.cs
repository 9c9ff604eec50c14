using Cosmos.Core.Memory;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>Cosmos's heap for large blocks, by name. There is one raw heap here, and a block's size alone says where it lies.</summary>
[Plug(Target = typeof(HeapLarge))]
public static unsafe class HeapLargePlug
{
    /// <summary>Set up already, by the chain.</summary>
    public static void Init()
    {
    }

    /// <summary>A zeroed block, that only <see cref="Free"/> or Heap.Free gives back.</summary>
    /// <param name="aSize">Bytes.</param>
    /// <param name="aType">Is not kept: RAT.GetPageType tells by the block's size.</param>
    public static byte* Alloc(uint aSize, RAT.PageType aType) => ManagedHeap.AllocateRaw(aSize);

    /// <summary>Gives a block, or an object, back.</summary>
    public static void Free(void* aPtr) => ManagedHeap.Free(aPtr);
}
