using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>Prints a comparison: a table of the facts, then the messages that not all logs have, then the verdict in sentences.</summary>
public static class ComparisonTable
{
    private const int MostMessages = 16;
    private const string Nothing = "-";
    private const string Mark = "*";

    /// <summary>Prints it.</summary>
    public static void Print(Output output, Comparison comparison)
    {
        if (comparison.Logs.Count < 2)
        {
            output.Table(2, ["", "fact", .. comparison.Titles, ""], Lines(comparison, comparison.Rows));
            return;
        }

        // What stands against the baseline below is not said twice.
        Baseline baseline = new(comparison);
        if (comparison.HasLinux)
        {
            LinuxTable.Print(output, comparison, baseline);
            return;
        }

        if (baseline.IsStock)
        {
            // What each variant costs beside Cosmos's own heap is what was asked for; the facts come after it.
            Print(output, baseline);
        }

        output.Table(2, ["", "fact", .. comparison.Titles, ""],
            Lines(comparison, comparison.Rows.Where(r => r.Section != "bench" || !baseline.Shows(r.Name))));
        if (!baseline.IsStock)
        {
            Print(output, baseline);
        }

        int same = comparison.Rows.Count(r => !r.Differs);
        output.Line($"{Mark} differs between the logs: {comparison.Rows.Count - same} facts; the same in all: {same} facts and "
            + $"{comparison.CommonMessages} messages");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            IReadOnlyList<LogLine> own = comparison.Own(i);
            output.Line("");
            output.Line(
                own.Count == 0
                    ? $"{comparison.Titles[i]}: every message is in the other logs too"
                    : $"{comparison.Titles[i]}: messages that not every log has");
            foreach (LogLine message in own.Take(MostMessages))
            {
                output.Line("  " + message.Text);
            }

            if (own.Count > MostMessages)
            {
                output.Line($"  ... and {own.Count - MostMessages} more");
            }
        }

        output.Line("");
        foreach (string sentence in Verdict.Of(comparison))
        {
            output.Line(sentence);
        }
    }

    /// <summary>A value for people: long numbers in groups, ticks with their ratio to the first log's.</summary>
    public static string Show(ComparisonRow row, int log)
    {
        string? value = row.Values[log];
        if (value == null)
        {
            return Nothing;
        }

        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return value.Length == 0 ? "\"\"" : value;
        }

        string text = number.ToString("#,0", CultureInfo.InvariantCulture);
        bool time = row.Name.Contains("ticks", StringComparison.Ordinal) || row.Section == "bench";
        return time && log > 0 && ulong.TryParse(row.Values[0], out ulong first) && first != 0
            ? $"{text} ({Baseline.Times(number / (double)first)})"
            : text;
    }

    /// <summary>Prints every figure against the baseline's.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="baseline">The figures.</param>
    /// <param name="words">Say what each figure is.</param>
    internal static void Print(Output output, Baseline baseline, bool words = true)
    {
        output.Paragraph("", baseline.Heading, words ? int.MaxValue : LinuxTable.Width);
        string group = "";
        List<TableLine> lines = [];
        foreach (BaselineRow row in baseline.Telling)
        {
            lines.Add(new TableLine(
                [row.Group == group ? "" : row.Group, row.Name, words ? row.Words : "",
                    .. row.Values.Select(
                    (v, i) => v == null
                        ? Nothing
                        : row.Ratio(i) is { } ratio ? $"{Grouped(v.Value)} {Baseline.Times(ratio),8}"
                        : Grouped(v.Value))],
                Enumerable.Range(1, row.Values.Count - 1).Any(i => row.Better(i) == -1)));
            group = row.Group;
        }

        output.Table(3, ["", "figure", "", .. baseline.Comparison.Titles], lines);
        foreach (string note in baseline.Notes())
        {
            output.Paragraph("", note, words ? int.MaxValue : LinuxTable.Width);
        }

        output.Line("");
    }

    private static string Grouped(ulong number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static IEnumerable<TableLine> Lines(Comparison comparison, IEnumerable<ComparisonRow> rows)
    {
        string section = "";
        foreach (ComparisonRow row in rows)
        {
            List<string> cells = [row.Section == section ? "" : row.Section, row.Name];
            section = row.Section;
            for (int i = 0; i < comparison.Logs.Count; i++)
            {
                cells.Add(Show(row, i));
            }

            cells.Add(row.Differs ? Mark : "");
            yield return new TableLine(cells, row.Differs);
        }
    }
}
