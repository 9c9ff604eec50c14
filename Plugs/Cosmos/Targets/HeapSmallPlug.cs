using Cosmos.Core.Memory;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>
/// Cosmos's heap for small blocks, which kernels ask for counts and call by name. Here small blocks of both heaps lie in slabs.
/// </summary>
[Plug(Target = typeof(HeapSmall))]
public static unsafe class HeapSmallPlug
{
    // What the table of small pages points at: no page has an entry.
    private static SMTPage s_none;

    /// <summary>Set up already, by the chain.</summary>
    public static void Init()
    {
    }

    /// <summary>A zeroed block of so many bytes, that only <see cref="Free"/> or Heap.Free gives back.</summary>
    public static byte* Alloc(ushort aSize) => ManagedHeap.AllocateRaw(aSize);

    /// <summary>Gives a block, or an object, back.</summary>
    public static void Free(void* aPtr) => ManagedHeap.Free(aPtr);

    /// <summary>Bytes that a block of so many bytes really has.</summary>
    public static uint GetRoundedSize(uint aSize) => ManagedHeap.RoundedBytes(aSize);

    /// <summary>Blocks and objects in slabs, of both heaps.</summary>
    public static int GetAllocatedObjectCount() => (int)ManagedHeap.SmallBlocks();

    /// <summary>Gives the slabs that are empty, and were kept for the next block, back to the page allocator.</summary>
    /// <returns>Pages given back.</returns>
    public static int PruneSMT() => (int)ManagedHeap.TrimSlabs();

    /// <summary>Sets the public fields: the largest block in bytes, and a table of small pages that is empty.</summary>
    internal static void Publish()
    {
        HeapSmall.mMaxItemSize = ManagedHeap.LargestSmallBytes;
        fixed (SMTPage* none = &s_none)
        {
            HeapSmall.SMT = none;
        }
    }
}
