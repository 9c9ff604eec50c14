using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>A bar.</summary>
/// <param name="Series">Whose it is: its color and name.</param>
/// <param name="Value">Its length.</param>
/// <param name="Text">What stands at its end.</param>
/// <param name="Least">Where its spread begins; equal to the value for none.</param>
/// <param name="Most">Where its spread ends.</param>
public sealed record Bar(int Series, double Value, string Text, double Least, double Most);

/// <summary>
/// Horizontal bars in groups, drawn with lengths in percent: they fit any width, and text keeps its size. Groups whose bars are all as long
/// are named in a line.
/// </summary>
public static class Bars
{
    // Room for the figure behind the longest bar.
    private const double Longest = 70;
    private const double MostSpread = 80;

    /// <summary>Adds groups of bars.</summary>
    /// <param name="page">The page.</param>
    /// <param name="groups">Each with its label.</param>
    /// <param name="alike">All groups have one scale; else each has its own.</param>
    public static void Write(HtmlPage page, IEnumerable<(string Label, IReadOnlyList<Bar> Bars)> groups, bool alike)
    {
        List<(string Label, IReadOnlyList<Bar> Bars)> given = [.. groups.Where(g => g.Bars.Count != 0)];
        int logs = given.Select(g => g.Bars.Count).DefaultIfEmpty(0).Max();
        ILookup<bool, (string Label, IReadOnlyList<Bar> Bars)> even = given.ToLookup(
            g => g.Bars.Count == logs && SameInAll.Alike([.. g.Bars.Select(b => b.Value)]));
        List<(string Label, IReadOnlyList<Bar> Bars)> all = [.. even[false]];
        SameInAll.Write(page,
            even[true].Select(g => (g.Label, SameInAll.Range((ulong)g.Bars.Min(b => b.Value), (ulong)g.Bars.Max(b => b.Value)))));
        if (all.Count == 0)
        {
            return;
        }

        double most = all.SelectMany(g => g.Bars).Select(b => b.Value).DefaultIfEmpty(0).Max();
        page.Raw("<div class=\"bars\">\n");
        foreach ((string label, IReadOnlyList<Bar> bars) in all)
        {
            double full = alike ? most : bars.Max(b => b.Value);
            page.Raw("<div>").Name(label).Raw("</div><div>");
            foreach (Bar bar in bars)
            {
                double width = Percent(bar.Value, full);
                page.Raw($"<svg role=\"img\" aria-label=\"").Text(bar.Text)
                    .Raw($"\"><rect class=\"{HtmlPage.Colour(bar.Series)}\" y=\"2\" height=\"13\" width=\"{HtmlPage.Short(width)}%\"/>");
                double end = width;
                if (bar.Least < bar.Most)
                {
                    // One run that was interrupted must not make all bars tiny: the line ends at the edge, the figures say where it would.
                    (double least, double last) = (Percent(bar.Least, full), Math.Min(Percent(bar.Most, full), MostSpread));
                    page.Raw($"<line x1=\"{HtmlPage.Short(least)}%\" x2=\"{HtmlPage.Short(last)}%\" y1=\"8.5\" y2=\"8.5\"/>");
                    end = last;
                }

                page.Raw($"<text x=\"{HtmlPage.Short(end)}%\" dx=\"6\" y=\"13\">").Text(bar.Text).Raw("</text></svg>");
            }

            page.Raw("</div><div class=\"sep\"></div>\n");
        }

        page.Raw("</div>\n");
    }

    private static double Percent(double value, double full) => full <= 0 ? 0 : value / full * Longest;
}
