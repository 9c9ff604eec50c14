using Cosmos.Core;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Plugs.Collection;
using CosmosBootAlloc.Plugs.Heaps;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>
/// Cosmos's front to the heap: what the compiler calls for <c>new</c>, arrays, boxes and stack arrays, and for stores into static fields.
/// </summary>
[Plug(Target = typeof(GCImplementation))]
public static unsafe class GCImplementationPlug
{
    /// <summary>
    /// Called once by the start code, before anything else of C# but the multiboot parser: here our chain takes the place of "the largest
    /// block".
    /// </summary>
    public static void Init() => HeapSetUp.Run();

    /// <summary>Memory for an object, zeroed.</summary>
    public static uint AllocNewObject(uint aSize)
    {
        if (!ManagedHeap.Ready)
        {
            uint* stub = CallerOfPlug(Instructions.Frame());
            return (uint)EarlyStack.Allocate(aSize, stub[0], stub[1]);
        }

        return (uint)ManagedHeap.AllocateObject(aSize);
    }

    /// <summary>RAM that the chain uses, in MiB.</summary>
    public static ulong GetAvailableRAM() => KernelState.Boot->Books.Ram.Bytes >> 20;

    /// <summary>Bytes of it that are not free.</summary>
    public static uint GetUsedRAM() => (KernelState.Boot->Books.Ram.Pages - KernelState.Memory->Pages.FreePageCount) << PageSize.Shift;

    /// <summary>A static field was set to the object.</summary>
    public static void IncRootCount(ushort* aPtr) => RootCounts.Add(aPtr);

    /// <summary>A static field no longer points at the object.</summary>
    public static void DecRootCount(ushort* aPtr) => RootCounts.Remove(aPtr);

    /// <summary>A static struct was set.</summary>
    public static void IncRootCountsInStruct(ushort* aPtr, uint aType) => StaticStructs.Note(CallerOfPlug(Instructions.Frame())[1], aType);

    /// <summary>A static struct is about to be set.</summary>
    public static void DecRootCountsInStruct(ushort* aPtr, uint aType) => StaticStructs.Note(CallerOfPlug(Instructions.Frame())[1], aType);

    // From a plug's frame to the one of the stub before it: [0] is then the frame of who called, [1] where that goes on.
    private static uint* CallerOfPlug(uint* frame) => (uint*)*frame;
}
