namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>
/// Early reservations the straightforward way: an array in the order of making. A new one asks every other whether they
/// overlap; a search goes past whatever is in the way and starts over until nothing is.
/// </summary>
internal sealed class LinearReservations(int capacity)
{
    private readonly (ulong Start, ulong End)[] _entries = new (ulong, ulong)[capacity];

    internal int Count { get; private set; }

    internal void Clear() => Count = 0;

    internal (ulong Start, ulong End) this[int index] => _entries[index];

    internal bool Reserve(ulong start, ulong end)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_entries[i].Start < end && start < _entries[i].End)
            {
                return false;
            }
        }

        Append(start, end);
        return true;
    }

    internal void Append(ulong start, ulong end)
    {
        _entries[Count] = (start, end);
        Count++;
    }

    /// <summary>Lowest aligned free address of [start, end), or the highest number.</summary>
    internal ulong Find(ulong start, ulong end, ulong size, ulong align)
    {
        ulong address = (start + align - 1) / align * align;
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int i = 0; i < Count; i++)
            {
                if (_entries[i].Start < address + size && address < _entries[i].End)
                {
                    address = (_entries[i].End + align - 1) / align * align;
                    moved = true;
                }
            }
        }

        return address + size <= end ? address : ulong.MaxValue;
    }
}
