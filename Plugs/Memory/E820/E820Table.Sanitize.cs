namespace CosmosBootAlloc.Memory;

/// <summary>
/// Sanitising: from entries in any order, overlapping at will, to sorted ones that do not overlap, each address having the
/// largest type that covered it, touching entries of one type joined.
/// </summary>
/// <remarks>
/// One sweep from low to high addresses. Entries are sorted by start; those that cover the sweep's position wait in a heap
/// with the largest type on top, and leave it lazily, when they come to the top after their end was passed. Each step
/// ends at the top entry's end or at the next start, whichever comes first:
/// <code>
///     entries        1111111111111
///                         33333333333333
///                            22
///     steps          |   |  | |     |  |
///     result         11111333333333333333
/// </code>
/// At most 2n steps of O(log n): O(n log n), where the sweep of 2.6.34 is quadratic. The scratch space is 2.9 KiB of stack.
/// </remarks>
public unsafe partial struct E820Table
{
    /// <summary>
    /// Sorts and disentangles the entries; drops those of size 0; what would be entry 129 and later is cut off.
    /// O(n log n). 2.6.34 sanitize_e820_map.
    /// </summary>
    /// <returns>False, and nothing changed, with fewer than two entries or when an entry passes 2^64.</returns>
    public bool Sanitize()
    {
        if (_count < 2)
        {
            return false;
        }

        ulong* starts = stackalloc ulong[Capacity];
        ulong* ends = stackalloc ulong[Capacity];
        uint* types = stackalloc uint[Capacity];
        byte* order = stackalloc byte[Capacity];
        byte* active = stackalloc byte[Capacity];
        int total = 0;
        for (int i = 0; i < _count; i++)
        {
            ulong end = _start[i] + _size[i];
            if (end < _start[i])
            {
                return false;
            }

            if (end != _start[i])
            {
                starts[total] = _start[i];
                ends[total] = end;
                types[total] = _type[i];
                order[total] = (byte)total;
                total++;
            }
        }

        SortByStart(order, active, starts, total);

        _count = 0;
        int next = 0;
        int waiting = 0;
        ulong position = 0;
        ulong lastEnd = 0;
        for (;;)
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

                position = starts[order[next]];
            }

            while (next < total && starts[order[next]] <= position)
            {
                Insert(active, types, waiting, order[next]);
                waiting++;
                next++;
            }

            uint type = types[active[0]];
            ulong end = ends[active[0]];
            if (next < total && starts[order[next]] < end)
            {
                end = starts[order[next]];
            }

            if (type != E820Type.Any)
            {
                if (_count > 0 && lastEnd == position && _type[_count - 1] == type)
                {
                    _size[_count - 1] += end - position;
                }
                else if (!Append(position, end - position, type))
                {
                    return true;
                }

                lastEnd = end;
            }

            position = end;
        }
    }

    /// <summary>Merge sort, bottom up; runs that are in order already are only copied, so a sorted table costs O(n log n) copies.</summary>
    private static void SortByStart(byte* order, byte* scratch, ulong* starts, int total)
    {
        byte* from = order;
        byte* to = scratch;
        for (int width = 1; width < total; width *= 2)
        {
            for (int low = 0; low < total; low += 2 * width)
            {
                int middle = low + width < total ? low + width : total;
                int high = low + 2 * width < total ? low + 2 * width : total;
                int left = low;
                int right = middle;
                for (int i = low; i < high; i++)
                {
                    bool takeLeft = right == high || (left < middle && starts[from[left]] <= starts[from[right]]);
                    to[i] = takeLeft ? from[left++] : from[right++];
                }
            }

            byte* swap = from;
            from = to;
            to = swap;
        }

        if (from != order)
        {
            for (int i = 0; i < total; i++)
            {
                order[i] = from[i];
            }
        }
    }

    /// <summary>Puts an entry into the heap of <paramref name="count"/> entries; the largest type is on top.</summary>
    private static void Insert(byte* heap, uint* types, int count, byte entry)
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
    private static int RemoveTop(byte* heap, uint* types, int count)
    {
        count--;
        byte entry = heap[count];
        int hole = 0;
        for (;;)
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
