using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// Free blocks by order: a line per log and zone, a column per order, with the number of blocks over a bar for the pages in them.
/// </summary>
public static class FreeBlocks
{
    private const int BarHeight = 30;

    /// <summary>Adds the section, if a log has the lines for it.</summary>
    public static void Write(HtmlPage page, Comparison comparison)
    {
        if (!comparison.Logs.SelectMany(l => l.Blocks).Any())
        {
            return;
        }

        page.Heading("Free blocks by order, as handed over");
        page.Note("The number is the blocks of that order; the bar, the pages in them as a share of the zone's free pages. Few large "
            + "blocks are better than many small ones.");
        int orders = comparison.Logs.SelectMany(l => l.Blocks)
            .Max(b => b.Fields.Count(f => f.Key.StartsWith("order", System.StringComparison.Ordinal)));
        page.Raw("<div class=\"scroll\"><table class=\"orders\"><thead><tr><th>log, zone</th>");
        for (int order = 0; order < orders; order++)
        {
            page.Raw($"<th>{order}</th>");
        }

        page.Raw("<th>pages</th></tr></thead><tbody>\n");
        foreach (string zone in comparison.Logs.SelectMany(l => l.Blocks).Select(b => b["zone"]!).Distinct())
        {
            for (int i = 0; i < comparison.Logs.Count; i++)
            {
                if (comparison.Logs[i].Blocks.LastOrDefault(b => b["zone"] == zone) is { } blocks)
                {
                    WriteLine(page, comparison.Titles[i], i, zone, blocks, orders);
                }
            }
        }

        page.Raw("</tbody></table></div>\n");
    }

    private static void WriteLine(HtmlPage page, string title, int log, string zone, Fact blocks, int orders)
    {
        ulong pages = blocks.Number("pages") ?? 0;
        page.Raw($"<tr><td><span class=\"keys {HtmlPage.Colour(log)}\"></span>").Text($"{title}, {zone}").Raw("</td>");
        for (int order = 0; order < orders; order++)
        {
            string key = "order" + order.ToString(CultureInfo.InvariantCulture);
            ulong count = blocks.Number(key) ?? 0;
            double height = pages == 0 ? 0 : BarHeight * (double)(count << order) / pages;
            page.Raw($"<td><span data-log=\"{log}\" data-zone=\"").Text(zone)
                .Raw($"\" data-key=\"{key}\">{HtmlPage.Grouped(count)}</span>");
            page.Raw($"<svg viewBox=\"0 0 20 {BarHeight + 4}\" preserveAspectRatio=\"none\"><rect class=\"{HtmlPage.Colour(log)}\" "
                + $"x=\"2\" width=\"16\" y=\"{HtmlPage.Short(BarHeight + 2 - height)}\" height=\"{HtmlPage.Short(height)}\"/><rect "
                + $"class=\"u\" y=\"{BarHeight + 2}\" width=\"20\" height=\"1\"/></svg></td>");
        }

        page.Raw($"<td>{HtmlPage.Grouped(pages)}</td></tr>\n");
    }
}
