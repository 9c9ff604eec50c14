using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// The page ranges that hold RAM, as pfns: what the page allocator will manage. Early reservations are not subtracted; this is what exists,
/// not what is free.
/// </summary>
/// <remarks>
/// Registered from the memory map (whole pages only), in the order of the map, and kept in that order: a caller that searches them goes in
/// registration order unless <see cref="Sort"/> was called. Ranges are half-open, [start, end). 2.6.34 early_node_map, one node.
/// </remarks>
public unsafe struct ActiveRanges
{
    /// <summary>Most ranges kept (2.6.34, one node).</summary>
    public const int Capacity = 256;

    private fixed ulong _startPfn[Capacity];
    private fixed ulong _endPfn[Capacity];
    private int _count;
    private ulong _topPfn;
    private KernelLog* _log;

    /// <summary>An empty list that reports to <paramref name="log"/>.</summary>
    public void Init(KernelLog* log)
    {
        _log = log;
        _count = 0;
        _topPfn = 0;
    }

    /// <summary>Ranges in use.</summary>
    public int Count => _count;

    /// <summary>First pfn of range <paramref name="index"/>, 0 &lt;= index &lt; <see cref="Count"/>.</summary>
    public ulong StartPfn(int index)
    {
        return _startPfn[index];
    }

    /// <summary>First pfn after range <paramref name="index"/>.</summary>
    public ulong EndPfn(int index)
    {
        return _endPfn[index];
    }

    /// <summary>Range <paramref name="index"/>: [<paramref name="startPfn"/>, <paramref name="endPfn"/>).</summary>
    public void Get(int index, out ulong startPfn, out ulong endPfn)
    {
        startPfn = _startPfn[index];
        endPfn = _endPfn[index];
    }

    /// <summary>First pfn of all; 0 without ranges. O(n). 2.6.34 find_min_pfn_with_active_regions.</summary>
    public ulong LowestPfn
    {
        get
        {
            ulong lowest = _count == 0 ? 0 : _startPfn[0];
            for (int i = 1; i < _count; i++)
            {
                lowest = _startPfn[i] < lowest ? _startPfn[i] : lowest;
            }

            return lowest;
        }
    }

    /// <summary>First pfn after all; 0 without ranges. O(n).</summary>
    public ulong HighestEndPfn
    {
        get
        {
            ulong highest = 0;
            for (int i = 0; i < _count; i++)
            {
                highest = _endPfn[i] > highest ? _endPfn[i] : highest;
            }

            return highest;
        }
    }

    /// <summary>
    /// Pages of all ranges inside [<paramref name="startPfn"/>, <paramref name="endPfn"/>); the rest there is absent. O(n).
    /// 2.6.34 absent_pages_in_range.
    /// </summary>
    public ulong PagesIn(ulong startPfn, ulong endPfn)
    {
        ulong pages = 0;
        for (int i = 0; i < _count; i++)
        {
            ulong first = _startPfn[i] > startPfn ? _startPfn[i] : startPfn;
            ulong end = _endPfn[i] < endPfn ? _endPfn[i] : endPfn;
            pages += first < end ? end - first : 0;
        }

        return pages;
    }

    /// <summary>
    /// Adds the whole RAM pages of <paramref name="map"/> inside [<paramref name="startPfn"/>, <paramref name="endPfn"/>), in
    /// the order of the map. O(map entries) for a sorted map, else O(map entries x n). 2.6.34 e820_register_active_regions.
    /// </summary>
    public void RegisterFromMap(E820Map* map, ulong startPfn, ulong endPfn)
    {
        for (int i = 0; i < map->Count; i++)
        {
            if (map->WholePages(i, startPfn, endPfn, out ulong first, out ulong end))
            {
                Add(first, end);
            }
        }
    }

