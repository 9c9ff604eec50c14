using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>
/// One bit a page, 1 = reserved, in memory that the owner gives; and beside it a small summary of what is alike in long stretches, so that
/// only the words where that changes are ever written or read.
/// </summary>
/// <remarks>
/// The bitmap is as Linux lays it out: bit i of byte i/8, whole 64-bit words, the bits past the end reserved forever. It is worked on
/// in 32-bit words (the same bits on a little-endian machine), with masks for whole words. The summary has one word a group of words,
/// at most 512 groups, at least 8 words each; up to 4 GiB of pages a group is at most 64 words, 8 MiB:
/// <code>
///     pages      ################........................#####....####.......#.#......################
///     groups     |  reserved     |     free      |      mixed    |      mixed    |     reserved   |
///     words          unknown          unknown        as the pages    as the pages      unknown
/// </code>
/// The words of a group that is reserved as a whole, or free as a whole, hold whatever was in memory; they are written when a part of the
/// group changes. A search that goes through a whole mixed group in vain notes that it is all alike. So making the bitmap, freeing RAM,
/// and handing it over touch a word a group, and a full region is looked through once. Costs, p pages touched or looked at: O(p/256 +
/// words of two groups) below 1 GiB and less above, plus, of a search, the words of the mixed groups on its way.
/// </remarks>
public unsafe struct PageBitmap
{
    /// <summary>Pages at most, so that indexes fit 32 bits with room to round up.</summary>
    public const ulong MaxPages = 0xffffff00;

    /// <summary>Bytes of the summary, which lies in the struct.</summary>
    public const ulong SummaryBytes = MaxGroups * sizeof(uint);

    private const int WordShift = 5;
    private const uint WordMask = (1u << WordShift) - 1;
    private const int LeastGroupShift = WordShift + 3;
    private const int MaxGroups = 512;

    /// <summary>Of a word or a group: all its pages are reserved.</summary>
    private const uint AllReserved = 0xffffffff;

    /// <summary>Of a word or a group: all its pages are free.</summary>
    private const uint AllFree = 0;

    /// <summary>Of a group: its words say what its pages are.</summary>
    private const uint Mixed = 1;

    private uint* _words;
    private uint _pages;
    private int _groupShift;
    private fixed uint _groups[MaxGroups];

    /// <summary>Bytes of bitmap for a number of pages: one bit each, in whole 64-bit words.</summary>
    public static ulong Bytes(ulong pages)
    {
        return (((pages + 7) >> 3) + 7) & ~7UL;
    }

    /// <summary>Takes the bitmap's memory and reserves every page. O(groups).</summary>
    /// <param name="words"><see cref="Bytes"/> bytes, 4-byte aligned; any content.</param>
    /// <param name="pages">At most <see cref="MaxPages"/>.</param>
    public void Init(uint* words, uint pages)
    {
        _words = words;
        _pages = pages;
        _groupShift = LeastGroupShift;
        while ((pages - 1) >> _groupShift >= MaxGroups)
        {
            _groupShift++;
        }

        fixed (uint* groups = _groups)
        {
            Words.Set(groups, ((pages - 1) >> _groupShift) + 1, AllReserved);
        }
    }

    /// <summary>Number of pages.</summary>
    public uint Pages => _pages;

    /// <summary>Whether a page is reserved.</summary>
    public bool IsReserved(uint page)
    {
        uint bits = _groups[page >> _groupShift];
        if (bits == Mixed)
        {
            bits = _words[page >> WordShift];
        }

        return ((bits >> (int)(page & WordMask)) & 1) != 0;
    }

    /// <summary>Reserves [<paramref name="from"/>, <paramref name="end"/>), whatever it was.</summary>
    public void Reserve(uint from, uint end) => Change(from, end, AllReserved);

    /// <summary>Frees [<paramref name="from"/>, <paramref name="end"/>), whatever it was.</summary>
    public void Free(uint from, uint end) => Change(from, end, AllFree);

