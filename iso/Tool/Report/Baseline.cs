using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>One figure of every log, next to the baseline's.</summary>
/// <param name="Group">Its group: memory, boot, bench.</param>
/// <param name="Name">The figure's name; for a benchmark, its name in the log.</param>
/// <param name="Words">What it is, for people; empty where the name says enough.</param>
/// <param name="MoreIsBetter">True for free pages; everything else is a cost.</param>
/// <param name="Values">One per log; null where a log has none.</param>
public sealed record BaselineRow(string Group, string Name, string Words, bool MoreIsBetter, IReadOnlyList<ulong?> Values)
{
    /// <summary>A log's figure as a multiple of the baseline's; null where one of them is missing or the baseline's is 0.</summary>
    public double? Ratio(int log) => log > 0 && Values[log] is { } value && Values[0] is { } first and not 0 ? value / (double)first : null;

    /// <summary>Whether a log is better (1), worse (-1) or within a hundredth of the baseline (0); null without a ratio.</summary>
    public int? Better(int log)
        => Ratio(log) is not { } ratio ? null : Math.Abs(ratio - 1) < Baseline.Noteworthy ? 0 : ratio > 1 == MoreIsBetter ? 1 : -1;
}

/// <summary>
/// What every log costs against the first one, the baseline: pages that it hands over, bytes of metadata, ticks to the heap, and each
/// benchmark that the baseline ran too. With variant <c>stock</c> in the first column that is Cosmos's own heap.
/// </summary>
public sealed class Baseline
{
    /// <summary>A figure that differs by less than this share of the baseline's counts as equal.</summary>
    public const double Noteworthy = 0.01;

    // What Cosmos's calls are measured doing; a benchmark that is not here stands with its name alone.
    private static readonly Dictionary<string, string> s_words = new()
    {
        ["cosmos_alloc_free_16"] = "Heap.Alloc and Free, 16 bytes",
        ["cosmos_alloc_free_24"] = "Heap.Alloc and Free, 24 bytes",
        ["cosmos_alloc_free_200"] = "Heap.Alloc and Free, 200 bytes",
        ["cosmos_alloc_free_1000"] = "Heap.Alloc and Free, 1,000 bytes",
        ["cosmos_alloc_free_24_among_10000"] = "Heap.Alloc and Free, 24 bytes, among 10,000 others",
        ["cosmos_alloc_10000_24"] = "Heap.Alloc, one of 10,000 that stay, 24 bytes",
        ["cosmos_free_10000_24"] = "Heap.Free, one of those 10,000",
        ["cosmos_pages_1_empty"] = "RAT.AllocPages(1), machine empty",
        ["cosmos_pages_16_empty"] = "RAT.AllocPages(16), machine empty",
        ["cosmos_pages_1_half"] = "RAT.AllocPages(1), half of it taken",
        ["cosmos_pages_1_ninety"] = "RAT.AllocPages(1), 90 % taken",
        ["cosmos_collect_nothing"] = "Heap.Collect, nothing to free",
        ["cosmos_collect_10000_live"] = "Heap.Collect, 10,000 objects live",
        ["cosmos_collect_10000_dead"] = "Heap.Collect, 10,000 objects to free",
    };

    private readonly List<BaselineRow> _rows = [];

    /// <summary>Works it out.</summary>
    public Baseline(Comparison comparison)
    {
        Comparison = comparison;
        IReadOnlyList<BootLog> logs = comparison.Logs;
        Add("memory", "free pages", "usable pages that are handed over", true, log => log.Accounted?.Number("free_pages"));
        Add("memory", "kept pages", "usable pages that are not", false, log => log.Accounted?.Number("reserved_pages"));
        Add("memory", "metadata bytes", "tables that manage the pages", false, log => log.Stage("buddy")?.Number("metadata_bytes"));
        Add("boot", "ticks, map to heap", "", false, log => log.TicksToHeap is 0 ? null : log.TicksToHeap);
        foreach (string name in logs[0].Benches.Select(b => b["name"]!).Distinct())
        {
            Add("bench", name, s_words.GetValueOrDefault(name, ""), false,
                log => BenchResult.All(log).FirstOrDefault(b => b.Name == name)?.Ticks);
        }

        void Add(string group, string name, string words, bool moreIsBetter, Func<BootLog, ulong?> value)
        {
            ulong?[] values = [.. logs.Select(value)];
            if (values.Any(v => v != null))
            {
                _rows.Add(new BaselineRow(group, name, words, moreIsBetter, values));
            }
        }
    }

    /// <summary>The logs.</summary>
    public Comparison Comparison { get; }

    /// <summary>The baseline's title.</summary>
    public string Title => Comparison.Titles[0];

    /// <summary>The baseline is Cosmos's own heap.</summary>
    public bool IsStock => Comparison.Logs[0].IsStock;

    /// <summary>The section's heading.</summary>
    public string Heading => IsStock ? "Against the baseline: stock, Cosmos's own heap" : $"Against the first log, {Title}";

