using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>The comparison for programs; docs/compare.md has the fields. Numbers are numbers, addresses hexadecimal strings as in the log.</summary>
public static class ComparisonJson
{
    private static readonly string[] s_textKeys = ["name", "zone", "stage", "variant", "toolchain", "version", "loader", "cmdline", "message", "status", "start", "end"];

    /// <summary>Makes the document.</summary>
    /// <param name="comparison">What to write.</param>
    /// <param name="captures">The files it came from; empty when the logs were made here.</param>
    public static string Make(Comparison comparison, IReadOnlyList<BootCapture> captures)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", 1);
            Array(json, "files", captures, capture => File(json, capture));
            Array(json, "logs", Enumerable.Range(0, comparison.Logs.Count), i => Log(json, comparison, i));
            Array(json, "rows", comparison.Rows, row => Row(json, row));
            Array(json, "messages", Enumerable.Range(0, comparison.Logs.Count), i => Texts(json, comparison.Own(i).Select(m => m.Text)));
            json.WritePropertyName("baseline");
            Baseline(json, comparison);
            json.WritePropertyName("verdict");
            Texts(json, comparison.Logs.Count < 2 ? [] : Verdict.Of(comparison));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void File(Utf8JsonWriter json, BootCapture capture)
    {
        json.WriteStartObject();
        json.WriteString("file", capture.Name);
        json.WriteNumber("lines", capture.Lines);
        json.WriteNumber("boots", capture.Boots);
        json.WriteNumber("bad_boots", capture.BadBoots);
        Array(json, "bad", capture.Bad, bad =>
        {
            json.WriteStartObject();
            json.WriteNumber("boot", bad.Number);
            json.WriteNumber("first_line", bad.FirstLine);
            json.WriteNumber("last_line", bad.LastLine);
            json.WriteString("variant", bad.Variant);
            json.WriteBoolean("ended", bad.Ended);
            json.WritePropertyName("problems");
            Texts(json, bad.Problems);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Log(Utf8JsonWriter json, Comparison comparison, int index)
    {
        BootLog log = comparison.Logs[index];
        json.WriteStartObject();
        json.WriteString("file", log.Name);
        json.WriteString("title", comparison.Titles[index]);
        json.WriteString("variant", log.Variant);
        json.WriteNumber("boot_in_file", log.Boots);
        json.WriteNumber("first_line", log.FirstLine);
        json.WriteNumber("last_line", log.LastLine);
        json.WriteString("cpu", log.Cpu);
        json.WriteBoolean("ticks_are_instructions", log.CountsInstructions);
        json.WritePropertyName("problems");
        Texts(json, BootLogChecks.CheckOne(log));
        foreach ((string kind, string name) in new[]
        {
            ("boot", "boot"), ("ram", "ram"), ("stage", "stages"), ("account", "accounts"), ("accounted", "accounted"), ("blocks", "free_blocks"),
            ("selftest", "selftests"), ("bench", "benches"), ("done", "done"), ("panic", "panic"),
        })
        {
            Array(json, name, log.Facts.Where(f => f.Kind == kind), fact => Fields(json, fact));
        }

        Array(json, "reservations", log.Reservations, r =>
        {
            json.WriteStartObject();
            json.WriteString("name", r.Name);
            json.WriteString("start", Hex(r.Start));
            json.WriteString("end", Hex(r.End));
            json.WriteEndObject();
        });
        Array(json, "moves", log.History.Moves, m =>
        {
            json.WriteStartObject();
            json.WriteString("stage", m.Stage);
            json.WriteString("change", m.Taken ? "taken" : "given back");
            json.WriteString("name", m.Owner);
            json.WriteString("start", Hex(m.Start));
            json.WriteString("end", Hex(m.End));
            json.WriteEndObject();
        });
        json.WritePropertyName("unplaced");
        Texts(json, log.History.Unplaced);
        Array(json, "held", log.History.Moments, m =>
        {
            json.WriteStartObject();
            json.WriteString("after", m.Stage);
            json.WriteNumber("free_pages", m.FreePages);
            Array(json, "owners", m.Owners, o =>
            {
                json.WriteStartObject();
                json.WriteString("name", o.Key);
                json.WriteNumber("pages", o.Value);
                json.WriteEndObject();
            });
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Row(Utf8JsonWriter json, ComparisonRow row)
    {
        json.WriteStartObject();
        json.WriteString("section", row.Section);
        json.WriteString("name", row.Name);
        json.WriteBoolean("differs", row.Differs);
        json.WritePropertyName("values");
        Texts(json, row.Values);
        json.WriteEndObject();
    }

    private static void Baseline(Utf8JsonWriter json, Comparison comparison)
    {
        Baseline baseline = new(comparison);
        json.WriteStartObject();
        json.WriteString("title", baseline.Title);
        json.WriteBoolean("stock", baseline.IsStock);
        Array(json, "rows", baseline.Rows, row =>
        {
            json.WriteStartObject();
            json.WriteString("group", row.Group);
            json.WriteString("name", row.Name);
            json.WriteBoolean("more_is_better", row.MoreIsBetter);
            Array(json, "values", row.Values, value => Number(json, value));
            Array(json, "ratios", Enumerable.Range(0, row.Values.Count), i => Number(json, row.Ratio(i)));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, double? number)
    {
        if (number is { } value)
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void Fields(Utf8JsonWriter json, Fact fact)
    {
        json.WriteStartObject();
        HashSet<string> seen = [];
        foreach ((string key, string value) in fact.Fields.Where(f => seen.Add(f.Key)))
        {
            if (!s_textKeys.Contains(key) && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            {
                json.WriteNumber(key, number);
            }
            else
            {
                json.WriteString(key, value);
            }
        }

        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, IEnumerable<string?> texts)
    {
        json.WriteStartArray();
        foreach (string? text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static string Hex(ulong address) => address.ToString("x", CultureInfo.InvariantCulture);
}
