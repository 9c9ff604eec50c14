using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// Sanitizing turns entries in any order, with any overlaps, into sorted, disjoint ones. Each address gets the largest type that covered
/// it; touching entries of one type are joined.
/// </summary>
/// <remarks>
/// A map that is sanitized already, or but for a last entry that fits between two others, stays in place: O(n). Any other takes one sweep
/// from low to high addresses. Entries are sorted by start; those that cover the sweep's position wait in a heap with the largest type on
/// top, and leave it lazily, when they reach the top after the sweep has passed their end. Each step ends at the top entry's end or at the
/// next start, whichever comes first; an entry that overlaps no other is one step without the heap:
/// <code>
///     entries        1111111111111
///                         33333333333333
///                            22
///     steps          |   |  | |     |  |
///     result         11111333333333333333
/// </code>
/// At most 2n steps of O(log n): O(n log n), where the sweep of 2.6.34 is quadratic. The scratch space is 24 bytes of stack an entry.
/// </remarks>
public unsafe partial struct E820Table
{
    private const int ScratchBytes = 24;

    /// <summary>
    /// Sorts and disentangles the entries; drops those of size 0 and any beyond the capacity. O(n log n). 2.6.34 sanitize_e820_map.
    /// </summary>
    /// <returns>False, with nothing changed, when there are fewer than two entries or one passes 2^64.</returns>
    public bool Sanitize()
    {
        if (_count < 2)
        {
            return false;
        }

        int sanitized = CountSanitized();
        if (sanitized != _count && (sanitized != _count - 1 || !InsertLast()) && !Sweep())
        {
            return false;
        }

        _ascending = _count;
        return true;
    }

    /// <summary>How many of the first entries are as sanitizing would leave them.</summary>
    private int CountSanitized()
    {
        ulong below = 0;
        uint typeBelow = E820Type.Any;
        for (int i = 0; i < _count; i++)
        {
            ulong start = _start[i];
            ulong end = start + _size[i];
            uint type = _type[i];
            if (end <= start || type == E820Type.Any || start < below || (type == typeBelow && start == below))
            {
                return i;
            }

            below = end;
            typeBelow = type;
        }

        return _count;
    }

    /// <summary>Moves the last entry to its place among the others, which are sanitized.</summary>
    /// <returns>False, with nothing changed, if it wraps, is empty, overlaps another, or is to be joined with one.</returns>
    private bool InsertLast()
    {
        int last = _count - 1;
        ulong start = _start[last];
        ulong size = _size[last];
        ulong end = start + size;
        uint type = _type[last];
        int place = last;
        while (place > 0 && _start[place - 1] > start)
        {
            place--;
        }

        bool apart = end > start && type != E820Type.Any;
        if (place > 0)
        {
            ulong below = End(place - 1);
            apart = apart && (below < start || (below == start && _type[place - 1] != type));
        }

        if (place < last)
        {
            apart = apart && (_start[place] > end || (_start[place] == end && _type[place] != type));
        }

        if (!apart)
        {
            return false;
        }

        for (int i = last; i > place; i--)
        {
            _start[i] = _start[i - 1];
            _size[i] = _size[i - 1];
            _type[i] = _type[i - 1];
        }

        _start[place] = start;
        _size[place] = size;
        _type[place] = type;
        return true;
    }

