using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>
/// One bit a page, 1 = reserved, in memory that the owner gives; and beside it a small summary that says where free pages
/// may be, so that a search skips what is full.
/// </summary>
/// <remarks>
/// The bitmap is as Linux lays it out: bit i of byte i/8, whole 64-bit words, the bits past the end reserved forever. It is worked on
/// in 32-bit words (the same bits on a little-endian machine), with masks for whole words. The summary has one bit a group of words,
/// and a group is one word up to 2 GiB of pages, two up to 4 GiB, and so on. A set bit means "perhaps": freeing sets it, and a search
/// that looks through a whole group in vain clears it. So reserving costs nothing extra, and a full region is looked through once.
/// Costs: p pages touched take O(p/32); a search takes O(s/32 + n/1024) where s is the pages of the groups it has to look into and n
/// the pages of the bitmap.
/// </remarks>
public unsafe struct PageBitmap
{
    /// <summary>Pages at most, so that indexes fit 32 bits with room to round up.</summary>
    public const ulong MaxPages = 0xffffff00;

    private const int WordShift = 5;
    private const uint WordMask = (1u << WordShift) - 1;
    private const uint AllReserved = 0xffffffff;
    private const int SummaryWords = 512;
    private const uint SummaryBits = SummaryWords << WordShift;

    private uint* _words;
    private uint _pages;
    private uint _wordCount;
    private int _groupShift;
    private fixed uint _summary[SummaryWords];

    /// <summary>Bytes of bitmap for a number of pages: one bit each, in whole 64-bit words.</summary>
    public static ulong Bytes(ulong pages)
    {
        return (((pages + 7) >> 3) + 7) & ~7UL;
    }

    /// <summary>Takes the bitmap's memory and reserves every page. O(pages/32).</summary>
    /// <param name="words"><see cref="Bytes"/> bytes, 4-byte aligned.</param>
    /// <param name="pages">At most <see cref="MaxPages"/>.</param>
    public void Init(uint* words, uint pages)
    {
        _words = words;
        _pages = pages;
        _wordCount = (uint)(Bytes(pages) >> 2);
        _groupShift = 0;
        while (_wordCount != 0 && ((_wordCount - 1) >> _groupShift) >= SummaryBits)
        {
            _groupShift++;
        }

        Words.Set(words, _wordCount, AllReserved);
        fixed (uint* summary = _summary)
        {
            Words.Set(summary, SummaryWords, 0);
        }
    }

    /// <summary>Number of pages.</summary>
    public uint Pages => _pages;

    /// <summary>Whether a page is reserved.</summary>
    public bool IsReserved(uint page)
    {
        return ((_words[page >> WordShift] >> (int)(page & WordMask)) & 1) != 0;
    }

    /// <summary>Reserves [<paramref name="from"/>, <paramref name="end"/>), whatever it was.</summary>
    public void Reserve(uint from, uint end)
    {
        if (from >= end)
        {
            return;
        }

        SetBits(_words, from, end);
    }

    /// <summary>Frees [<paramref name="from"/>, <paramref name="end"/>), whatever it was.</summary>
    public void Free(uint from, uint end)
    {
        if (from >= end)
        {
            return;
        }

        uint word = from >> WordShift;
        uint last = (end - 1) >> WordShift;
        fixed (uint* summary = _summary)
        {
            SetBits(summary, word >> _groupShift, (last >> _groupShift) + 1);
        }

        uint mask = AllReserved << (int)(from & WordMask);
        if (word < last)
        {
            _words[word] &= ~mask;
            word++;
            Words.Set(_words + word, last - word, 0);
            mask = AllReserved;
        }

        _words[last] &= ~(mask & (AllReserved >> (int)((0u - end) & WordMask)));
    }

    /// <summary>The first free page in [<paramref name="from"/>, <paramref name="end"/>), or <paramref name="end"/>.</summary>
    public uint NextFree(uint from, uint end)
    {
        if (from >= end)
        {
            return end;
        }

        uint word = from >> WordShift;
        uint lastWord = (end - 1) >> WordShift;
        uint free = ~_words[word] & (AllReserved << (int)(from & WordMask));
        while (free == 0)
        {
            word = NextPromisingWord(word + 1, lastWord + 1);
            if (word > lastWord)
            {
                return end;
            }

            free = ~_words[word];
        }

        uint page = (word << WordShift) + Bits.LowestSet(free);
        return page < end ? page : end;
    }

    /// <summary>The first reserved page in [<paramref name="from"/>, <paramref name="end"/>), or <paramref name="end"/>.</summary>
    public uint NextReserved(uint from, uint end)
    {
        if (from >= end)
        {
            return end;
        }

        uint word = from >> WordShift;
        uint lastWord = (end - 1) >> WordShift;
        uint reserved = _words[word] & (AllReserved << (int)(from & WordMask));
        if (reserved == 0)
        {
            word++;
            word += Words.CountEqual(_words + word, lastWord + 1 - word, 0);
            if (word > lastWord)
            {
                return end;
            }

            reserved = _words[word];
        }

        uint page = (word << WordShift) + Bits.LowestSet(reserved);
        return page < end ? page : end;
    }

    /// <summary>Sets the bits [<paramref name="from"/>, <paramref name="end"/>), at least one.</summary>
    private static void SetBits(uint* words, uint from, uint end)
    {
        uint word = from >> WordShift;
        uint last = (end - 1) >> WordShift;
        uint mask = AllReserved << (int)(from & WordMask);
        if (word < last)
        {
            words[word] |= mask;
            word++;
            Words.Set(words + word, last - word, AllReserved);
            mask = AllReserved;
        }

        words[last] |= mask & (AllReserved >> (int)((0u - end) & WordMask));
    }

    /// <summary>
    /// The first word in [<paramref name="word"/>, <paramref name="end"/>) with a free page, or <paramref name="end"/>; goes by the summary
    /// and corrects it on the way.
    /// </summary>
    private uint NextPromisingWord(uint word, uint end)
    {
        uint groupWords = 1u << _groupShift;
        while (word < end)
        {
            if ((word & (groupWords - 1)) == 0)
            {
                word = NextPromisingGroup(word >> _groupShift, ((end - 1) >> _groupShift) + 1) << _groupShift;
                if (word >= end)
                {
                    return end;
                }
            }

            bool whole = (word & (groupWords - 1)) == 0;
            uint groupEnd = (word & (0u - groupWords)) + groupWords;
            uint stop = groupEnd < end ? groupEnd : end;
            for (; word < stop; word++)
            {
                if (_words[word] != AllReserved)
                {
                    return word;
                }
            }

            if (whole && stop == groupEnd)
            {
                uint group = (groupEnd - 1) >> _groupShift;
                _summary[group >> WordShift] &= ~(1u << (int)(group & WordMask));
            }
        }

        return end;
    }

    /// <summary>
    /// The first group in [<paramref name="group"/>, <paramref name="end"/>) whose summary bit is set, or <paramref name="end"/>.
    /// </summary>
    private uint NextPromisingGroup(uint group, uint end)
    {
        uint word = group >> WordShift;
        uint lastWord = (end - 1) >> WordShift;
        uint set = _summary[word] & (AllReserved << (int)(group & WordMask));
        while (set == 0)
        {
            word++;
            if (word > lastWord)
            {
                return end;
            }

            set = _summary[word];
        }

        uint found = (word << WordShift) + Bits.LowestSet(set);
        return found < end ? found : end;
    }
}
