namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// Arithmetic on powers of two, and positions of bits. Plain arithmetic: the memory code calls nothing outside itself, and the three
/// compilers share no intrinsic. Finding a bit is a binary search of 5 or 6 steps.
/// </summary>
public static class Bits
{
    /// <summary>True for 1, 2, 4, ...; false for 0.</summary>
    public static bool IsPowerOfTwo(ulong value)
    {
        return value != 0 && (value & (value - 1)) == 0;
    }

    /// <summary>The first multiple of a power of two at or above a value; 0 when that is 2^64.</summary>
    public static ulong RoundUp(ulong value, ulong powerOfTwo)
    {
        return (value + (powerOfTwo - 1)) & ~(powerOfTwo - 1);
    }

    /// <summary>The last multiple of a power of two at or below a value.</summary>
    public static ulong RoundDown(ulong value, ulong powerOfTwo)
    {
        return value & ~(powerOfTwo - 1);
    }

    /// <summary>Index of the lowest set bit, 0..31; the value must not be 0.</summary>
    public static uint LowestSet(uint value)
    {
        uint index = 0;
        if ((value & 0xffff) == 0)
        {
            value >>= 16;
            index = 16;
        }

        if ((value & 0xff) == 0)
        {
            value >>= 8;
            index += 8;
        }

        if ((value & 0xf) == 0)
        {
            value >>= 4;
            index += 4;
        }

        if ((value & 3) == 0)
        {
            value >>= 2;
            index += 2;
        }

        return index + (~value & 1);
    }

    /// <summary>Index of the lowest set bit, 0..63; the value must not be 0.</summary>
    public static uint LowestSet(ulong value)
    {
        uint low = (uint)value;
        return low != 0 ? LowestSet(low) : 32 + LowestSet((uint)(value >> 32));
    }

    /// <summary>Index of the highest set bit, 0..31; the value must not be 0.</summary>
    public static uint HighestSet(uint value)
    {
        uint index = 0;
        if (value > 0xffff)
        {
            value >>= 16;
            index = 16;
        }

        if (value > 0xff)
        {
            value >>= 8;
            index += 8;
        }

        if (value > 0xf)
        {
            value >>= 4;
            index += 4;
        }

        if (value > 3)
        {
            value >>= 2;
            index += 2;
        }

        return index + (value >> 1);
    }

    /// <summary>Index of the highest set bit, 0..63; the value must not be 0.</summary>
    public static uint HighestSet(ulong value)
    {
        uint high = (uint)(value >> 32);
        return high == 0 ? HighestSet((uint)value) : 32 + HighestSet(high);
    }
}
