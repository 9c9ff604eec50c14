using CosmosBootAlloc.Memory.Physical;
using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Memblock;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>
/// memblock as one could write it without lists: two arrays say of every unit of a small address space whether it is
/// memory, whether it is reserved, and with which flags. Regions are the maximal runs of equal units; looking for memory
/// tries every address. Only the capacity of the lists has to be kept beside.
/// </summary>
internal sealed class MemblockModel(ulong unit, int units)
{
    private const int Absent = -1;

    private readonly int[] _memory = Filled(units);
    private readonly int[] _reserved = Filled(units);
    private (ulong Start, ulong Size) _memoryList;
    private (ulong Start, ulong Size) _reservedList;

    internal uint MemoryCapacity { get; private set; } = 128;

    internal uint ReservedCapacity { get; private set; } = 128;

    internal bool BottomUp { get; set; }

    internal bool MovableNode { get; set; }

    internal ulong Limit { get; set; } = ulong.MaxValue;

    private bool HasMirror { get; set; }

    internal bool Add(ulong start, ulong size) => Fill(_memory, start, size);

    internal bool Reserve(ulong start, ulong size) => Fill(_reserved, start, size);

    internal bool Remove(ulong start, ulong size) => Change(_memory, start, size, _ => Absent);

    internal bool Free(ulong start, ulong size) => Change(_reserved, start, size, _ => Absent);

    internal bool Mark(ulong start, ulong size, int flag)
    {
        HasMirror |= flag == (int)MemblockFlags.Mirror;
        return Change(flag == (int)MemblockFlags.Noinit ? _reserved : _memory, start, size, flags => flags | flag);
    }

    internal bool Clear(ulong start, ulong size, int flag) => Change(_memory, start, size, flags => flags & ~flag);

    internal void Trim(ulong align)
    {
        foreach ((int first, int after, _) in Runs(_memory))
        {
            for (int i = first; i < after; i++)
            {
                ulong wholeStart = (unit * (ulong)i) / align * align;
                if (wholeStart < unit * (ulong)first || wholeStart + align > unit * (ulong)after)
                {
                    _memory[i] = Absent;
                }
            }
        }
    }

    internal ulong Find(ulong start, ulong end, ulong size, ulong align)
    {
        end = end == 0 ? Limit : end;
        if (HasMirror)
        {
            ulong mirrored = Find(start, end, size, align, true);
            if (mirrored != PhysicalAddress.None)
            {
                return mirrored;
            }
        }

        return Find(start, end, size, align, false);
    }

    internal ulong Alloc(ulong size, ulong align, ulong min, ulong max)
    {
        ulong found = Find(min, max, size, align);
        return found != PhysicalAddress.None && Reserve(found, size) ? found : PhysicalAddress.None;
    }

    internal ulong AllocTry(ulong size, ulong align, ulong min, ulong max)
    {
        max = Math.Min(max, Limit);
        ulong found = Alloc(size, align, min, max);
        return found == PhysicalAddress.None && min != 0 ? Alloc(size, align, 0, max) : found;
    }

    internal string Memory => Text(_memory);

    internal string Reserved => Text(_reserved);

    internal string FreeRanges
    {
        get
        {
            List<string> rows = [];
            foreach ((int first, int after, _) in FreeRuns())
            {
                rows.Add($"{unit * (ulong)first:x}-{unit * (ulong)after:x}");
            }

            return string.Join(' ', rows);
        }
    }

    /// <summary>Pages of a hand-over, block by block: the largest aligned one that fits, again and again.</summary>
    internal List<(ulong Pfn, uint Order)> HandOver()
    {
        Change(_memory, 0, ulong.MaxValue, flags => flags & ~(int)MemblockFlags.Hotplug, roomNeeded: false);
        List<(ulong, uint)> blocks = [];
        foreach ((int first, int after, _) in FreeRuns())
        {
            ulong pfn = ((unit * (ulong)first) + 4095) / 4096;
            ulong end = unit * (ulong)after / 4096;
            while (pfn < end)
            {
                uint order = 10;
                while (pfn % (1UL << (int)order) != 0 || pfn + (1UL << (int)order) > end)
                {
                    order--;
                }

                blocks.Add((pfn, order));
                pfn += 1UL << (int)order;
            }
        }

        return blocks;
    }

