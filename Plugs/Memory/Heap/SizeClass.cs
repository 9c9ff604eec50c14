using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The sizes in which small objects are handed out: multiples of 8 up to 128 bytes, then four steps per doubling up to 2,048. Over
/// all sizes the rounding wastes 7 % on average; a power of two is a class of its own.
/// </summary>
public static class SizeClass
{
    /// <summary>Number of classes: 16 by eights, 4 for each of 256, 512, 1,024 and 2,048.</summary>
    public const uint Count = 32;

    /// <summary>Largest small object, bytes; larger ones are whole pages.</summary>
    public const uint LargestBytes = 2048;

    /// <summary>log2 of the grain: objects are aligned to it and sizes are multiples of it.</summary>
    public const int GrainShift = 3;

    /// <summary>The grain, bytes.</summary>
    public const uint Grain = 1u << GrainShift;

    /// <summary>A slab has at most 2^3 pages.</summary>
    public const uint LargestOrder = 3;

    /// <summary>The first classes: one grain each.</summary>
    internal const uint LinearClasses = 16;

    private const uint EnoughObjects = 8;

    /// <summary>Bytes an object of a class takes. O(1).</summary>
    public static uint Bytes(uint sizeClass)
    {
        if (sizeClass < LinearClasses)
        {
            return (sizeClass + 1) << GrainShift;
        }

        uint above = sizeClass - LinearClasses;
        return (5 + (above & 3)) << (int)(5 + (above >> 2));
    }

    /// <summary>
    /// Order of the block of pages that a slab of a class is: the smallest that holds 8 objects and leaves at most a sixteenth over,
    /// else the largest.
    /// </summary>
    public static uint SlabOrder(uint sizeClass) => OrderFor(Bytes(sizeClass));

    /// <summary>The same for objects of so many bytes.</summary>
    internal static uint OrderFor(uint bytes)
    {
        uint order = 0;
        while (order < LargestOrder)
        {
            uint slabBytes = (uint)PageSize.Bytes << (int)order;
            if (slabBytes / bytes >= EnoughObjects && (slabBytes % bytes) * 16 <= slabBytes)
            {
                break;
            }

            order++;
        }

        return order;
    }
}
