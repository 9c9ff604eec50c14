using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>Cosmos's heap, as drivers and NativeMemory call it: blocks that are given back by hand, and the collector by name.</summary>
[Plug(Target = typeof(Heap))]
public static unsafe class HeapPlug
{
    /// <summary>Set up already, by the chain.</summary>
    public static void Init()
    {
    }

    /// <summary>A zeroed block.</summary>
    public static byte* Alloc(uint aSize) => ManagedHeap.AllocateRaw(aSize);

    /// <summary>The same, as a number.</summary>
    public static uint SafeAlloc(uint aSize) => (uint)ManagedHeap.AllocateRaw(aSize);

    /// <summary>Another size for a block; its content is kept as far as it fits.</summary>
    public static byte* Realloc(byte* aPtr, uint newSize) => ManagedHeap.Reallocate(aPtr, newSize);

    /// <summary>Gives a block, or an object, back.</summary>
    public static void Free(void* aPtr) => ManagedHeap.Free(aPtr);

    /// <summary>Frees the objects that nothing points at.</summary>
    /// <returns>How many.</returns>
    public static int Collect()
    {
        // The word above the frame is where the result goes: until then it holds whatever was there before.
        Collector.Collect(Instructions.Frame() + Collector.FrameWords + 1);
        return (int)Collector.Freed;
    }

    /// <summary>Nothing: the collector finds what is reachable itself, and keeps its marks elsewhere.</summary>
    public static void MarkAndSweepObject(void* aPtr)
    {
    }

    /// <summary>Nothing, as <see cref="MarkAndSweepObject"/>.</summary>
    public static void SweepTypedObject(uint* obj, uint type)
    {
    }
}
