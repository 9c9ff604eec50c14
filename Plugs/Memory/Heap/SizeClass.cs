namespace CosmosBootAlloc.Memory;

/// <summary>
/// The sizes in which small objects are handed out: multiples of 8 up to 128 bytes, then four steps a doubling up to 2,048. So the
/// rounding costs at most a fifth of an object, on average about a tenth.
/// </summary>
public static class SizeClass
{
    /// <summary>Number of classes: 16 by eights, 4 for each of 256, 512, 1,024 and 2,048.</summary>
    public const uint Count = 32;

    /// <summary>Largest small object, bytes; larger ones are whole blocks of pages.</summary>
    public const uint LargestBytes = 2048;

    private const uint LinearLimit = 128;
    private const int LinearShift = 3;
    private const uint LinearClasses = LinearLimit >> LinearShift;

    /// <summary>The class of an object of 1..<see cref="LargestBytes"/> bytes. Constant time.</summary>
    public static uint Of(uint bytes)
    {
        if (bytes <= LinearLimit)
        {
            return (bytes - 1) >> LinearShift;
        }

        // bytes - 1 lies in [128 << doubling, 256 << doubling); its two bits below the highest are the step.
        uint last = bytes - 1;
        int doubling = last < 256 ? 0 : last < 512 ? 1 : last < 1024 ? 2 : 3;
        return LinearClasses + ((uint)doubling << 2) + ((last >> (5 + doubling)) & 3);
    }

    /// <summary>Bytes an object of a class takes.</summary>
    public static uint Bytes(uint sizeClass)
    {
        if (sizeClass < LinearClasses)
        {
            return (sizeClass + 1) << LinearShift;
        }

        uint above = sizeClass - LinearClasses;
        return (5 + (above & 3)) << (int)(5 + (above >> 2));
    }

    /// <summary>Order of the block of pages that a slab of a class is: the larger the object, the more pages, so that little is left over.</summary>
    public static uint SlabOrder(uint sizeClass)
    {
        uint bytes = Bytes(sizeClass);
        return bytes <= 256 ? 0u : bytes <= 512 ? 1u : bytes <= 1024 ? 2u : 3u;
    }
}
