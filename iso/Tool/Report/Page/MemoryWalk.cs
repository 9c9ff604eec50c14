using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// Physical memory of every log on one strip each, at one place of the chain; buttons and arrow keys go to the next place and back, and
/// what appears, moves, and goes is seen and said. Without its script it shows the last place.
/// </summary>
internal sealed class MemoryWalk
{
    private const int Last = 4;
    private const int Height = 24;

    private readonly Comparison _comparison;
    private readonly List<string> _owners;
    private readonly MemoryAxis _axis;

    private MemoryWalk(Comparison comparison)
    {
        _comparison = comparison;
        _owners = [.. MemoryStrips.Owners(comparison)];
        _axis = new MemoryAxis(comparison.Logs.SelectMany(l => l.History.Moments));
    }

    /// <summary>Adds it; nothing when no log records the holders of memory.</summary>
    internal static void Write(HtmlPage page, Comparison comparison)
    {
        if (comparison.Logs.Any(l => l.History.Moments.Count != 0))
        {
            new MemoryWalk(comparison).Write(page);
        }
    }

    private void Write(HtmlPage page)
    {
        page.Raw("<div class=\"tools\"><button type=\"button\" data-by=\"-1\">\u25c0 stage before</button>"
            + "<button type=\"button\" data-by=\"1\">next stage \u25b6</button>");
        page.Raw("<span class=\"at\" role=\"status\" aria-live=\"polite\">");
        for (int i = 0; i <= Last; i++)
        {
            string names = string.Join(", ", _comparison.StageNames.Where(s => Chain.ColumnOf(s) == i));
            page.Raw($"<span data-step=\"{i}\"{(i == Last ? "" : " hidden")}>").Text($"{i + 1} of {Last + 1}: {Chain.Work[i]} ({names})")
                .Raw("</span>");
        }

        page.Raw("</span></div>\n");
        string[] shown = [.. _comparison.Logs.Take(ReportHead.MostLogs).SelectMany(l => l.History.Moments).SelectMany(m => m.Segments)
            .Where(s => s.Use == MemoryUse.Held).Select(s => s.Owner).Distinct()];
        page.Legend(
        [
            ("f", "free"), .. _owners.Select((o, i) => (HtmlPage.Colour(i), o)).Where(x => shown.Contains(x.o)),
            ("g", "not a whole page"), ("u", "firmware's"),
        ]);
        for (int i = 0; i < Math.Min(_comparison.Logs.Count, ReportHead.MostLogs); i++)
        {
            WriteLog(page, i);
        }
    }

    private void WriteLog(HtmlPage page, int index)
    {
        Chain chain = new(_comparison.Logs[index]);
        if (chain.MomentAt(Last) is not { } last)
        {
            return;
        }

        page.Raw("<div class=\"step\"><div class=\"of\">").Text(_comparison.Titles[index]).Raw("</div>");
        page.Raw($"<svg class=\"strip\" viewBox=\"0 0 {HtmlPage.Short(MemoryAxis.Length)} {Height}\" preserveAspectRatio=\"none\" "
            + $"role=\"img\" aria-label=\"memory of ").Text(_comparison.Titles[index]).Raw("\">");
        foreach ((ulong start, ulong end, string style) in Ground(last))
        {
            page.Raw($"<rect class=\"{style}\" {Place(start, end)}/>");
        }

        foreach ((MemorySegment segment, int from, int to) in Held(chain))
        {
            string style = HtmlPage.Colour(_owners.IndexOf(segment.Owner)) + (segment.IsRam ? "" : " out") + (to == Last ? " on" : "");
            page.Raw(
                string.Create(
                    CultureInfo.InvariantCulture, $"<rect class=\"held {style}\" {Place(segment.Start, segment.End)} data-from=\"{from}\" "
                        + $"data-to=\"{to}\" data-r=\"{segment.Start:x}-{segment.End:x}\""
                        + $"{(segment.IsRam ? $" data-p=\"{segment.Pages}\"" : "")} data-o=\"{HtmlPage.Escape(segment.Owner)}\"/>"));
        }

        page.Raw("</svg><div class=\"moves\">");
        for (int i = 0; i <= Last; i++)
        {
            page.Raw($"<span data-step=\"{i}\"{(i == Last ? "" : " hidden")}>");
            WriteMoves(page, chain.MovesAt(i));
            page.Raw("</span>");
        }

        page.Raw("</div></div>\n");
    }

    // What lies under the holders and never changes: RAM, and what is none. Neighbors alike are one.
    private static IEnumerable<(ulong Start, ulong End, string Style)> Ground(MemoryMoment moment)
    {
        (ulong Start, ulong End, string Style) open = (0, 0, "");
        foreach (MemorySegment segment in moment.Segments)
        {
            string style = segment.Use == MemoryUse.Fragment ? "g"
                : segment.IsRam ? "f"
                : segment.Owner is "nothing" ? "h"
                : "u";
            if (style != open.Style)
            {
                if (open.End != 0)
                {
                    yield return open;
                }

                open = (segment.Start, segment.End, style);
            }

            open.End = segment.End;
        }

        yield return open;
    }

    // Each holding with the first and the last place at which it is there.
    private static IEnumerable<(MemorySegment Segment, int From, int To)> Held(Chain chain)
    {
        List<(MemorySegment Segment, int From, int To)> held = [];
        for (int i = 0; i <= Last; i++)
        {
            foreach (MemorySegment segment in chain.MomentAt(i)?.Segments.Where(s => s.Use == MemoryUse.Held) ?? [])
            {
                int same = held.FindIndex(h => h.To == i - 1 && h.Segment == segment);
                if (same >= 0)
                {
                    held[same] = held[same] with { To = i };
                }
                else
                {
                    held.Add((segment, i, i));
                }
            }
        }

        return held;
    }

    private static void WriteMoves(HtmlPage page, (IReadOnlyList<ChainMove> Took, IReadOnlyList<ChainMove> GaveBack) moves)
    {
        if (moves.Took.Count + moves.GaveBack.Count == 0)
        {
            page.Raw("<i>nothing changes hands</i>");
            return;
        }

        foreach ((string style, string sign, ChainMove move) in moves.Took.OrderByDescending(m => m.Pages).Select(m => ("new", "+", m))
            .Concat(moves.GaveBack.OrderByDescending(m => m.Pages).Select(m => ("gone", "\u2212", m))))
        {
            page.Raw($"<span class=\"{style}\">{sign} ").Text($"{move.Owner} {HtmlPage.Grouped(move.Pages)}").Raw("</span> ");
        }
    }

    private string Place(ulong start, ulong end)
    {
        (double from, double to) = (_axis.Of(start), _axis.Of(end));
        return $"x=\"{HtmlPage.Short(from)}\" width=\"{HtmlPage.Short(to - from)}\" height=\"{Height}\"";
    }
}
