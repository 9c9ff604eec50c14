using System.Net;
using System.Text;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>The comparison as one page that needs nothing else: the facts, then every message that not all logs have.</summary>
public static class HtmlReport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #222; background: #fff }
        table { border-collapse: collapse; width: 100% }
        th, td { padding: .2em .8em; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top }
        td.value, th.value { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
        tr.differs td { background: #fff6d6 }
        tr.section td { border-top: 2px solid #888 }
        pre { background: #f4f4f4; padding: 1em; overflow-x: auto; font-size: 13px }
        .bad { color: #a00; font-weight: bold }
        .good { color: #060; font-weight: bold }
        """;

    /// <summary>Makes the page.</summary>
    public static string Make(Comparison comparison)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>CosmosBootAlloc: boot logs compared</title>\n<style>\n");
        page.Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>Boot logs compared</h1>\n");
        AppendVerdicts(page, comparison);
        AppendFacts(page, comparison);
        AppendMessages(page, comparison);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendVerdicts(StringBuilder page, Comparison comparison)
    {
        page.Append("<ul>\n");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            var problems = BootLogChecks.Check(comparison.Logs[i]);
            string verdict = problems.Count == 0
                ? "<span class=\"good\">good boot</span>"
                : $"<span class=\"bad\">{Escape(string.Join("; ", problems))}</span>";
            page.Append($"<li>{Escape(comparison.Titles[i])}: {verdict}</li>\n");
        }

        page.Append("</ul>\n");
    }

    private static void AppendFacts(StringBuilder page, Comparison comparison)
    {
        page.Append("<table>\n<thead><tr><th></th><th>fact</th>");
        foreach (string title in comparison.Titles)
        {
            page.Append($"<th class=\"value\">{Escape(title)}</th>");
        }

        page.Append("</tr></thead>\n<tbody>\n");
        string section = "";
        foreach (ComparisonRow row in comparison.Rows)
        {
            bool first = row.Section != section;
            section = row.Section;
            page.Append($"<tr class=\"{(first ? "section" : "")}{(row.Differs ? " differs" : "")}\"><td>{(first ? Escape(section) : "")}</td><td>{Escape(row.Name)}</td>");
            for (int i = 0; i < comparison.Logs.Count; i++)
            {
                page.Append($"<td class=\"value\">{Escape(ComparisonTable.Show(row, i))}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody>\n</table>\n");
    }

    private static void AppendMessages(StringBuilder page, Comparison comparison)
    {
        if (comparison.Logs.Count < 2)
        {
            return;
        }

        page.Append("<h2>Messages that not every log has</h2>\n");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            page.Append($"<h3>{Escape(comparison.Titles[i])}</h3>\n<pre>");
            foreach (LogLine message in comparison.Own(i))
            {
                page.Append(Escape(message.Text)).Append('\n');
            }

            page.Append("</pre>\n");
        }
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
