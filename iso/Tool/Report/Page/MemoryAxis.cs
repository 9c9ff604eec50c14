using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// Where an address lies on a strip, from 0 to 1000. Even: between two borders of anything in any log the room grows with the logarithm
/// of the size, so that one page beside 4 GiB is still a piece that one can see and point at. The order is kept and the axis is the same
/// for all strips, so what stands below each other is the same memory.
/// </summary>
public sealed class MemoryAxis
{
    /// <summary>The axis' length.</summary>
    public const double Length = 1000;

    private const double HoleShare = 0.45;

    private readonly ulong[] _addresses;
    private readonly double[] _places;

    /// <summary>An axis for all the moments of some logs.</summary>
    public MemoryAxis(IEnumerable<MemoryMoment> moments)
    {
        SortedDictionary<ulong, bool> borders = new() { [0] = false };
        foreach (MemorySegment segment in moments.SelectMany(m => m.Segments))
        {
            borders.TryAdd(segment.Start, false);
            borders.TryAdd(segment.End, false);
            borders[segment.Start] |= segment.Use != MemoryUse.Hole;
        }

        _addresses = [.. borders.Keys];
        bool[] used = [.. borders.Values];
        _places = new double[_addresses.Length];
        for (int i = 1; i < _addresses.Length; i++)
        {
            double pages = (_addresses[i] - _addresses[i - 1]) / 4096.0;
            _places[i] = _places[i - 1] + ((1.5 + Math.Log2(1 + pages)) * (used[i - 1] ? 1 : HoleShare));
        }

        double all = _places[^1];
        for (int i = 0; i < _places.Length && all > 0; i++)
        {
            _places[i] *= Length / all;
        }
    }

    /// <summary>The borders: addresses and their places.</summary>
    public IEnumerable<(ulong Address, double Place)> Borders => _addresses.Zip(_places);

    /// <summary>The place of a border.</summary>
    public double Of(ulong address)
    {
        int at = Array.BinarySearch(_addresses, address);
        return at >= 0 ? _places[at] : Length;
    }
}
