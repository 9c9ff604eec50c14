using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>Physical memory as a strip for each log and stage, over one axis; and the first mebibyte by itself, true to scale.</summary>
public sealed class MemoryStrips
{
    private const ulong LowEnd = 1 << 20;
    private const int StripHeight = 24;

    private readonly Comparison _comparison;
    private readonly List<string> _owners;
    private readonly MemoryAxis _axis;
    private readonly bool _lastOnly;

    /// <summary>Prepares the strips.</summary>
    /// <param name="comparison">The logs.</param>
    /// <param name="lastOnly">Just the last stage of each: for pages that would grow too large.</param>
    public MemoryStrips(Comparison comparison, bool lastOnly)
    {
        _comparison = comparison;
        _lastOnly = lastOnly;
        _owners = Holders(comparison);
        _axis = new MemoryAxis(comparison.Logs.SelectMany(l => l.History.Moments));
    }

    /// <summary>
    /// Every owner of the logs in the order of their colors: first those that hold a range, then those with only a number of pages.
    /// </summary>
    public static IReadOnlyList<string> Owners(Comparison comparison)
        => [.. Holders(comparison).Concat(comparison.Logs.SelectMany(l => l.Accounts).Select(a => a["name"]!)).Distinct()];

    private static List<string> Holders(Comparison comparison)
        => [.. comparison.Logs.SelectMany(l => l.History.Moments).SelectMany(m => m.Segments).Where(s => s.Use == MemoryUse.Held)
            .Select(s => s.Owner).Distinct()];

    /// <summary>Adds the section; a note where no log records the holders of memory.</summary>
    public void Write(HtmlPage page)
    {
        page.Heading("Physical memory");
        if (_comparison.Logs.All(l => l.History.Last == null))
        {
            page.Note("These logs do not record the holders of memory (no lines 'bootalloc: ram' and 'bootalloc: hold'): they are older, "
                + "older, or end before the first stage.");
            return;
        }

        page.Note("A strip shows memory at the end of a stage, from address 0 to the last thing in it. The axis is uneven, so that "
            + "single pages and holes can be seen; borders above each other are at the same address. Point at a piece for its "
            + "owner, range and size; drag to move, double-click or Ctrl and wheel to zoom.");
        page.Raw("<div class=\"tools\">");
        foreach (
            (string act, string name) in new[] { ("all", "all"), ("low", "low 1 MiB"), ("dma", "first 16 MiB"), ("more", "+"),
                ("less", "\u2212"), ("left", "\u2190"), ("right", "\u2192") })
        {
            page.Raw($"<button type=\"button\" data-do=\"{act}\">").Text(name).Raw("</button>");
        }

        page.Raw("<button type=\"button\" data-do=\"true\" aria-pressed=\"false\">true to scale</button></div>\n");
        page.Legend(
        [
            ("f", "free"), .. _owners.Select((o, i) => (HtmlPage.Colour(i), o)), ("g", "RAM that does not fill a page"),
                ("u", "firmware's"),
                ("h", "nothing there"),
        ]);
        page.Raw("<script type=\"application/json\" id=\"axis\">[")
            .Raw(string.Join(',', _axis.Borders.Select(b => $"[{b.Address},{HtmlPage.Short(b.Place)}]"))).Raw("]</script>\n");
        page.Raw("<div class=\"map\" tabindex=\"0\" role=\"group\" aria-label=\"memory by stage\">\n");
        WriteRuler(page);
        for (int i = 0; i < _comparison.Logs.Count; i++)
        {
            WriteLog(page, i);
        }

        page.Raw("</div>\n");
        if (_comparison.Logs.All(l => l.History.End == null))
        {
            return;
        }

        page.Raw("<h3>The first mebibyte, true to scale</h3>\n");
        foreach (
            IGrouping<string, (string Title, MemorySegment[] Low)> same in _comparison.Logs.Zip(_comparison.Titles)
                .Where(x => x.First.History.End != null)
                .Select(x => (x.Second, (MemorySegment[])[.. x.First.History.End!.Segments.Where(s => s.Start < LowEnd)
                    .Select(s => s with { End = Math.Min(s.End, LowEnd) })]))
                .GroupBy(x => string.Join('\n', (object[])x.Item2)))
        {
            string titles = string.Join(", ", same.Select(x => x.Title));
            page.Raw("<div class=\"row\"><div>").Text(same.Count() == _comparison.Logs.Count && same.Count() > 1 ? "all" : titles)
                .Raw("</div>");
            WriteStrip(page, same.First().Low, a => a * MemoryAxis.Length / LowEnd, "low");
            ulong free = same.First().Low.Where(s => s.Use == MemoryUse.Free).Aggregate(0UL, (sum, s) => sum + s.Pages);
            page.Raw($"<div class=\"n\">{HtmlPage.Grouped(free)} free</div></div>\n");
        }

        page.Raw("<div class=\"ruler row\"><div>");
        for (int i = 0; i <= 4; i++)
        {
            WriteMark(page, i * 25, $"{i * 256} KiB");
        }

        page.Raw("</div></div>\n");
    }

