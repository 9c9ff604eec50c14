using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// Pages that are not handed over: a bar per log, a segment per owner, all on one scale. It needs no ranges, so the baseline has its bar
/// too.
/// </summary>
public static class KeptPages
{
    // Room for the figure behind the longest bar.
    private const double Longest = 68;

    /// <summary>Adds the bars, if a log accounts for a page.</summary>
    public static void Write(HtmlPage page, Comparison comparison)
    {
        IReadOnlyList<string> owners = MemoryStrips.Owners(comparison);
        List<ulong> sums = [.. comparison.Logs.Select(l => owners.Aggregate(0UL, (sum, o) => sum + (l.PagesOf(o) ?? 0)))];
        ulong most = sums.Max();
        if (most == 0)
        {
            return;
        }

        int accounted = comparison.Logs.Count(l => l.Accounted != null);
        if (accounted > 1 && owners.All(o => comparison.Logs.Where(l => l.Accounted != null).Select(l => l.PagesOf(o) ?? 0).Distinct()
            .Count() == 1))
        {
            page.Raw("<p class=\"same-all\">").Text($"All keep as many pages, {HtmlPage.Grouped(most)}, and every owner keeps as many.")
                .Raw("</p>\n");
            return;
        }

        page.Note("Usable RAM that is not handed over, by owner; all bars have one scale.");
        page.Legend(
            owners.Select((o, i) => (HtmlPage.Colour(i), o)).Where(x => comparison.Logs.Any(l => l.PagesOf(x.o) is not (null or 0))));
        page.Raw("<div class=\"bars kept\">\n");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            if (comparison.Logs[i].Accounted == null)
            {
                continue;
            }

            string figure = HtmlPage.Grouped(sums[i]) + (sums[i] == 1 ? " page" : " pages");
            page.Raw("<div>").Text(comparison.Titles[i]).Raw("</div><div><svg role=\"img\" aria-label=\"").Text(figure).Raw("\">");
            double at = 0;
            for (int owner = 0; owner < owners.Count; owner++)
            {
                if (comparison.Logs[i].PagesOf(owners[owner]) is { } pages and not 0)
                {
                    double width = pages * Longest / most;
                    page.Raw($"<rect class=\"{HtmlPage.Colour(owner)}\" x=\"{HtmlPage.Short(at)}%\" y=\"2\" height=\"13\" "
                        + $"width=\"{HtmlPage.Short(width)}%\" data-kept=\"{i}\" "
                        + $"data-pages=\"{pages}\"><title>").Text($"{owners[owner]}: {HtmlPage.Grouped(pages)} "
                        + $"{(pages == 1 ? "page" : "pages")}").Raw("</title></rect>");
                    at += width;
                }
            }

            page.Raw($"<text x=\"{HtmlPage.Short(at)}%\" dx=\"6\" y=\"13\">").Text(figure)
                .Raw("</text></svg></div><div class=\"sep\"></div>\n");
        }

        page.Raw("</div>\n");
    }
}