    private bool Fill(int[] list, ulong start, ulong size)
    {
        (int first, int after) = Units(start, size);
        if (first == after)
        {
            return true;
        }

        while (true)
        {
            uint gaps = 0;
            for (int i = first; i < after; i++)
            {
                if (list[i] == Absent && (i == first || list[i - 1] != Absent))
                {
                    gaps++;
                }
            }

            if (gaps == 0)
            {
                return true;
            }

            if (Runs(list).Count + gaps <= Capacity(list))
            {
                break;
            }

            if (!Grow(list, start, size))
            {
                return false;
            }
        }

        for (int i = first; i < after; i++)
        {
            list[i] = list[i] == Absent ? 0 : list[i];
        }

        return true;
    }

    private bool Change(int[] list, ulong start, ulong size, Func<int, int> change, bool roomNeeded = true)
    {
        (int first, int after) = Units(start, size);
        while (roomNeeded && first != after && Runs(list).Count + 2 > Capacity(list))
        {
            if (!Grow(list, start, size))
            {
                return false;
            }
        }

        for (int i = first; i < after; i++)
        {
            list[i] = list[i] == Absent ? Absent : change(list[i]);
        }

        return true;
    }

    private uint Capacity(int[] list) => list == _memory ? MemoryCapacity : ReservedCapacity;

    private bool Grow(int[] list, ulong start, ulong size)
    {
        bool isReserved = list == _reserved;
        uint capacity = Capacity(list) * 2;
        ulong bytes = ((capacity * 24UL) + 4095) / 4096 * 4096;
        ulong limit = Math.Min(Limit, unit * (ulong)units);
        ulong address = Find(isReserved ? start + size : 0, limit, bytes, 4096);
        if (address == PhysicalAddress.None && isReserved && start > 4096)
        {
            address = Find(0, Math.Min(start, limit), bytes, 4096);
        }

        if (address == PhysicalAddress.None)
        {
            return false;
        }

        (ulong Start, ulong Size) old = isReserved ? _reservedList : _memoryList;
        if (isReserved)
        {
            ReservedCapacity = capacity;
            _reservedList = (address, bytes);
        }
        else
        {
            MemoryCapacity = capacity;
            _memoryList = (address, bytes);
        }

        if (old.Size != 0)
        {
            Free(old.Start, old.Size);
        }

        Reserve(address, bytes);
        return true;
    }

    private ulong Find(ulong start, ulong end, ulong size, ulong align, bool mirrored)
    {
        start = Math.Max(start, 4096);
        ulong found = PhysicalAddress.None;
        ulong step = Math.Max(unit, align);
        for (ulong address = 0; address + size <= Math.Min(end, unit * (ulong)units); address += step)
        {
            if (address >= start && size != 0 && IsFree(address, size, mirrored))
            {
                found = address;
                if (BottomUp)
                {
                    break;
                }
            }
        }

        return found;
    }

    private bool IsFree(ulong address, ulong size, bool mirrored)
    {
        (int first, int after) = Units(address, size);
        int flags = _memory[first];
        if (!Usable(flags) || (mirrored && (flags & (int)MemblockFlags.Mirror) == 0))
        {
            return false;
        }

        for (int i = first; i < after; i++)
        {
            if (_memory[i] != flags || _reserved[i] != Absent)
            {
                return false;
            }
        }

        return true;
    }

    private bool Usable(int flags)
    {
        return flags != Absent && (flags & (int)MemblockFlags.Nomap) == 0 && !(MovableNode && (flags & (int)MemblockFlags.Hotplug) != 0);
    }

    private List<(int First, int After, int Value)> FreeRuns()
    {
        int[] free = Filled(units);
        for (int i = 0; i < units; i++)
        {
            free[i] = Usable(_memory[i]) && _reserved[i] == Absent ? _memory[i] : Absent;
        }

        return Runs(free);
    }

    private static List<(int First, int After, int Value)> Runs(int[] list)
    {
        List<(int, int, int)> runs = [];
        for (int i = 0; i < list.Length;)
        {
            int first = i;
            while (i < list.Length && list[i] == list[first])
            {
                i++;
            }

            if (list[first] != Absent)
            {
                runs.Add((first, i, list[first]));
            }
        }

        return runs;
    }

    private string Text(int[] list)
    {
        List<string> regions = [];
        foreach ((int first, int after, int flags) in Runs(list))
        {
            regions.Add($"{unit * (ulong)first:x}-{unit * (ulong)after:x}" + (flags == 0 ? "" : $"/{flags:x}"));
        }

        return string.Join(' ', regions);
    }

    private (int First, int After) Units(ulong start, ulong size)
    {
        ulong all = unit * (ulong)units;
        ulong from = Math.Min(start, all);
        ulong to = size > all - from ? all : from + size;
        return ((int)(from / unit), (int)(to / unit));
    }

    private static int[] Filled(int count)
    {
        int[] list = new int[count];
        Array.Fill(list, Absent);
        return list;
    }
}
