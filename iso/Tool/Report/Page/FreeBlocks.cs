using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// Free blocks by order: a line per zone and log, or for logs that are alike, and a column per order, with the number of blocks over a bar
/// for the pages in them.
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
            // Logs with the same blocks share a line.
            foreach (IGrouping<string, (int Log, Fact Blocks)> same in comparison.Logs
                .Select((log, i) => (Log: i, Blocks: log.Blocks.LastOrDefault(b => b["zone"] == zone)))
                .Where(x => x.Blocks != null).Select(x => (x.Log, x.Blocks!))
                .GroupBy(x => string.Join(' ', x.Item2.Fields.Select(f => f.Value))))
            {
                WriteLine(page, comparison, [.. same.Select(x => x.Log)], zone, same.First().Blocks, orders);
            }
        }

        page.Raw("</tbody></table></div>\n");
    }

    private static void WriteLine(HtmlPage page, Comparison comparison, int[] logs, string zone, Fact blocks, int orders)
    {
        string titles = logs.Length == comparison.Logs.Count && logs.Length > 1
            ? "all"
            : string.Join(", ", logs.Select(i => comparison.Titles[i]));
        ulong pages = blocks.Number("pages") ?? 0;
        page.Raw($"<tr><td><span class=\"keys {HtmlPage.Colour(logs[0])}\"></span>").Text($"{titles}: {zone}").Raw("</td>");
        for (int order = 0; order < orders; order++)
        {
            string key = "order" + order.ToString(CultureInfo.InvariantCulture);
            ulong count = blocks.Number(key) ?? 0;
            double height = pages == 0 ? 0 : BarHeight * (double)(count << order) / pages;
            page.Raw($"<td><span data-log=\"{string.Join(' ', logs)}\" data-zone=\"").Text(zone)
                .Raw($"\" data-key=\"{key}\">{HtmlPage.Grouped(count)}</span>");
            page.Raw($"<svg viewBox=\"0 0 20 {BarHeight + 4}\" preserveAspectRatio=\"none\"><rect class=\"{HtmlPage.Colour(logs[0])}\" "
                + $"x=\"2\" width=\"16\" y=\"{HtmlPage.Short(BarHeight + 2 - height)}\" height=\"{HtmlPage.Short(height)}\"/><rect "
                + $"class=\"u\" y=\"{BarHeight + 2}\" width=\"20\" height=\"1\"/></svg></td>");
        }

        page.Raw($"<td>{HtmlPage.Grouped(pages)}</td></tr>\n");
    }
}
