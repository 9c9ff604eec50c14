namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// Searching an array of regions in ascending order that do not overlap. A region begins with its base and its size in bytes, two
/// <c>ulong</c>; what follows them is skipped. O(log n).
/// </summary>
/// <remarks>
/// The regions of lmb and memblock differ in length, so the length is a parameter: a generic method would need calls by interface, which
/// one of our compilers does not survive. early_res searches by halving too, but its order is a list of slot numbers.
/// </remarks>
public static unsafe class OrderedRanges
{
    /// <summary>Index of the lowest region whose end lies above an address; <paramref name="count"/> if there is none.</summary>
    /// <param name="regions">The first region.</param>
    /// <param name="bytesPerRegion">From one region to the next.</param>
    /// <param name="count">Regions.</param>
    /// <param name="address">In bytes.</param>
    public static uint FirstEndingAbove(void* regions, uint bytesPerRegion, uint count, ulong address)
    {
        uint low = 0;
        uint high = count;
        while (low < high)
        {
            uint middle = (low + high) >> 1;
            ulong* region = (ulong*)((byte*)regions + middle * bytesPerRegion);
            if (region[0] + region[1] > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Number of regions whose base lies below an address. Parameters as in <see cref="FirstEndingAbove"/>.</summary>
    public static uint CountStartingBelow(void* regions, uint bytesPerRegion, uint count, ulong address)
    {
        uint low = 0;
        uint high = count;
        while (low < high)
        {
            uint middle = (low + high) >> 1;
            if (*(ulong*)((byte*)regions + middle * bytesPerRegion) < address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
