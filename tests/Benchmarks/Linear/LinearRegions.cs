namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>
/// A sorted list of merged ranges the straightforward way: every addition walks the list from the front, puts itself in
/// and merges by a second walk over all of it.
/// </summary>
internal sealed class LinearRegions(int capacity)
{
    private readonly (ulong Start, ulong End)[] _regions = new (ulong, ulong)[capacity];

    internal int Count { get; private set; }

    internal void Clear() => Count = 0;

    internal (ulong Start, ulong End) this[int index] => _regions[index];

    internal void Add(ulong start, ulong size)
    {
        int place = 0;
        while (place < Count && _regions[place].Start < start)
        {
            place++;
        }

        for (int i = Count; i > place; i--)
        {
            _regions[i] = _regions[i - 1];
        }

        _regions[place] = (start, start + size);
        Count++;
        int kept = 0;
        for (int i = 1; i < Count; i++)
        {
            if (_regions[i].Start <= _regions[kept].End)
            {
                _regions[kept].End = ulong.Max(_regions[kept].End, _regions[i].End);
            }
            else
            {
                kept++;
                _regions[kept] = _regions[i];
            }
        }

        Count = kept + 1;
    }

    internal bool Overlaps(ulong start, ulong end, out int index)
    {
        for (index = 0; index < Count; index++)
        {
            if (_regions[index].Start < end && start < _regions[index].End)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The highest free address for which nothing here overlaps, stepping below whatever is in the way.</summary>
    internal ulong FindTopDown(ulong start, ulong end, ulong size, ulong align)
    {
        ulong top = end;
        while (top >= start + size)
        {
            ulong candidate = (top - size) / align * align;
            if (candidate < start)
            {
                break;
            }

            if (!Overlaps(candidate, candidate + size, out int index))
            {
                return candidate;
            }

            top = _regions[index].Start;
        }

        return 0;
    }
}
