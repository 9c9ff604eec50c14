using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// The sentences of a comparison with Linux: what is the same to the page, what differs, and whether Linux's own lines add up.
/// </summary>
internal static class LinuxVerdict
{
    private const int MostNamed = 4;

    /// <summary>The sentences; none without a log of Linux.</summary>
    internal static IEnumerable<string> Of(Comparison comparison)
    {
        if (!comparison.HasLinux)
        {
            yield break;
        }

        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            if (Own(comparison.Logs[i], comparison.Titles[i]) is { } own)
            {
                yield return own;
            }
        }

        for (int i = 1; i < comparison.Logs.Count; i++)
        {
            if (!comparison.Logs[0].IsLinux && !comparison.Logs[i].IsLinux)
            {
                continue;
            }

            foreach (string sentence in Pair(comparison, i))
            {
                yield return sentence;
            }
        }

        string[] frames =
        [
            .. comparison.Logs.Select((l, i) => (Title: comparison.Titles[i], Bytes: KernelRows.FrameBytes(l))).Where(x => x.Bytes != null)
                .GroupBy(x => x.Bytes!.Value).Select(g => $"{g.Key} bytes in {string.Join(" and ", g.Select(x => x.Title))}"),
        ];
        if (frames.Length > 1)
        {
            yield return $"An entry of the page frame table takes {string.Join(", ", frames)}.";
        }
    }

    // Whether what a log of Linux lists explains what its line Memory: keeps back.
    private static string? Own(BootLog log, string title)
    {
        if (!log.IsLinux)
        {
            return null;
        }

        if (log.Kernel.BadRow is { } line)
        {
            return $"{title}: its map is left out: line {line} is a row that cannot be read.";
        }

        if (log.Accounted?.Number("reserved_pages") is not { } kept)
        {
            return null;
        }

        ulong unlisted = log.Accounts.Where(a => IsRest(a["name"]!)).Aggregate(0UL, (sum, a) => sum + (a.Number("pages") ?? 0));
        return unlisted == 0
            ? $"{title}: its reservations are, to the page, what its line Memory: keeps back: {Count(kept)} with page 0."
            : $"{title}: of {Count(kept)} that its line Memory: keeps back, {Number(kept - unlisted)} are listed or follow from "
                + $"sizes that it prints; {Number(unlisted)} are not.";
    }

    private static IEnumerable<string> Pair(Comparison comparison, int index)
    {
        (BootLog first, BootLog other) = (comparison.Logs[0], comparison.Logs[index]);
        (string a, string b) = (comparison.Titles[0], comparison.Titles[index]);
        List<string> same = [];
        List<string> differ = [];
        Check("the map", Rows(first), Rows(other), r => $"{r.Start:x}-{r.End:x} {r.Type}",
            $"{first.Kernel.Map.Count} entries");
        Check("early_node_map", [.. first.Kernel.Active], [.. other.Kernel.Active],
            r => $"pages {r.Start >> MemoryHistory.PageShift:x}-{r.End >> MemoryHistory.PageShift:x}",
            $"{first.Kernel.Active.Count} ranges, {Count(KernelRows.ActivePages(first) ?? 0)}");
        string[] shared = [.. Names(first).Intersect(Names(other))];
        string[] equal = [.. shared.Where(n => Ranges(first, n).SequenceEqual(Ranges(other, n)))];
        if (equal.Length != 0)
        {
            same.Add($"the ranges of {string.Join(", ", equal)}");
        }

        if (first.Kernel.Memory?.Total is { } total && total == other.Kernel.Memory?.Total)
        {
            same.Add($"Memory:'s total ({Number(total)} kB)");
        }

        if (first.Kernel.Memory?.Part("absent") is { } absent && absent == other.Kernel.Memory?.Part("absent"))
        {
            same.Add($"what it calls absent ({Number(absent)} kB)");
        }

        ulong[] bounds = [.. Bounds(first).Intersect(Bounds(other))];
        if (first.Kernel.Zones.Count != 0 && first.Kernel.Zones.SequenceEqual(other.Kernel.Zones))
        {
            same.Add($"the zones ({string.Join(", ", first.Kernel.Zones.Select(Zone))})");
        }
        else if (bounds.Length != 0)
        {
            same.Add($"where zones end ({string.Join(", ", bounds.Select(x => x.ToString("x", CultureInfo.InvariantCulture)))})");
        }

        if (first.Kernel.Zones.Count != 0 && other.Kernel.Zones.Count != 0 && first.Kernel.Zones[0].Start != other.Kernel.Zones[0].Start)
        {
            differ.Add($"the first zone's line begins at page {first.Kernel.Zones[0].Start} in {a}, {other.Kernel.Zones[0].Start} in {b}");
        }

        if (same.Count != 0)
        {
            yield return $"{b} and {a} have in common: {string.Join("; ", same)}.";
        }

        if (differ.Count != 0)
        {
            yield return $"{b} and {a} differ: {string.Join("; ", differ)}.";
        }

        void Check<T>(string name, IReadOnlyList<T> left, IReadOnlyList<T> right, Func<T, string> show, string size)
        {
            if (left.Count == 0 || right.Count == 0)
            {
                return;
            }

            if (left.SequenceEqual(right))
            {
                same.Add($"{name} ({size})");
                return;
            }

            string[] only =
            [
                .. left.Except(right).Select(r => $"{show(r)} only in {a}"), .. right.Except(left).Select(r => $"{show(r)} only in {b}"),
            ];
            string more = only.Length > MostNamed ? $" and {only.Length - MostNamed} more" : "";
            differ.Add($"{name} ({string.Join(", ", only.Take(MostNamed))}{more})");
        }
    }

    private static string Zone(ZoneRange zone) => zone.End == 0 ? $"{zone.Name} empty" : $"{zone.Name} {zone.Start:x}-{zone.End:x}";

    private static bool IsRest(string name) => name is "not handed over" or "not listed";

    private static List<(ulong Start, ulong End, string Type)> Rows(BootLog log)
        => [.. log.Kernel.Map.Select(r => (r.Start, r.End, r.Type))];

    private static IEnumerable<string> Names(BootLog log) => log.Reservations.Select(r => r.Name).Distinct();

    private static IEnumerable<(ulong Start, ulong End)> Ranges(BootLog log, string name)
        => log.Reservations.Where(r => r.Name == name).Select(r => (r.Start, r.End)).Order();

    private static IEnumerable<ulong> Bounds(BootLog log)
        => log.Kernel.Zones.Where(z => z.End != 0).Select(z => Math.Min(z.End, log.Kernel.LastPfn ?? z.End));

    private static string Count(ulong pages) => pages == 1 ? "1 page" : $"{Number(pages)} pages";

    private static string Number(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
