using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// A figure computed from several facts: what a page or a reservation costs. The names are values in the JSON document and stay.
/// </summary>
/// <param name="Name">With its unit.</param>
/// <param name="Of">Its value in a log; null when the log lacks a fact for it.</param>
public sealed record Cost(string Name, Func<BootLog, double?> Of)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Cost> All { get; } =
    [
        new("ticks, map to heap", log => log.TicksToHeap),
        new("ticks a page, map to heap", log => Ratio(log.TicksToHeap, log.Stage("buddy")?.Number("managed_pages"))),
        new("ticks a page, stage buddy", log => Ratio(log.Stage("buddy")?.Number("ticks"), log.Stage("buddy")?.Number("managed_pages"))),
        new("table bytes a page", log => Ratio(log.Stage("buddy")?.Number("metadata_bytes"), log.Stage("buddy")?.Number("span_pages"))),
        new("% of RAM kept back", log => Ratio(100 * log.Accounted?.Number("reserved_pages"), log.Accounted?.Number("usable_pages"))),
        new("pages a free block", log => Ratio(log.Stage("buddy")?.Number("free_pages"), log.Stage("buddy")?.Number("blocks"))),
    ];

    private static double? Ratio(ulong? of, ulong? by) => of is { } above && by is { } below and not 0 ? above / (double)below : null;
}

/// <summary>A benchmark's result.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Ticks">Ticks per operation; the median where there were several runs.</param>
/// <param name="Least">The fastest run, or the same.</param>
/// <param name="Most">The slowest run, or the same.</param>
public sealed record BenchResult(string Name, ulong Ticks, ulong Least, ulong Most)
{
    /// <summary>The median, and the spread where there is one.</summary>
    public string Text => Least == Most ? $"{Ticks}" : $"{Ticks} ({Least}-{Most})";

    /// <summary>The same with digits in groups.</summary>
    public string Grouped => Least == Most ? $"{Ticks:#,0}" : $"{Ticks:#,0} ({Least:#,0}-{Most:#,0})";

    /// <summary>
    /// Reads a bench line: <c>name ops ticks_per_op</c>, with several runs also <c>min median max</c> (ticks per operation) and
    /// <c>runs</c>. Null when it has no figure, or 0: the machine could not do it (no block of that order).
    /// </summary>
    public static BenchResult? Of(Fact bench)
        => bench["name"] is { } name && (bench.Number("median") ?? bench.Number("ticks_per_op")) is { } ticks and not 0
            ? new BenchResult(name, ticks, bench.Number("min") ?? ticks, bench.Number("max") ?? ticks)
            : null;

    /// <summary>The last result of each benchmark in a log.</summary>
    public static IReadOnlyList<BenchResult> All(BootLog log)
        => [.. log.Benches.Select(Of).OfType<BenchResult>().GroupBy(b => b.Name).Select(g => g.Last())];
}
