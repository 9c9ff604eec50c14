using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// The rows of a comparison with Linux that come from the kernel's lines for people: the map, the active ranges, the zones, the line
/// <c>Memory:</c>. Ranges are [START, END) in bytes, hexadecimal; those of zones and active ranges are page frame numbers.
/// </summary>
internal static class KernelRows
{
    // Rows of a map; with more, their number says enough.
    private const int MostRows = 24;

    private static readonly string[] s_tables = ["memory", "reserved"];

    /// <summary>The map, and what was registered of it.</summary>
    internal static void AddMap(IReadOnlyList<BootLog> logs, Action<string, string, Func<BootLog, string?>> add)
    {
        add("map", "printed by", log => log.Kernel.Map.Count != 0 ? log.Kernel.Map[0].Source : null);
        add("map", "entries", log => log.Kernel.Map.Count != 0 ? Text((ulong)log.Kernel.Map.Count) : null);
        add("map", "last_pfn", log => Hex(log.Kernel.LastPfn));
        (ulong Start, ulong End)[] rows = [.. logs.SelectMany(l => l.Kernel.Map).Select(r => (r.Start, r.End)).Distinct().Order()];
        foreach ((ulong start, ulong end) in rows.Length <= MostRows ? rows : [])
        {
            add("map", $"{start:x}-{end:x}", log => log.Kernel.Map.FirstOrDefault(r => r.Start == start && r.End == end)?.Type);
        }

        add("early_node_map", "ranges", log => log.Kernel.Active.Count != 0 ? Text((ulong)log.Kernel.Active.Count) : null);
        add("early_node_map", "pages", log => Pages(log));
        rows = [.. logs.SelectMany(l => l.Kernel.Active).Distinct().Order()];
        foreach ((ulong start, ulong end) in rows.Length <= MostRows ? rows : [])
        {
            add("early_node_map", $"{start >> MemoryHistory.PageShift:x}-{end >> MemoryHistory.PageShift:x}: pages",
                log => log.Kernel.Active.Contains((start, end)) ? Text((end - start) >> MemoryHistory.PageShift) : null);
        }
    }

    /// <summary>Reservations handed over, zones, and the line <c>Memory:</c>.</summary>
    internal static void AddHandOver(IReadOnlyList<BootLog> logs, Action<string, string, Func<BootLog, string?>> add)
    {
        AddMemblock(logs, add);
        add("handed over", "early reservations", log => Text(log.Kernel.Early?.Count));
        add("handed over", "to", log => log.Kernel.WentTo);
        foreach (string zone in logs.SelectMany(l => l.Kernel.Zones).Select(z => z.Name).Distinct())
        {
            add("zones", zone, log => log.Kernel.Zones.FirstOrDefault(z => z.Name == zone) switch
            {
                null => null,
                { Start: 0, End: 0 } => "empty",
                var range => $"{range.Start:x}-{range.End:x}",
            });
        }

        foreach (string name in logs.SelectMany(l => l.Kernel.ZonePages).Select(p => p.Key).Distinct())
        {
            add("zone pages", name,
                log => Text(log.Kernel.ZonePages.Where(p => p.Key == name).Select(p => (ulong?)p.Value).FirstOrDefault()));
        }

        add("zone pages", "bytes a page", log => Text(FrameBytes(log)));
        add("Memory:", "available kB", log => Text(log.Kernel.Memory?.Available));
        add("Memory:", "total kB", log => Text(log.Kernel.Memory?.Total));
        foreach (string part in logs.SelectMany(l => l.Kernel.Memory?.Parts ?? []).Select(p => p.Key).Distinct())
        {
            add("Memory:", part + " kB", log => Text(log.Kernel.Memory?.Part(part)));
        }
    }

    // The tables that memblock=debug prints, the last of each.
    private static void AddMemblock(IReadOnlyList<BootLog> logs, Action<string, string, Func<BootLog, string?>> add)
    {
        foreach (string table in s_tables)
        {
            (ulong Start, ulong End)[] rows = [.. logs.SelectMany(l => l.Kernel.MemblockTable(table)).Distinct().Order()];
            add("memblock " + table, "regions",
                log => log.Kernel.MemblockTable(table) is { Count: > 0 } own ? Text((ulong)own.Count) : null);
            foreach ((ulong start, ulong end) in rows.Length <= MostRows ? rows : [])
            {
                add("memblock " + table, $"{start:x}-{end:x}: bytes",
                    log => log.Kernel.MemblockTable(table).Contains((start, end)) ? Text(end - start) : null);
            }
        }
    }

    /// <summary>Bytes of the page frame table for each page; null when the log does not say.</summary>
    internal static ulong? FrameBytes(BootLog log)
        => log.Kernel.FrameBytes
            ?? (!log.IsLinux && log.Stage("buddy") is { } buddy && buddy.Number("span_pages") is { } span and not 0
                ? buddy.Number("metadata_bytes") / span
                : null);

    /// <summary>Pages of the active ranges; null when the log has none.</summary>
    internal static string? Pages(BootLog log) => Text(ActivePages(log));

    /// <summary>Pages of the active ranges; null when the log has none.</summary>
    internal static ulong? ActivePages(BootLog log)
        => log.Kernel.Active.Count == 0 ? null
            : log.Kernel.Active.Aggregate(0UL, (sum, r) => sum + ((r.End - r.Start) >> MemoryHistory.PageShift));

    private static string? Text(ulong? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Hex(ulong? number) => number?.ToString("x", CultureInfo.InvariantCulture);
}
