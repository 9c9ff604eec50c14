using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// A list of typed address ranges: the form in which firmware describes memory and we keep it.
/// </summary>
/// <remarks>
/// Life: entries are appended in any order and may overlap; <see cref="Sanitize"/> sorts and disentangles them; <see cref="Update"/> and
/// <see cref="Remove"/> then change the type of a range or cut it out, in array order, appending what they split off, so the list stays
/// unsorted until it is sanitized again. Ranges are half-open, in bytes: [start, start + size). An entry whose start + size passes 2^64 is
/// kept as is (its end wraps), makes <see cref="Sanitize"/> refuse the list, and matches nothing.
/// </remarks>
public unsafe partial struct E820Table
{
    /// <summary>Entries that count of a firmware's list, and of a map in 2.6.34 without the EFI extension.</summary>
    public const int FirmwareCapacity = 128;

    /// <summary>
    /// Entries of a map in use: each memmap= of a long command line can make two more. 2.6.34 as distributions built it, with the EFI
    /// extension, has 128 and three for each possible node.
    /// </summary>
    public const int MaxCapacity = 256;

    private fixed ulong _start[MaxCapacity];
    private fixed ulong _size[MaxCapacity];
    private fixed uint _type[MaxCapacity];
    private int _count;

    // How many of the first entries are ascending and disjoint.
    private int _ascending;
    private ulong _ramLost;

    /// <summary>Most entries that this table may have, at most <see cref="MaxCapacity"/>.</summary>
    public int Capacity { get; private set; }

    /// <summary>Entries in use.</summary>
    public int Count => _count;

    /// <summary>True while all entries are as <see cref="Sanitize"/> left them but for types and lengths: ascending, disjoint.</summary>
    public bool IsAscending => _ascending == _count;

    /// <summary>Bytes of RAM that found the table full since it was last cleared. Linux loses them in silence.</summary>
    public ulong RamLost => _ramLost;

    /// <summary>First byte of entry <paramref name="index"/>, 0 &lt;= index &lt; <see cref="Count"/>.</summary>
    public ulong Start(int index)
    {
        return _start[index];
    }

    /// <summary>Bytes of entry <paramref name="index"/>.</summary>
    public ulong Size(int index)
    {
        return _size[index];
    }

    /// <summary>First byte after entry <paramref name="index"/>; wraps if the entry does.</summary>
    public ulong End(int index)
    {
        return _start[index] + _size[index];
    }

    /// <summary>Type of entry <paramref name="index"/>, see <see cref="E820Type"/>.</summary>
    public uint Type(int index)
    {
        return _type[index];
    }

    /// <summary>An empty table.</summary>
    /// <param name="capacity">Most entries, at most <see cref="MaxCapacity"/>.</param>
    public void Init(int capacity)
    {
        Capacity = capacity;
        Clear();
    }

    /// <summary>Removes all entries.</summary>
    public void Clear()
    {
        _count = 0;
        _ascending = 0;
        _ramLost = 0;
    }

    /// <summary>Takes the entries of <paramref name="other"/>, at most as many as there is room for; none is lost. O(n).</summary>
    public void CopyFrom(ref E820Table other)
    {
        for (int i = 0; i < other._count; i++)
        {
            _start[i] = other._start[i];
            _size[i] = other._size[i];
            _type[i] = other._type[i];
        }

        _count = other._count;
        _ascending = other._ascending;
        _ramLost = 0;
    }

    /// <summary>Appends [<paramref name="start"/>, start + <paramref name="size"/>). O(1).</summary>
    /// <returns>False when the table is full; it is unchanged then.</returns>
    public bool Append(ulong start, ulong size, uint type)
    {
        if (_count >= Capacity)
        {
            _ramLost += type == E820Type.Ram ? size : 0;
            return false;
        }

        _start[_count] = start;
        _size[_count] = size;
        _type[_count] = type;
        _count++;
        return true;
    }

    /// <summary>
    /// Appends, and logs "Ooops! Too many entries in the memory map!" when the table is full (the entry is lost then,
    /// as in 2.6.34).
    /// </summary>
    public void Add(KernelLog* log, ulong start, ulong size, uint type)
    {
        if (!Append(start, size, type))
        {
            log->Print("Ooops! Too many entries in the memory map!\n");
        }
    }

    /// <summary>
    /// Changes what is of type <paramref name="oldType"/> in [<paramref name="start"/>, start + <paramref name="size"/>)
    /// to <paramref name="newType"/>; logs the range. O(n). 2.6.34 e820_update_range.
    /// </summary>
    /// <param name="log">Receives the line, and a complaint when there is no room for a piece.</param>
    /// <param name="start">First byte.</param>
    /// <param name="size">Bytes; cut so that the end is at most 2^64-1.</param>
    /// <param name="oldType">What to look for.</param>
    /// <param name="newType">What it becomes; passing <paramref name="oldType"/> again is a BUG.</param>
    /// <returns>Bytes that changed their type.</returns>
    /// <remarks>
    /// Entries are processed in array order. One inside the range changes as a whole; one that extends past both ends keeps its head, and
    /// its middle and then its tail are appended; one that extends past one end is trimmed and the common part appended. An empty range
    /// inside an entry splits it too (sanitizing rejoins it).
    /// </remarks>
    public ulong Update(KernelLog* log, ulong start, ulong size, uint oldType, uint newType)
    {
        if (oldType == newType)
        {
            log->Bug("e820: update of [%x, +%x) from type %d to the same type", start, size, oldType);
            return 0;
        }

        ulong end = ClippedEnd(start, size);
        size = end - start;
        log->Print("e820 update range: %016x - %016x ", start, end);
        E820Type.Print(log, oldType);
        log->Text(" ==> ");
        E820Type.Print(log, newType);
        log->Print("\n");

        ulong changed = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_type[i] != oldType)
            {
                continue;
            }

