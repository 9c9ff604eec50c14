using System;
using System.Collections.Generic;

namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>Sanitizing the straightforward way: between each two neighboring borders, every entry is asked what it says.</summary>
internal static class LinearMap
{
    internal static List<(ulong Start, ulong End, uint Type)> Sanitise(List<(ulong Start, ulong End, uint Type)> entries)
    {
        List<ulong> borders = [];
        foreach ((ulong start, ulong end, _) in entries)
        {
            borders.Add(start);
            borders.Add(end);
        }

        borders.Sort();
        List<(ulong Start, ulong End, uint Type)> clean = [];
        for (int i = 0; i + 1 < borders.Count; i++)
        {
            uint type = 0;
            foreach ((ulong start, ulong end, uint entryType) in entries)
            {
                if (start <= borders[i] && borders[i] < end)
                {
                    type = Math.Max(type, entryType);
                }
            }

            if (type == 0 || borders[i] == borders[i + 1])
            {
                continue;
            }

            if (clean.Count > 0 && clean[^1].Type == type && clean[^1].End == borders[i])
            {
                clean[^1] = (clean[^1].Start, borders[i + 1], type);
            }
            else
            {
                clean.Add((borders[i], borders[i + 1], type));
            }
        }

        return clean;
    }
}
