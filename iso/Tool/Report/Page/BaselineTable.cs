using System.Globalization;
using System.Linq;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// What every log costs against the baseline: a line per figure, the baseline's first, each other log's with its multiple of it.
/// </summary>
public static class BaselineTable
{
    /// <summary>Adds the section; nothing for a single log, or when there are no figures.</summary>
    public static void Write(HtmlPage page, Comparison comparison)
    {
        Baseline baseline = new(comparison);
        if (comparison.Logs.Count < 2 || baseline.Rows.Count == 0)
        {
            return;
        }

        page.Heading(baseline.Heading);
        BaselineRow[] rows = [.. baseline.Telling];
        BaselineRow[] even =
            [.. rows.Where(r => r.Values.All(v => v != null) && SameInAll.Alike([.. r.Values.Select(v => (double)v!.Value)]))];
        SameInAll.Write(page, even.Select(r => (r.Name, SameInAll.Range(r.Values.Min()!.Value, r.Values.Max()!.Value))));
        rows = [.. rows.Except(even)];
        if (rows.Length == 0)
        {
            page.Note(string.Join(' ', baseline.Notes()));
            return;
        }

        page.Note("x is the multiple of the baseline's figure: x0.10 is a tenth of it. Green is better, red is worse, by a hundredth at "
            + "least.");
        page.Raw("<div class=\"scroll\"><table class=\"base\"><thead><tr class=\"head\"><th></th>");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            page.Raw($"<th class=\"v\"><span class=\"keys {HtmlPage.Colour(i)}\"></span>").Text(comparison.Titles[i]).Raw("</th>");
        }

        page.Raw("</tr></thead>\n<tbody>\n");
        string group = "";
        foreach (BaselineRow row in rows)
        {
            page.Raw(row.Group == group ? "<tr>" : "<tr class=\"first\">").Raw("<td>").Name(row.Name);
            if (row.Words.Length != 0)
            {
                page.Raw("<small>").Text(row.Words).Raw("</small>");
            }

            page.Raw("</td>");
            group = row.Group;
            for (int i = 0; i < row.Values.Count; i++)
            {
                WriteCell(page, row, i);
            }

            page.Raw("</tr>\n");
        }

        page.Raw("</tbody></table></div>\n");
        page.Note(string.Join(' ', baseline.Notes()));
    }

    private static void WriteCell(HtmlPage page, BaselineRow row, int log)
    {
        page.Raw(
            string.Create(CultureInfo.InvariantCulture, $"<td class=\"v\" data-log=\"{log}\" data-base=\"{HtmlPage.Escape(row.Name)}\">"));
        if (row.Ratio(log) is { } ratio)
        {
            string how = row.Better(log) switch { 1 => "good", -1 => "bad", _ => "even" };
            page.Raw($"<b class=\"{how}\">").Text(Baseline.Times(ratio)).Raw("</b> ");
        }

        page.Raw("<span>").Text(row.Values[log] is { } value ? HtmlPage.Grouped(value) : "-").Raw("</span></td>");
    }
}
