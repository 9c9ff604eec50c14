using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace CosmosBootAlloc.Memory.Tests.EarlyRes;

/// <summary>
/// The early reservations as plainly as they can be said: a list in the order of making, every question answered by looking
/// at all of it, every place found by trying one address after the other.
/// </summary>
internal sealed class EarlyResModel(List<(ulong Start, ulong End)> ram, ulong mappedEnd)
{
    private readonly List<Reservation> _list = [];

    public int Capacity { get; private set; } = 32;

    public bool Moved { get; private set; }

    public IReadOnlyList<Reservation> List => _list;

    public List<string> Log { get; } = [];

    public ulong? Find(ulong start, ulong end, ulong size, ulong align) =>
        ram.Select(range => FindIn(range.Start, range.End, start, end, size, align)).FirstOrDefault(address => address != null);

    public ulong? FindIn(ulong rangeStart, ulong rangeEnd, ulong start, ulong end, ulong size, ulong align)
    {
        UInt128 last = UInt128.Min(rangeEnd, end);
        UInt128 first = UInt128.Max(rangeStart, start);
        first += (align - (first % align)) % align;
        for (UInt128 address = first; address < rangeEnd && address + size <= last; address += align)
        {
            if (!_list.Exists(r => r.Start < address + size && r.End > address))
            {
                return (ulong)address;
            }
        }

        // Where nothing at all is asked for, the end of the range will do, if the search had to move there.
        return size == 0 && first < last && last % align == 0 && !_list.Exists(r => r.Start < last && r.End > last)
            && last == rangeEnd ? (ulong)last : null;
    }

    public void Reserve(ulong start, ulong end, string name)
    {
        if (start < end)
        {
            Grow(start, end);
            GiveWay(start, end);
            Append(start, end, name, false);
        }
    }

    public void ReserveOk(ulong start, ulong end, string name)
    {
        if (end != 0)
        {
            GiveWay(start, end);
            Append(start, end, name, true);
        }
    }

    public void ReserveNoCheck(ulong start, ulong end, string name)
    {
        if (start < end)
        {
            Grow(start, end);
            _list.Add(new Reservation(start, end, false, name));
        }
    }

    public void Free(ulong start, ulong end)
    {
        int index = FirstOverlap(start, end);
        if (index < 0 || _list[index].Start != start || _list[index].End != end || (Moved && index == 0))
        {
            throw new ModelPanic($"free_early on not reserved area: {start:x}-{end - 1:x}!");
        }

        _list.RemoveAt(index);
    }

    public void FreePartial(ulong start, ulong end)
    {
        for (int i = 0; i < _list.Count && start < end;)
        {
            Reservation r = _list[i];
            ulong from = ulong.Max(r.Start, start);
            ulong to = ulong.Min(r.End, end);
            if (from >= to || (Moved && i == 0))
            {
                i++;
                continue;
            }

            if (r.Start < from)
            {
                _list[i++] = r with { End = from };
                if (r.End > to)
                {
                    ReserveNoCheck(to, r.End, r.Name);
                }
            }
            else if (r.End > to)
            {
                _list[i++] = r with { Start = to };
            }
            else
            {
                _list.RemoveAt(i);
            }

            if (r.Start <= start && r.End >= end)
            {
                return;
            }
        }
    }

    /// <summary>The walk of 2.6.34 over the table, for one RAM range after the other; null when none gives a piece.</summary>
    public (ulong Address, ulong Size)? FindSize(ulong start, ulong align)
    {
        foreach ((ulong rangeStart, ulong rangeEnd) in ram)
        {
            ulong low = ulong.Max(rangeStart, start);
            ulong address = low + ((align - (low % align)) % align);
            ulong last = rangeEnd;
            if (address >= rangeEnd)
            {
                continue;
            }

            bool? piece = null;
            while (piece == null)
            {
                Reservation? hit = _list.FirstOrDefault(r =>
                (last > r.Start && address < r.Start)
                || (last > r.End && address < r.End) || (last <= r.End && address >= r.Start));
                if (hit == null)
                {
                    piece = address <= last;
                }
                else if (address < hit.Start)
                {
                    last = hit.Start;
                }
                else if (last > hit.End)
                {
                    address = hit.End + ((align - (hit.End % align)) % align);
                }
                else
                {
                    piece = false;
                }
            }

            if (piece == true)
            {
                return (address, last - address);
            }
        }

        return null;
    }

    private int FirstOverlap(ulong start, ulong end) => _list.FindIndex(r => end > r.Start && start < r.End);

    private void GiveWay(ulong start, ulong end)
    {
        for (int i = FirstOverlap(start, end); i >= 0 && _list[i].Ok; i = FirstOverlap(start, end))
        {
            Reservation r = _list[i];
            _list.RemoveAt(i);
            if (r.Start < start)
            {
                ReserveOk(r.Start, start, r.Name);
            }

            if (r.End > end)
            {
                ReserveOk(end, r.End, r.Name);
            }
        }
    }

    private void Append(ulong start, ulong end, string name, bool ok)
    {
        int index = FirstOverlap(start, end);
        if (index >= 0)
        {
            Reservation r = _list[index];
            throw new ModelPanic($"Overlapping early reservations {start:x}-{end - 1:x} {name} to {r.Start:x}-{r.End - 1:x} {r.Name}");
        }

        if (_list.Count == Capacity)
        {
            throw new ModelPanic("Too many early reservations");
        }

        _list.Add(new Reservation(start, end, ok, name));
    }

    private void Grow(ulong start, ulong end)
    {
        if (Capacity - _list.Count > Math.Max(Capacity / 8, 2))
        {
            return;
        }

        ulong size = (ulong)Capacity * 64;
        ulong bottom = Moved ? _list[0].End : 0;
        ulong? address = bottom + size < start ? Find(bottom, start, size, 32) : null;
        address ??= end + size < mappedEnd ? Find(end, mappedEnd, size, 32) : null;
        if (address == null)
        {
            throw new ModelPanic("can not find more space for early_res array");
        }

        if (Moved)
        {
            _list.RemoveAt(0);
        }

        _list.Insert(0, new Reservation(address.Value, address.Value + size, false, ""));
        Moved = true;
        Capacity *= 2;
        Log.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"early_res array is doubled to {Capacity} at [{address:x} - {address + size - 1:x}]"));
    }
}

/// <summary>What a panic is in the model.</summary>
internal sealed class ModelPanic(string message) : Exception(message);