    /// <summary>The rows.</summary>
    public IReadOnlyList<BaselineRow> Rows => _rows;

    /// <summary>The rows without the benchmarks in which no log differs from the baseline: those that a table shows.</summary>
    public IReadOnlyList<BaselineRow> Telling => [.. _rows.Where(r => r.Group != "bench" || !IsEven(r))];

    /// <summary>Whether a benchmark is one of the rows that a table shows.</summary>
    public bool Shows(string bench) => Telling.Any(r => r.Group == "bench" && r.Name == bench);

    /// <summary>What a reader of the rows has to know.</summary>
    public IEnumerable<string> Notes()
    {
        IReadOnlyList<BootLog> logs = Comparison.Logs;
        if (_rows.Exists(r => r.Group is "boot" or "bench"))
        {
            yield return logs.All(l => l.IsLinux || l.CountsInstructions)
                ? "Ticks are instructions; a benchmark's are those of one operation."
                : "Ticks are the CPU's clock, not instructions, at least in one log; a benchmark's are those of one operation.";
        }

        if (!logs[0].IsLinux && _rows.Find(r => r.Group == "boot") is { } boot && boot.Values[0] == null)
        {
            yield return IsStock
                ? "stock does not report its ticks from map to heap: Cosmos sets its heap up before the log begins."
                : $"{Title} does not report its ticks from map to heap.";
        }

        if (logs.Select(l => l.Boot?["toolchain"]).OfType<string>().Distinct().Count() > 1)
        {
            yield return "The logs are from different toolchains: part of each difference is due to the compiler.";
        }

        if (logs.Select(l => l.Accounted?.Number("usable_pages")).OfType<ulong>().Distinct().Count() > 1)
        {
            yield return "The machines differ in usable RAM: pages and metadata differ for that reason too.";
        }

        int even = _rows.Count - Telling.Count;
        if (even != 0)
        {
            yield return $"{even} {(even == 1 ? "benchmark takes" : "benchmarks take")} as many ticks in all logs, to a hundredth, and "
                + $"{(even == 1 ? "is" : "are")} left out.";
        }

        int others = logs[0].IsLinux ? 0 : logs.Skip(1).SelectMany(BenchResult.All).Select(b => b.Name).Distinct()
            .Count(n => !_rows.Exists(r => r.Group == "bench" && r.Name == n));
        if (others != 0)
        {
            yield return $"{others} {(others == 1 ? "benchmark that" : "benchmarks that")} {Title} did not run "
                + $"{(others == 1 ? "is" : "are")} left out.";
        }
    }

    private static bool IsEven(BaselineRow row) => Enumerable.Range(1, row.Values.Count - 1).All(i => row.Better(i) == 0);

    /// <summary>How a log's benchmarks stand against the baseline's, in a sentence; null when they have none in common.</summary>
    public string? InWords(int log)
    {
        List<(string Name,
            double Ratio)> both = [.. _rows.Where(r => r.Group == "bench" && r.Ratio(log) != null)
            .Select(r => (r.Name, r.Ratio(log)!.Value))];
        if (both.Count == 0)
        {
            return null;
        }

        (string Name, double Ratio) least = both.MinBy(b => b.Ratio);
        (string Name, double Ratio) most = both.MaxBy(b => b.Ratio);
        int fewer = both.Count(b => b.Ratio <= 1 - Noteworthy);
        int more = both.Count(b => b.Ratio >= 1 + Noteworthy);
        string title = Comparison.Titles[log];
        if (fewer + more == 0)
        {
            return $"{title} takes as many ticks as {Title} in "
                + $"{(both.Count == 1 ? "the one benchmark" : $"all {both.Count} benchmarks")} that both ran, to a hundredth.";
        }

        string range = both.Count == 1
            ? $"{Times(least.Ratio)} in {least.Name}"
            : $"from {Times(least.Ratio)} in {least.Name} to {Times(most.Ratio)} in {most.Name}";
        string count = fewer == both.Count ? $"fewer ticks than {Title} in all {both.Count} benchmarks"
            : more == both.Count ? $"more ticks than {Title} in all {both.Count} benchmarks"
            : $"fewer ticks than {Title} in {fewer} of {both.Count} benchmarks, more in {more}";
        return $"{title} takes {count}: {range}.";
    }

    /// <summary>A multiple for people: <c>x0.11</c>, small ones with two digits that count.</summary>
    public static string Times(double ratio) => "x" + ratio switch
    {
        0 => "0",
        >= 100 => ratio.ToString("#,0", CultureInfo.InvariantCulture),
        >= 0.1 => ratio.ToString("0.00", CultureInfo.InvariantCulture),
        >= 0.01 => ratio.ToString("0.000", CultureInfo.InvariantCulture),
        >= 0.001 => ratio.ToString("0.0000", CultureInfo.InvariantCulture),
        >= 0.0001 => ratio.ToString("0.00000", CultureInfo.InvariantCulture),
        _ => ratio.ToString("0.0e0", CultureInfo.InvariantCulture),
    };
}