    /// <summary>The first free page in [<paramref name="from"/>, <paramref name="end"/>), or <paramref name="end"/>.</summary>
    public uint NextFree(uint from, uint end) => NextOther(from, end, AllReserved);

    /// <summary>The first reserved page in [<paramref name="from"/>, <paramref name="end"/>), or <paramref name="end"/>.</summary>
    public uint NextReserved(uint from, uint end) => NextOther(from, end, AllFree);

    /// <summary>Makes all pages of [<paramref name="from"/>, <paramref name="end"/>) alike.</summary>
    private void Change(uint from, uint end, uint alike)
    {
        if (from >= end)
        {
            return;
        }

        // The groups from first to last - 1 change as a whole.
        int shift = _groupShift;
        uint first = from >> shift;
        uint last = end >> shift;
        if (from != first << shift)
        {
            uint stop = first == last ? end : (first + 1) << shift;
            ChangePart(first, from, stop, alike);
            first++;
            from = stop;
        }

        if (first < last)
        {
            fixed (uint* groups = _groups)
            {
                Words.Set(groups + first, last - first, alike);
            }

            from = last << shift;
        }

        if (from < end)
        {
            ChangePart(last, from, end, alike);
        }
    }

    /// <summary>As <see cref="Change"/> for pages of one group, at least one, not all.</summary>
    private void ChangePart(uint group, uint from, uint end, uint alike)
    {
        uint before = _groups[group];
        if (before == alike)
        {
            return;
        }

        if (before != Mixed)
        {
            _groups[group] = Mixed;
            WriteGroup(group, before);
        }

        uint word = from >> WordShift;
        uint last = (end - 1) >> WordShift;
        uint mask = AllReserved << (int)(from & WordMask);
        if (word < last)
        {
            _words[word] = (_words[word] & ~mask) | (alike & mask);
            word++;
            Words.Set(_words + word, last - word, alike);
            mask = AllReserved;
        }

        mask &= AllReserved >> (int)((0u - end) & WordMask);
        _words[last] = (_words[last] & ~mask) | (alike & mask);
    }

    /// <summary>Writes the words of a group, of which the last may be cut short; what lies past the last page is reserved.</summary>
    private void WriteGroup(uint group, uint alike)
    {
        uint words = 1u << (_groupShift - WordShift);
        uint first = group << (_groupShift - WordShift);
        uint left = (uint)(Bytes(_pages) >> 2) - first;
        Words.Set(_words + first, left < words ? left : words, alike);
    }

    /// <summary>The first page that is not alike those to be passed over.</summary>
    private uint NextOther(uint from, uint end, uint passed)
    {
        int shift = _groupShift;
        while (from < end)
        {
            uint group = from >> shift;
            uint last = (end - 1) >> shift;
            uint alike = _groups[group];
            if (alike == passed)
            {
                fixed (uint* groups = _groups)
                {
                    group += Words.CountEqual(groups + group, last + 1 - group, passed);
                }

                if (group > last)
                {
                    break;
                }

                from = group << shift;
                alike = _groups[group];
            }

            if (alike != Mixed)
            {
                return from;
            }

            uint stop = group == last ? end : (group + 1) << shift;
            uint page = NextInWords(from, stop, passed);
            if (page != stop)
            {
                return page;
            }

            if (stop - from == 1u << shift)
            {
                _groups[group] = passed;
            }

            from = stop;
        }

        return end;
    }

    /// <summary>As <see cref="NextOther"/> in a mixed group, or <paramref name="end"/>.</summary>
    private uint NextInWords(uint from, uint end, uint passed)
    {
        uint word = from >> WordShift;
        uint last = (end - 1) >> WordShift;
        uint other = (_words[word] ^ passed) & (AllReserved << (int)(from & WordMask));
        if (other == 0)
        {
            word++;
            word += Words.CountEqual(_words + word, last + 1 - word, passed);
            if (word > last)
            {
                return end;
            }

            other = _words[word] ^ passed;
        }

        uint page = (word << WordShift) + Bits.LowestSet(other);
        return page < end ? page : end;
    }
}
