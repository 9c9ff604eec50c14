using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>A row of a <see cref="NarrowTable"/>.</summary>
/// <param name="Section">What it belongs to; a line of its own where it begins.</param>
/// <param name="Name">The fact.</param>
/// <param name="Values">One per column.</param>
/// <param name="Marked">The values differ.</param>
internal sealed record NarrowRow(string Section, string Name, IReadOnlyList<string> Values, bool Marked);

/// <summary>
/// A table for terminals too narrow for all its columns side by side. A row whose values fit stands on one line; one with longer values has
/// a line for each value, with the columns that have it. Nothing is broken but between words.
/// </summary>
internal static class NarrowTable
{
    private const int MostName = 26;
    private const int LeastColumn = 8;
    private const int MostColumn = 22;

    /// <summary>Whether a table of these rows, section and fact in columns of their own, needs more than a width.</summary>
    internal static bool Needed(IReadOnlyList<string> titles, IReadOnlyCollection<NarrowRow> rows, int width)
    {
        int all = rows.Select(r => r.Section.Length).DefaultIfEmpty(0).Max() + rows.Select(r => r.Name.Length).DefaultIfEmpty(0).Max();
        for (int i = 0; i < titles.Count; i++)
        {
            all += Math.Max(titles[i].Length, rows.Select(r => r.Values[i].Length).DefaultIfEmpty(0).Max());
        }

        // Each column has a blank on both sides; the last one holds the mark.
        return all + (2 * (titles.Count + 3)) + 1 > width;
    }

    /// <summary>The lines.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyList<string> titles, IEnumerable<NarrowRow> rows, int width)
    {
        NarrowRow[] all = [.. rows];
        int name = Math.Min(MostName, all.Select(r => r.Name.Length).DefaultIfEmpty(0).Max()) + 2;
        int longest = titles.Concat(all.SelectMany(r => r.Values)).Select(v => v.Length).Where(l => l < MostColumn).DefaultIfEmpty(0).Max();
        int column = Math.Min((width - name) / Math.Max(1, titles.Count), longest + 2);
        bool columns = column >= LeastColumn && titles.All(t => t.Length < column);
        if (columns)
        {
            yield return Row("", titles, name, column);
        }

        string section = "";
        foreach (NarrowRow row in all)
        {
            if (row.Section != section)
            {
                section = row.Section;
                yield return section;
            }

            string start = (row.Marked ? "* " : "  ") + row.Name;
            if (columns && start.Length <= name && row.Values.All(v => v.Length < column))
            {
                yield return Row(start, row.Values, name, column);
                continue;
            }

            string[] values = [.. row.Values.Distinct()];
            if (values.Length == 1)
            {
                foreach (string line in Wrap(start + ": ", values[0], width))
                {
                    yield return line;
                }

                continue;
            }

            yield return start;
            foreach (string value in values)
            {
                string who = string.Join(", ", titles.Where((_, i) => row.Values[i] == value));
                foreach (string line in Wrap("    ", $"{value}  {who}", width))
                {
                    yield return line;
                }
            }
        }
    }

    /// <summary>A text behind a label, in lines that are no longer than a width if its words are not.</summary>
    internal static IEnumerable<string> Wrap(string label, string text, int width)
    {
        if (label.Length + text.Length <= width)
        {
            yield return label + text;
            yield break;
        }

        string indent = new(' ', Math.Min(label.Length, width / 4));
        string line = label;
        bool empty = true;
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + (empty ? 0 : 1) + word.Length > width && line.Trim().Length != 0)
            {
                yield return line.TrimEnd();
                (line, empty) = (indent, true);
            }

            line += empty ? word : " " + word;
            empty = false;
        }

        yield return line;
    }

    private static string Row(string start, IReadOnlyList<string> values, int name, int column)
        => (start.PadRight(name) + string.Concat(values.Select(v => v.PadLeft(column - 1) + " "))).TrimEnd();
}
