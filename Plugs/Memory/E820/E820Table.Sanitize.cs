namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// Sanitizing turns entries in any order, with any overlaps, into sorted, disjoint ones. Each address gets the largest type that covered
/// it; touching entries of one type are joined.
/// </summary>
/// <remarks>
/// One sweep from low to high addresses. Entries are sorted by start; those that cover the sweep's position wait in a heap with the largest
/// type on top, and leave it lazily, when they reach the top after the sweep has passed their end. Each step ends at the top entry's end or
/// at the next start, whichever comes first:
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

                position = nextStart;
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

    /// <summary>Bottom-up merge sort of the indices; runs already in order are only copied.</summary>
    private static void SortByStart(ushort* order, ushort* scratch, ulong* starts, int total)
    {
        ushort* from = order;
        ushort* to = scratch;
        for (int width = 1; width < total; width *= 2)
        {
            for (int low = 0; low < total; low += 2 * width)
            {
                int middle = low + width < total ? low + width : total;
                int high = low + 2 * width < total ? low + 2 * width : total;
                Merge(from, to, starts, low, middle, high);
            }

            ushort* swap = from;
            from = to;
            to = swap;
        }

        for (int i = 0; from != order && i < total; i++)
        {
            order[i] = from[i];
        }
    }

    private static void Merge(ushort* from, ushort* to, ulong* starts, int left, int middle, int high)
    {
        int right = middle;
        int i = left;
        if (right < high && starts[from[right - 1]] > starts[from[right]])
        {
            ulong leftStart = starts[from[left]];
            ulong rightStart = starts[from[right]];
            while (left < middle && right < high)
            {
                if (leftStart <= rightStart)
                {
                    to[i++] = from[left++];
                    leftStart = starts[from[left]];
                }
                else
                {
                    to[i++] = from[right++];
                    rightStart = right < high ? starts[from[right]] : 0;
                }
            }
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
