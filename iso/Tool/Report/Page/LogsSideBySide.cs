using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// The raw logs in columns. Lines that say the same thing stand side by side, whatever their figures (longest common subsequence over the
/// lines with their numbers left out, log by log); words that differ from the first log's line are marked.
/// </summary>
public static class LogsSideBySide
{
    /// <summary>Lines of a log that are shown; a boot has some hundred.</summary>
    public const int MostLines = 1500;

    /// <summary>Adds the section.</summary>
    /// <param name="page">The page.</param>
    /// <param name="comparison">The logs.</param>
    /// <param name="differencesOnly">Leave out lines that are the same in all: for pages that would grow too large.</param>
    public static void Write(HtmlPage page, Comparison comparison, bool differencesOnly)
    {
        page.Heading("The logs side by side");
        page.Note(differencesOnly
            ? "Without time stamps; lines that are the same in all logs are left out of this page. Words that differ from the first "
                + "log's line are marked."
            : "Without time stamps. Words that differ from the first log's line are marked; hatched: this log has no such line.");
        page.Raw("<div class=\"tools\"><label><input type=\"checkbox\" data-only=\"logs\"> only lines that differ</label></div>\n");
        page.Raw($"<div class=\"logs\" id=\"logs\" tabindex=\"0\"><table style=\"min-width:{comparison.Logs.Count * 17}rem\"><thead><tr "
            + $"class=\"head\">");
        foreach (string title in comparison.Titles)
        {
            page.Raw("<th>").Text(title).Raw("</th>");
        }

        page.Raw("</tr></thead><tbody>\n");
        foreach (
            string?[] row in Align(
                [.. comparison.Logs.Select(l => (IReadOnlyList<string>)[.. l.Lines.Take(MostLines).Select(x => x.Text)])]))
        {
            bool same = row.All(text => text == row[0]);
            if (same && differencesOnly)
            {
                continue;
            }

            page.Raw(same ? "<tr>" : "<tr class=\"d\">");
            string? first = row.FirstOrDefault(text => text != null);
            foreach (string? text in row)
            {
                page.Raw(
                    text == null
                        ? "<td class=\"none\"></td>"
                        : text == first ? $"<td>{HtmlPage.Escape(text)}</td>"
                        : $"<td>{Marked(first!, text)}</td>");
            }

            page.Raw("</tr>\n");
        }

        page.Raw("</tbody></table></div>\n");
        foreach ((string title, BootLog log) in comparison.Titles.Zip(comparison.Logs).Where(x => x.Second.Lines.Count > MostLines))
        {
            page.Note($"{title}: {log.Lines.Count - MostLines} further lines are not shown.");
        }
    }

    /// <summary>Rows with a cell a log, null where a log has no such line. Each log's lines are all there, in their order.</summary>
    public static IReadOnlyList<string?[]> Align(IReadOnlyList<IReadOnlyList<string>> logs)
    {
        List<(string Shape, string?[] Cells)> rows = [];
        for (int log = 0; log < logs.Count; log++)
        {
            List<(string Shape, string?[] Cells)> merged = [];
            string[] shapes = [.. logs[log].Select(Shape)];
            int[,] common = Common(rows, shapes);
            (int row, int line) = (0, 0);
            while (row < rows.Count || line < shapes.Length)
            {
                if (row < rows.Count && line < shapes.Length && rows[row].Shape == shapes[line])
                {
                    rows[row].Cells[log] = logs[log][line++];
                    merged.Add(rows[row++]);
                }
                else if (line == shapes.Length || (row < rows.Count && common[row + 1, line] >= common[row, line + 1]))
                {
                    merged.Add(rows[row++]);
                }
                else
                {
                    string?[] cells = new string?[logs.Count];
                    cells[log] = logs[log][line];
                    merged.Add((shapes[line++], cells));
                }
            }

            rows = merged;
        }

        return [.. rows.Select(r => r.Cells)];
    }

    // common[i, j]: how many lines rows from i and shapes from j have in common, in order.
    private static int[,] Common(List<(string Shape, string?[] Cells)> rows, string[] shapes)
    {
        int[,] common = new int[rows.Count + 1, shapes.Length + 1];
        for (int i = rows.Count - 1; i >= 0; i--)
        {
            for (int j = shapes.Length - 1; j >= 0; j--)
            {
                common[i, j] = rows[i].Shape == shapes[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return common;
    }

    // The line without its figures: words that hold a digit stand for each other, and how wide columns are does not matter. A line for
    // programs is what it is about; the keys that it has are its own.
    private static string Shape(string line)
    {
        if (Fact.Parse(new LogLine(0, null, line)) is { } fact)
        {
            return $"bootalloc: {fact.Kind} {fact["name"]} {fact["zone"]} {fact["stage"]}";
        }

        StringBuilder shape = new();
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
            {
                shape.Append(word, 0, equals);
            }
            else
            {
                shape.Append(word.Any(char.IsAsciiDigit) ? "0" : word);
            }

            shape.Append(' ');
        }

        return shape.ToString();
    }

    private static string Marked(string first, string text)
    {
        string[] words = text.Split(' ');
        string[] others = first.Split(' ');
        StringBuilder html = new();
        for (int i = 0; i < words.Length; i++)
        {
            string word = HtmlPage.Escape(words[i]);
            html.Append(i == 0 ? "" : " ")
                .Append(words[i].Length == 0 || (i < others.Length && others[i] == words[i]) ? word : $"<mark>{word}</mark>");
        }

        return html.ToString();
    }
}
