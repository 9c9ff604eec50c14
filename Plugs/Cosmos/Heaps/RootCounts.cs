namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// How many static fields point at an object: IL2CPU's code counts up after, and down before, each store. The count is in the two bytes
/// before the object, above their lowest bit, as Cosmos has it.
/// </summary>
/// <remarks>
/// A count that reached the most it can hold stays there: the object lives for ever, which is what so many static fields mean.
/// </remarks>
internal static unsafe class RootCounts
{
    /// <summary>The most: the bit above belongs to the heap (see <see cref="ManagedHeap"/>).</summary>
    internal const uint Most = 0x1fff;

    private const int Shift = 17;
    private const uint One = 1u << Shift;

    /// <summary>Its bits in a block's first word.</summary>
    internal const uint Mask = Most << Shift;


    /// <summary>One more. What is no object of the heap (literals, arrays in the image) is left alone.</summary>
    internal static void Add(void* pointer)
    {
        uint* word = WordOf(pointer);
        if (word != null && (*word & Mask) != Mask)
        {
            *word += One;
        }
    }

    /// <summary>One less.</summary>
    internal static void Remove(void* pointer)
    {
        uint* word = WordOf(pointer);
        if (word != null && (*word & Mask) != Mask && (*word & Mask) != 0)
        {
            *word -= One;
        }
    }

    private static uint* WordOf(void* pointer)
    {
        if (pointer == null || !ManagedHeap.Ready)
        {
            return null;
        }

        return (uint*)ManagedHeap.Objects->Find((uint)pointer - ManagedHeap.Base);
    }
}