    /// <summary>
    /// Adds [<paramref name="startPfn"/>, <paramref name="endPfn"/>). The first range, in list order, that overlaps or touches it is
    /// extended; otherwise it goes to the end of the list. Empty and reversed ranges are ignored. O(n), O(1) above all others. 2.6.34
    /// add_active_range.
    /// </summary>
    /// <remarks>
    /// Two ranges that touch because a third filled the gap between them stay separate (2.6.34 lists them that way). But no page ends up in
    /// two ranges: later ranges that the extended one grew into are joined with it, which 2.6.34 does not do; and where the new range
    /// extends an old one on both sides, 2.6.34 loses the lower part and we keep it. A full list logs "More than 256 memory regions,
    /// truncating" and drops the range.
    /// </remarks>
    public void Add(ulong startPfn, ulong endPfn)
    {
        if (startPfn >= endPfn)
        {
            return;
        }

        // None of them touches what starts above the highest end that there ever was.
        bool above = startPfn > _topPfn;
        _topPfn = endPfn > _topPfn ? endPfn : _topPfn;
        for (int i = 0; i < _count && !above; i++)
        {
            if (startPfn <= _endPfn[i] && endPfn >= _startPfn[i])
            {
                _startPfn[i] = startPfn < _startPfn[i] ? startPfn : _startPfn[i];
                _endPfn[i] = endPfn > _endPfn[i] ? endPfn : _endPfn[i];
                JoinOverlapped(i);
                return;
            }
        }

        if (_count == Capacity)
        {
            _log->Print("More than %d memory regions, truncating\n", Capacity);
            return;
        }

        _startPfn[_count] = startPfn;
        _endPfn[_count] = endPfn;
        _count++;
    }

    /// <summary>
    /// Removes [<paramref name="startPfn"/>, <paramref name="endPfn"/>) from the ranges and logs it (pfns in decimal). The tail of a range
    /// cut in the middle is added again, as <see cref="Add"/> does. O(n). 2.6.34 remove_active_range.
    /// </summary>
    /// <remarks>An emptied range leaves the list, except that the first stays as [0, 0), as in 2.6.34.</remarks>
    public void Remove(ulong startPfn, ulong endPfn)
    {
        _log->Print("remove_active_range (0, %d, %d)\n", startPfn, endPfn);
        bool vanished = false;
        for (int i = 0; i < _count; i++)
        {
            ulong first = _startPfn[i];
            ulong end = _endPfn[i];
            if (first >= startPfn && end <= endPfn)
            {
                _startPfn[i] = 0;
                _endPfn[i] = 0;
                vanished = true;
            }
            else if (first < startPfn && end > startPfn)
            {
                _endPfn[i] = startPfn;
                if (end > endPfn)
                {
                    Add(endPfn, end);
                }
            }
            else if (first >= startPfn && first < endPfn)
            {
                _startPfn[i] = endPfn;
            }
        }

        if (!vanished)
        {
            return;
        }

        int kept = _count == 0 ? 0 : 1;
        for (int i = 1; i < _count; i++)
        {
            if (_endPfn[i] != 0)
            {
                _startPfn[kept] = _startPfn[i];
                _endPfn[kept] = _endPfn[i];
                kept++;
            }
        }

        _count = kept;
    }

    /// <summary>Sorts the ranges by start; nearly sorted lists cost O(n), others O(n^2) of at most 256. 2.6.34 sort_node_map.</summary>
    public void Sort()
    {
        for (int i = 1; i < _count; i++)
        {
            ulong startPfn = _startPfn[i];
            ulong endPfn = _endPfn[i];
            int hole = i;
            while (hole > 0 && _startPfn[hole - 1] > startPfn)
            {
                _startPfn[hole] = _startPfn[hole - 1];
                _endPfn[hole] = _endPfn[hole - 1];
                hole--;
            }

            _startPfn[hole] = startPfn;
            _endPfn[hole] = endPfn;
        }
    }

    /// <summary>After range i grew: joins it with later ranges that share pages with it. The ranges were disjoint before.</summary>
    private void JoinOverlapped(int i)
    {
        int kept = i + 1;
        for (int j = i + 1; j < _count; j++)
        {
            ulong first = _startPfn[j];
            ulong end = _endPfn[j];
            if (first < _endPfn[i] && end > _startPfn[i])
            {
                if (first < _startPfn[i])
                {
                    _startPfn[i] = first;
                }

                if (end > _endPfn[i])
                {
                    _endPfn[i] = end;
                }

                continue;
            }

            _startPfn[kept] = first;
            _endPfn[kept] = end;
            kept++;
        }

        _count = kept;
    }
}
