using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.Heap;

namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// The hot half of taking a block and of giving it back, in one piece: <c>QuickBlocksPlug</c> has it in assembler, with interrupts off.
/// Whatever is not plain is left to <see cref="ManagedHeap"/>, and so is everything on a host, where there is no plug.
/// </summary>
internal static unsafe class QuickBlocks
{
    /// <summary>A zeroed block with its first word set, from the current slab of its class.</summary>
    /// <param name="heap">Its <see cref="QuickHeap"/>.</param>
    /// <param name="bytes">As Cosmos asks for it, without the first word.</param>
    /// <returns>What Cosmos gets, behind the first word; null when <see cref="ManagedHeap"/> must be asked; then nothing changed.</returns>
    internal static byte* Take(void* heap, uint bytes) => null;

    /// <summary>Gives a block of a slab back whose first word is still the heap's.</summary>
    /// <returns>0, with nothing changed, when <see cref="ManagedHeap"/> must be asked.</returns>
    internal static uint Give(void* heap, void* block) => 0;
}

/// <summary>Where the parts of a heap are that the hot halves read: addresses, in fields of 4 bytes that the assembler counts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct QuickHeap
{
    /// <summary>Each class's current slab; 0 before the start.</summary>
    internal uint Current;

    /// <summary>The class of each size.</summary>
    internal uint ClassOf;

    /// <summary>How often the heaps took pages, and how often they had when RAT.MinFreePages was looked at.</summary>
    internal uint Takes;

    /// <inheritdoc cref="Takes"/>
    internal uint TakesSeen;

    /// <summary>The leaf of each 4 MiB, or 0; see <see cref="SlabMap"/>.</summary>
    internal uint Leaf;

    /// <summary>Not an address: the first word of a block.</summary>
    internal uint Head;

    /// <summary>To be called once the heap is built; it must not move.</summary>
    internal void Start(SlabHeap* heap, uint* takes, uint* takesSeen, uint head)
    {
        heap->Expose(out HotParts parts);
        Current = (uint)parts.Current;
        ClassOf = (uint)parts.ClassOf;
        Takes = (uint)takes;
        TakesSeen = (uint)takesSeen;
        Leaf = (uint)parts.Leaf;
        Head = head;
    }
}
