namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// Runs of equal 32-bit words, eight at a time: about one instruction a word to set, two to compare. A toolchain whose compiler needs
/// more may plug these.
/// </summary>
public static unsafe class Words
{
    /// <summary>Sets <paramref name="count"/> words from <paramref name="words"/> to <paramref name="value"/>. O(count).</summary>
    public static void Set(uint* words, uint count, uint value)
    {
        for (; count >= 8; count -= 8)
        {
            words[0] = value;
            words[1] = value;
            words[2] = value;
            words[3] = value;
            words[4] = value;
            words[5] = value;
            words[6] = value;
            words[7] = value;
            words += 8;
        }

        for (; count != 0; count--)
        {
            *words++ = value;
        }
    }

    /// <summary>
    /// Zeroes <paramref name="count"/> words, each at twice the distance: 0, 2, 4 ... Those between may become zero too. O(count).
    /// </summary>
    public static void ClearEveryOther(uint* words, uint count)
    {
        for (; count >= 8; count -= 8)
        {
            words[0] = 0;
            words[2] = 0;
            words[4] = 0;
            words[6] = 0;
            words[8] = 0;
            words[10] = 0;
            words[12] = 0;
            words[14] = 0;
            words += 16;
        }

        for (; count != 0; count--)
        {
            *words = 0;
            words += 2;
        }
    }

    /// <summary>
    /// The first of the words 0, 4, 8, ... that is <paramref name="value"/>: its number divided by 4. O(result).
    /// </summary>
    /// <param name="words">Word 0.</param>
    /// <param name="count">How many of them to look at.</param>
    /// <param name="value">What is looked for.</param>
    /// <returns><paramref name="count"/> if there is none.</returns>
    public static uint FindEveryFourth(uint* words, uint count, uint value)
    {
        uint at = 0;
        for (; count - at >= 4; at += 4)
        {
            uint* four = words + (4 * at);
            if (four[0] == value || four[4] == value || four[8] == value || four[12] == value)
            {
                break;
            }
        }

        while (at < count && words[4 * at] != value)
        {
            at++;
        }

        return at;
    }

    /// <summary>
    /// How many words from <paramref name="words"/> on, of <paramref name="count"/>, are <paramref name="value"/>. O(result).
    /// </summary>
    public static uint CountEqual(uint* words, uint count, uint value)
    {
        uint equal = 0;
        for (; count - equal >= 8; equal += 8)
        {
            uint* eight = words + equal;
            if (eight[0] != value || eight[1] != value || eight[2] != value || eight[3] != value
                || eight[4] != value || eight[5] != value || eight[6] != value || eight[7] != value)
            {
                break;
            }
        }

        while (equal < count && words[equal] == value)
        {
            equal++;
        }

        return equal;
    }
}
