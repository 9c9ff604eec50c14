using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>Makes the JSON document of a comparison. Numbers are numbers; addresses are hexadecimal strings as in the log.</summary>
public static class ComparisonJson
{
    private const int Format = 1;

    private static readonly string[] s_textKeys =
        ["name", "zone", "stage", "variant", "toolchain", "version", "loader", "cmdline", "message", "status", "start", "end"];

    // Text stays readable: it is not meant to stand in a page.
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Makes the document.</summary>
    /// <param name="comparison">What to write.</param>
    /// <param name="captures">The files it came from; empty when the logs were made here.</param>
    public static string Make(Comparison comparison, IReadOnlyList<BootCapture> captures)
    {
        ComparisonDocument document = new(
            Format,
            [.. captures.Select(File)],
            [.. comparison.Logs.Select((log, i) => Log(log, comparison.Titles[i]))],
            [.. comparison.Rows.Select(r => new RowDocument(r.Section, r.Name, r.Differs, r.Values))],
            [.. comparison.Logs.Select((_, i) => (IReadOnlyList<string>)[.. comparison.Own(i).Select(m => m.Text)])],
            Against(new Baseline(comparison)),
            new ChainVerdict(comparison).Sentences,
            comparison.Logs.Count < 2 ? [] : Verdict.Of(comparison));
        return JsonSerializer.Serialize(document, s_options);
    }

    private static FileDocument File(BootCapture capture) => new(
        capture.Name,
        capture.Lines,
        capture.Boots,
        capture.BadBoots,
        [.. capture.Bad.Select(b => new BadBootDocument(b.Number, b.FirstLine, b.LastLine, b.Variant, b.Ended, b.Problems))]);

    private static LogDocument Log(BootLog log, string title)
    {
        IReadOnlyList<JsonObject> Facts(string kind) => [.. log.Facts.Where(f => f.Kind == kind).Select(Fields)];

        return new LogDocument(
            log.Name,
            title,
            log.Variant,
            log.Boots,
            log.FirstLine,
            log.LastLine,
            log.Cpu,
            log.CountsInstructions,
            BootLogChecks.CheckOne(log),
            Boot: Facts("boot"),
            Ram: Facts("ram"),
            Stages: Facts("stage"),
            Accounts: Facts("account"),
            Accounted: Facts("accounted"),
            FreeBlocks: Facts("blocks"),
            Selftests: Facts("selftest"),
            Benches: Facts("bench"),
            Done: Facts("done"),
            Panic: Facts("panic"),
            [.. log.Reservations.Select(r => new RangeDocument(r.Name, Hex(r.Start), Hex(r.End)))],
            [.. log.History.Moves.Select(
                m => new MoveDocument(m.Stage, m.Taken ? "taken" : "given back", m.Owner, Hex(m.Start), Hex(m.End)))],
            log.History.Unplaced,
            [.. log.History.Moments.Select(Held)]);
    }

    private static HeldDocument Held(MemoryMoment moment)
        => new(moment.Stage, moment.FreePages, [.. moment.Owners.Select(o => new OwnerDocument(o.Key, o.Value))]);

    private static BaselineDocument Against(Baseline baseline) => new(
        baseline.Title,
        baseline.IsStock,
        [.. baseline.Rows.Select(r => new BaselineRowDocument(
            r.Group, r.Name, r.MoreIsBetter, r.Values, [.. Enumerable.Range(0, r.Values.Count).Select(r.Ratio)]))]);

    // Of a key that a line has twice, the first counts, as everywhere.
    private static JsonObject Fields(Fact fact)
    {
        JsonObject fields = [];
        foreach ((string key, string value) in fact.Fields)
        {
            if (!fields.ContainsKey(key))
            {
                bool isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                    && !s_textKeys.Contains(key);
                fields.Add(key, isNumber ? JsonValue.Create(number) : JsonValue.Create(value));
            }
        }

        return fields;
    }

    private static string Hex(ulong address) => address.ToString("x", CultureInfo.InvariantCulture);
}