    /// <summary><see cref="Sanitize"/> for any entries.</summary>
    private bool Sweep()
    {
        int count = _count;
        byte* scratch = stackalloc byte[count * ScratchBytes];
        ulong* starts = (ulong*)scratch;
        ulong* ends = starts + count;
        uint* types = (uint*)(ends + count);
        ushort* order = (ushort*)(types + count);
        ushort* active = order + count;
        int total = 0;
        bool sorted = true;
        for (int i = 0; i < count; i++)
        {
            ulong start = _start[i];
            ulong end = start + _size[i];
            if (end < start)
            {
                return false;
            }

            if (end != start)
            {
                sorted = sorted && (total == 0 || starts[total - 1] <= start);
                starts[total] = start;
                ends[total] = end;
                types[total] = _type[i];
                order[total] = (ushort)total;
                total++;
            }
        }

        if (!sorted)
        {
            SortByStart(order, active, starts, total);
        }

        _count = 0;
        int next = 0;
        int waiting = 0;
        ulong position = 0;
        ulong nextStart = total > 0 ? starts[order[0]] : 0;
        while (true)
        {
            while (waiting > 0 && ends[active[0]] <= position)
            {
                waiting = RemoveTop(active, types, waiting);
            }

            if (waiting == 0)
            {
                if (next == total)
                {
                    return true;
                }

                ushort alone = order[next];
                position = nextStart;
                next++;
                nextStart = next < total ? starts[order[next]] : ulong.MaxValue;
                if (ends[alone] <= nextStart)
                {
                    AppendSanitized(position, ends[alone], types[alone]);
                    continue;
                }

                active[0] = alone;
                waiting = 1;
            }

            while (next < total && nextStart <= position)
            {
                Insert(active, types, waiting, order[next]);
                waiting++;
                next++;
                nextStart = next < total ? starts[order[next]] : ulong.MaxValue;
            }

            ulong end = ends[active[0]];
            end = next < total && nextStart < end ? nextStart : end;
            AppendSanitized(position, end, types[active[0]]);
            position = end;
        }
    }

    /// <summary>
    /// Adds [start, end) to the result: to its last entry if that touches and is of the same type.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendSanitized(ulong start, ulong end, uint type)
    {
        if (type == E820Type.Any)
        {
            return;
        }

        int last = _count - 1;
        if (last >= 0 && _type[last] == type && _start[last] + _size[last] == start)
        {
            _size[last] += end - start;
            return;
        }

        Append(start, end - start, type);
    }

    /// <summary>Merge sort of the indices, by the ascending runs that are there: one pass where a list was appended to another.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SortByStart(ushort* order, ushort* scratch, ulong* starts, int total)
    {
        ushort* from = order;
        ushort* to = scratch;
        int merged;
        do
        {
            merged = 0;
            int low = 0;
            while (low < total)
            {
                int middle = EndOfRun(from, starts, low, total);
                int high = EndOfRun(from, starts, middle, total);
                Merge(from, to, starts, low, middle, high);
                low = high;
                merged++;
            }

            ushort* swap = from;
            from = to;
            to = swap;
        }
        while (merged > 1);

        for (int i = 0; from != order && i < total; i++)
        {
            order[i] = from[i];
        }
    }

    /// <summary>Where the ascending run that begins at <paramref name="at"/> ends.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int EndOfRun(ushort* order, ulong* starts, int at, int total)
    {
        ulong before = 0;
        while (at < total && starts[order[at]] >= before)
        {
            before = starts[order[at]];
            at++;
        }

        return at;
    }

    private static void Merge(ushort* from, ushort* to, ulong* starts, int left, int middle, int high)
    {
        int right = middle;
        int i = left;
        while (left < middle && right < high)
        {
            to[i++] = starts[from[left]] <= starts[from[right]] ? from[left++] : from[right++];
        }

        while (left < middle)
        {
            to[i++] = from[left++];
        }

        while (right < high)
        {
            to[i++] = from[right++];
        }
    }

    /// <summary>Puts an entry into the heap of <paramref name="count"/> entries; the largest type is on top.</summary>
    private static void Insert(ushort* heap, uint* types, int count, ushort entry)
    {
        int hole = count;
        while (hole > 0 && types[heap[(hole - 1) / 2]] < types[entry])
        {
            heap[hole] = heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        heap[hole] = entry;
    }

    /// <summary>Takes the top off the heap of <paramref name="count"/> entries; returns the new count.</summary>
    private static int RemoveTop(ushort* heap, uint* types, int count)
    {
        count--;
        ushort entry = heap[count];
        int hole = 0;
        while (true)
        {
            int child = 2 * hole + 1;
            if (child + 1 < count && types[heap[child + 1]] > types[heap[child]])
            {
                child++;
            }

            if (child >= count || types[heap[child]] <= types[entry])
            {
                break;
            }

            heap[hole] = heap[child];
            hole = child;
        }

        heap[hole] = entry;
        return count;
    }
}
