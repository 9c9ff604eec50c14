namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// Runs of equal 32-bit words. A toolchain whose compiler needs several instructions per word may plug these.
/// </summary>
public static unsafe class Words
{
    /// <summary>Sets <paramref name="count"/> words from <paramref name="words"/> to <paramref name="value"/>. O(count).</summary>
    public static void Set(uint* words, uint count, uint value)
    {
        for (uint i = 0; i < count; i++)
        {
            words[i] = value;
        }
    }

    /// <summary>
    /// How many words from <paramref name="words"/> on, of <paramref name="count"/>, are <paramref name="value"/>. O(result).
    /// </summary>
    public static uint CountEqual(uint* words, uint count, uint value)
    {
        uint equal = 0;
        while (equal < count && words[equal] == value)
        {
            equal++;
        }

        return equal;
    }
}
