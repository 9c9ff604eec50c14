using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>Prints a comparison that has a log of Linux among others, for terminals of 80 columns.</summary>
internal static class LinuxTable
{
    /// <summary>Columns of the narrowest terminal.</summary>
    internal const int Width = 80;

    private static readonly string[] s_long = ["cpu", "loader", "cmdline", "version"];

    /// <summary>Prints it.</summary>
    internal static void Print(Output output, Comparison comparison, Baseline baseline)
    {
        ComparisonTable.PrintHead(output, comparison, Width);
        foreach (ComparisonRow row in comparison.Rows.Where(IsLong))
        {
            foreach ((string title, string value) in comparison.Titles.Zip(row.Values).Where(x => !string.IsNullOrEmpty(x.Second))
                .Select(x => (x.First, x.Second!)))
            {
                Long(output, $"{title}: {row.Name}: ", value);
            }
        }

        ComparisonRow[] rows = [.. comparison.Rows.Where(r => !IsLong(r))];
        ComparisonRow[] shown =
            [.. rows.Where(r => !Repeats(r) && comparison.Logs.Where((l, i) => l.IsLinux && r.Values[i] != null).Any())];
        output.Table(1, ["fact", .. comparison.Titles, ""], Lines(comparison, shown));
        ComparisonTable.Print(output, baseline, words: false);
        int same = shown.Count(r => !r.Differs);
        output.Paragraph("", $"* differs between the logs: {shown.Length - same} facts; the same in all: {same} facts. "
            + $"{rows.Length - shown.Length} more, which logs of Linux do not have or which follow from these, and the logs side by "
            + "side: --html FILE.", Width);
        output.Line("");
        foreach (string sentence in Verdict.Of(comparison))
        {
            output.Paragraph("", sentence, Width);
        }
    }

    // A section has a line of its own: a column for it would be too much for 80.
    private static IEnumerable<TableLine> Lines(Comparison comparison, IEnumerable<ComparisonRow> rows)
    {
        string section = "";
        foreach (ComparisonRow row in rows)
        {
            if (row.Section != section)
            {
                section = row.Section;
                yield return new TableLine([section, .. comparison.Titles.Select(_ => ""), ""], false);
            }

            yield return new TableLine(
                ["  " + row.Name, .. comparison.Logs.Select((_, i) => row.Show(i)), row.Differs ? "*" : ""], row.Differs);
        }
    }

    private static bool IsLong(ComparisonRow row) => row.Section == "boot" && s_long.Contains(row.Name);

    // What the table says elsewhere: who holds what after each stage is in the last one's accounts.
    private static bool Repeats(ComparisonRow row)
        => row.Section is "cost" or "done"
            || (row.Section.StartsWith("stage ", StringComparison.Ordinal) && row.Name.Contains(": ", StringComparison.Ordinal));

    // A word may be longer than a line: a command line is not for reading only, and stays whole.
    private static void Long(Output output, string label, string value)
    {
        if (label.Length + value.Length <= Width)
        {
            output.Line(label + value);
            return;
        }

        output.Line(label.TrimEnd());
        for (int at = 0; at < value.Length;)
        {
            int end = Math.Min(value.Length, at + Width - 2);
            int space = end < value.Length ? value.LastIndexOf(' ', end, end - at) : -1;
            end = space > at ? space : end;
            output.Line("  " + value[at..end]);
            at = end < value.Length && value[end] == ' ' ? end + 1 : end;
        }
    }
}
