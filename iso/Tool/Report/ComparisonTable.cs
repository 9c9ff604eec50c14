using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// Prints a comparison: what it comes to, a table of the facts, the messages that not all logs have, and the verdict in sentences.
/// </summary>
public static class ComparisonTable
{
    private const int MostMessages = 16;
    private const int MostWidth = 110;
    private const string Nothing = "-";
    private const string Mark = "*";

    /// <summary>Prints it.</summary>
    public static void Print(Output output, Comparison comparison)
    {
        if (comparison.Logs.Count < 2)
        {
            PrintFacts(output, comparison, comparison.Rows);
            return;
        }

        // What stands against the baseline below is not said twice.
        Baseline baseline = new(comparison);
        if (comparison.HasLinux)
        {
            LinuxTable.Print(output, comparison, baseline);
            return;
        }

        PrintHead(output, comparison, output.Width);

        if (baseline.IsStock)
        {
            // What each variant costs beside Cosmos's own heap is what was asked for; the facts come after it.
            Print(output, baseline);
        }

        PrintFacts(output, comparison, [.. comparison.Rows.Where(r => r.Section != "bench" || !baseline.Shows(r.Name))]);
        if (!baseline.IsStock)
        {
            Print(output, baseline);
        }

        int same = comparison.Rows.Count(r => !r.Differs);
        Say(output, $"{Mark} differs between the logs: {comparison.Rows.Count - same} facts; the same in all: {same} facts and "
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
                foreach (string line in NarrowTable.Wrap("  ", message.Text, output.Width))
                {
                    output.Line(line);
                }
            }

            if (own.Count > MostMessages)
            {
                output.Line($"  ... and {own.Count - MostMessages} more");
            }
        }

        output.Line("");
        foreach (string sentence in Verdict.Of(comparison))
        {
            Say(output, sentence);
        }
    }

    /// <summary>Prints what the comparison comes to, as the page says it first.</summary>
    internal static void PrintHead(Output output, Comparison comparison, int width)
    {
        IReadOnlyList<string> sentences = new ChainVerdict(comparison).Sentences;
        foreach (string sentence in sentences)
        {
            output.Paragraph("", sentence, Math.Min(MostWidth, width));
        }

        if (sentences.Count != 0)
        {
            output.Line("");
        }
    }

    /// <summary>Prints every figure against the baseline's.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="baseline">The figures.</param>
    /// <param name="words">Say what each figure is.</param>
    internal static void Print(Output output, Baseline baseline, bool words = true)
    {
        int width = words ? output.Width : Math.Min(output.Width, LinuxTable.Width);
        output.Paragraph("", baseline.Heading, width);
        NarrowRow[] narrow = [.. Narrow(baseline)];
        if (words && NarrowTable.Needed(baseline.Comparison.Titles, narrow, width - MostRatio(baseline)))
        {
            PrintNarrow(output, baseline.Comparison.Titles, narrow);
            SayNotes(output, baseline, width);
            return;
        }

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
        SayNotes(output, baseline, width);
    }

    private static void SayNotes(Output output, Baseline baseline, int width)
    {
        foreach (string note in baseline.Notes())
        {
            output.Paragraph("", note, width);
        }

        output.Line("");
    }

    // The ratios are a line of their own below the figures, where one of them is worth a look.
    private static IEnumerable<NarrowRow> Narrow(Baseline baseline)
    {
        foreach (BaselineRow row in baseline.Telling)
        {
            bool worse = Enumerable.Range(1, row.Values.Count - 1).Any(i => row.Better(i) == -1);
            yield return new NarrowRow(row.Group, row.Name, [.. row.Values.Select(v => v == null ? Nothing : Grouped(v.Value))], worse);
            if (Enumerable.Range(1, row.Values.Count - 1).Any(i => row.Better(i) is not (null or 0)))
            {
                yield return new NarrowRow(row.Group, "",
                    [.. row.Values.Select((_, i) => row.Ratio(i) is { } ratio ? Baseline.Times(ratio) : "")], false);
            }
        }
    }

    // What a wide table needs for the ratios, and for what each figure is.
    private static int MostRatio(Baseline baseline)
        => (9 * baseline.Comparison.Logs.Count) + baseline.Telling.Select(r => r.Words.Length).DefaultIfEmpty(0).Max();

    private static void PrintFacts(Output output, Comparison comparison, IReadOnlyList<ComparisonRow> rows)
    {
        NarrowRow[] narrow =
            [.. rows.Select(r => new NarrowRow(r.Section, r.Name, [.. comparison.Logs.Select((_, i) => r.Show(i))], r.Differs))];
        if (NarrowTable.Needed(comparison.Titles, narrow, output.Width))
        {
            // The ratios of ticks stand against the baseline below.
            PrintNarrow(output, comparison.Titles,
                [.. narrow.Select(r => r with { Values = [.. r.Values.Select(v => v.Split(" (x", StringSplitOptions.None)[0])] })]);
        }
        else
        {
            output.Table(2, ["", "fact", .. comparison.Titles, ""], Lines(comparison, rows));
        }
    }

    private static void PrintNarrow(Output output, IReadOnlyList<string> titles, IReadOnlyList<NarrowRow> rows)
    {
        foreach (string line in NarrowTable.Lines(titles, rows, output.Width))
        {
            output.Line(line);
        }

        output.Line("");
    }

    private static void Say(Output output, string text) => output.Paragraph("", text, output.Width);

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
                cells.Add(row.Show(i));
            }

            cells.Add(row.Differs ? Mark : "");
            yield return new TableLine(cells, row.Differs);
        }
    }
}