    // The script lays it out anew for the window's width; this is what paper and a page without script show.
    private void WriteRuler(HtmlPage page)
    {
        const double room = 110;
        List<(ulong Address, double Place)> marks = [];
        List<(ulong Address, double Place)> borders = [.. _axis.Borders];
        foreach (
            (ulong address, double place) in borders.OrderByDescending(
                b => b.Address == 0 || b.Address == LowEnd || b.Address == borders[^1].Address))
        {
            if (marks.TrueForAll(m => Math.Abs(m.Place - place) > room))
            {
                marks.Add((address, place));
            }
        }

        page.Raw("<div class=\"ruler row\"><div>");
        foreach ((ulong address, double place) in marks.OrderBy(m => m.Place))
        {
            WriteMark(page, place / 10, Size(address));
        }

        page.Raw("</div></div>\n");
    }

    private static void WriteMark(HtmlPage page, double percent, string text)
        => page.Raw($"<span class=\"{(percent < 4 ? "l" : percent > 96 ? "r" : "")}\" "
            + $"style=\"left:{HtmlPage.Short(percent)}%\">{text}</span>");

    private void WriteLog(HtmlPage page, int index)
    {
        IReadOnlyList<MemoryMoment> moments = _comparison.Logs[index].History.Moments;
        if (moments.Count == 0)
        {
            return;
        }

        page.Raw("<div class=\"who\">").Text(_comparison.Titles[index]).Raw("</div>\n");
        for (int i = _lastOnly ? moments.Count - 1 : 0; i < moments.Count; i++)
        {
            // A stage that moved nothing shares the strip of the one before.
            int same = i;
            while (same + 1 < moments.Count && moments[same + 1].Segments.SequenceEqual(moments[i].Segments))
            {
                same++;
            }

            string stages = string.Join(", ", moments.Skip(i).Take(same - i + 1).Select(m => m.Stage));
            page.Raw("<div class=\"row\"><div>").Text(stages).Raw("</div>");
            WriteStrip(page, moments[i].Segments, _axis.Of, stages);
            page.Raw($"<div class=\"n\" data-log=\"{index}\" data-stage=\"").Text(moments[same].Stage)
                .Raw($"\">{HtmlPage.Grouped(moments[i].FreePages)} free</div></div>\n");
            i = same;
        }

        if (_comparison.Logs[index].History.Unplaced is { Count: > 0 } unplaced)
        {
            page.Note($"Its log does not record the layout after that: of {string.Join(", ", unplaced)} it gives only the numbers of "
                + $"pages, below.");
        }
    }

    private void WriteStrip(HtmlPage page, IEnumerable<MemorySegment> segments, Func<ulong, double> place, string label)
    {
        page.Raw($"<svg class=\"strip\" viewBox=\"0 0 {HtmlPage.Short(MemoryAxis.Length)} {StripHeight}\" preserveAspectRatio=\"none\" "
            + $"role=\"img\" aria-label=\"").Text(label).Raw("\">");
        foreach (MemorySegment segment in segments)
        {
            (double from, double to) = (place(segment.Start), place(segment.End));
            string pages = segment.IsRam && segment.Use != MemoryUse.Fragment ? $" data-p=\"{segment.Pages}\"" : "";
            page.Raw(
                string.Create(
                    CultureInfo.InvariantCulture, $"<rect class=\"{Class(segment)}\" x=\"{HtmlPage.Short(from)}\" "
                        + $"width=\"{HtmlPage.Short(to - from)}\" height=\"{StripHeight}\" "
                        + $"data-r=\"{segment.Start:x}-{segment.End:x}\"{pages} data-o=\"{HtmlPage.Escape(segment.Owner)}\"/>"));
        }

        page.Raw("</svg>");
    }

    private string Class(MemorySegment segment) => segment.Use switch
    {
        MemoryUse.Free => "f",
        MemoryUse.Fragment => "g",
        MemoryUse.Held => HtmlPage.Colour(_owners.IndexOf(segment.Owner)) + (segment.IsRam ? "" : " out"),
        _ => segment.Owner == "nothing" ? "h" : "u",
    };

    private static string Size(ulong bytes)
    {
        (double number, string unit) = bytes >= 1UL << 30
            ? (bytes / (double)(1UL << 30), "GiB")
            : bytes >= 1UL << 20 ? (bytes / (double)(1UL << 20), "MiB")
            : (bytes / 1024.0, "KiB");
        return number.ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;
    }
}