            ulong entryStart = _start[i];
            ulong entryEnd = entryStart + _size[i];
            if (entryStart >= end && i < _ascending)
            {
                i = _ascending - 1;
                continue;
            }

            if (entryStart >= start && entryEnd <= end)
            {
                _type[i] = newType;
                changed += _size[i];
            }
            else if (entryStart < start && entryEnd > end)
            {
                Add(log, start, size, newType);
                Add(log, end, entryEnd - end, oldType);
                _size[i] = start - entryStart;
                changed += size;
            }
            else
            {
                ulong commonStart = entryStart > start ? entryStart : start;
                ulong commonEnd = entryEnd < end ? entryEnd : end;
                if (commonStart < commonEnd)
                {
                    Add(log, commonStart, commonEnd - commonStart, newType);
                    Trim(i, commonStart, commonEnd);
                    changed += commonEnd - commonStart;
                }
            }
        }

        return changed;
    }

    /// <summary>
    /// Cuts [<paramref name="start"/>, start + <paramref name="size"/>) out of the entries; logs the range. O(n).
    /// 2.6.34 e820_remove_range.
    /// </summary>
    /// <param name="log">Receives the line, and a complaint when there is no room for a piece.</param>
    /// <param name="start">First byte.</param>
    /// <param name="size">Bytes; cut so that the end is at most 2^64-1.</param>
    /// <param name="oldType">With <paramref name="onlyOldType"/>, the only type affected, and named in the log.</param>
    /// <param name="onlyOldType">False: entries of every type are cut, and none is named.</param>
    /// <returns>Bytes removed.</returns>
    /// <remarks>An entry inside the range becomes all zero and disappears when the table is sanitized; a tail is appended.</remarks>
    public ulong Remove(KernelLog* log, ulong start, ulong size, uint oldType, bool onlyOldType)
    {
        ulong end = ClippedEnd(start, size);
        size = end - start;
        log->Print("e820 remove range: %016x - %016x ", start, end);
        if (onlyOldType)
        {
            E820Type.Print(log, oldType);
        }

        log->Print("\n");
        ulong removed = 0;
        for (int i = 0; i < _count; i++)
        {
            if (onlyOldType && _type[i] != oldType)
            {
                continue;
            }

            ulong entryStart = _start[i];
            ulong entryEnd = entryStart + _size[i];
            if (entryStart >= end && i < _ascending)
            {
                i = _ascending - 1;
                continue;
            }

            if (entryStart >= start && entryEnd <= end)
            {
                removed += _size[i];
                _ascending = 0;
                _start[i] = 0;
                _size[i] = 0;
                _type[i] = 0;
            }
            else if (entryStart < start && entryEnd > end)
            {
                Add(log, end, entryEnd - end, _type[i]);
                _size[i] = start - entryStart;
                removed += size;
            }
            else
            {
                ulong commonStart = entryStart > start ? entryStart : start;
                ulong commonEnd = entryEnd < end ? entryEnd : end;
                if (commonStart < commonEnd)
                {
                    Trim(i, commonStart, commonEnd);
                    removed += commonEnd - commonStart;
                }
            }
        }

        return removed;
    }

    /// <summary>
    /// True if some byte of [<paramref name="start"/>, <paramref name="end"/>) lies in an entry of
    /// <paramref name="type"/> (<see cref="E820Type.Any"/>: of any type). O(n). 2.6.34 e820_any_mapped.
    /// </summary>
    public bool AnyMapped(ulong start, ulong end, uint type)
    {
        for (int i = 0; i < _count; i++)
        {
            if ((type == E820Type.Any || _type[i] == type) && _start[i] < end && _start[i] + _size[i] > start)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// True if entries of <paramref name="type"/> (<see cref="E820Type.Any"/>: of any type), taken in array order, cover
    /// [<paramref name="start"/>, <paramref name="end"/>); meant for a sanitized table. O(n). 2.6.34 e820_all_mapped.
    /// </summary>
    public bool AllMapped(ulong start, ulong end, uint type)
    {
        for (int i = 0; i < _count; i++)
        {
            ulong entryEnd = _start[i] + _size[i];
            if ((type != E820Type.Any && _type[i] != type) || _start[i] >= end || entryEnd <= start)
            {
                continue;
            }

            if (_start[i] <= start)
            {
                start = entryEnd;
            }

            if (start >= end)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Logs one line per entry, in array order, each starting with <paramref name="who"/>.</summary>
    public void Print(KernelLog* log, string who)
    {
        fixed (char* whoText = who)
        {
            for (int i = 0; i < _count; i++)
            {
                string type = E820Type.Name(_type[i]);
                fixed (char* typeText = type)
                {
                    // A name takes two arguments, and the number is used only without one.
                    log->Print(
                        type.Length != 0 ? " %t: %016x - %016x %t\n" : " %t: %016x - %016x %ttype %d\n",
                        (nuint)whoText,
                        (uint)who.Length,
                        _start[i],
                        _start[i] + _size[i],
                        (nuint)typeText,
                        (uint)type.Length,
                        _type[i]);
                }
            }
        }
    }

    private static ulong ClippedEnd(ulong start, ulong size)
    {
        return size > ulong.MaxValue - start ? ulong.MaxValue : start + size;
    }

    /// <summary>Takes [commonStart, commonEnd), which touches one end of entry i, away from it.</summary>
    private void Trim(int i, ulong commonStart, ulong commonEnd)
    {
        _size[i] -= commonEnd - commonStart;
        if (_start[i] >= commonStart)
        {
            _start[i] = commonEnd;
        }
    }
}
