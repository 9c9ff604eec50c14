using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>The comparison as one page that needs nothing else: for screens light and dark, phones and paper.</summary>
public static class HtmlReport
{
    /// <summary>The page's largest size, in characters.</summary>
    public const int MostCharacters = 1_000_000;

    /// <summary>
    /// Makes the page. One that would grow beyond <see cref="MostCharacters"/> shows less: first of the logs, then of the strips.
    /// </summary>
    public static string Make(Comparison comparison)
    {
        string page = Make(comparison, 0);
        for (int less = 1; less <= 3 && page.Length > MostCharacters; less++)
        {
            page = Make(comparison, less);
        }

        return page;
    }

    private static string Make(Comparison comparison, int less)
    {
        HtmlPage page = new("Boot logs compared");
        ReportHead.Write(page, comparison);
        WriteCards(page, comparison);
        BaselineTable.Write(page, comparison);
        WriteVerdict(page, comparison);
        new MemoryStrips(comparison, lastOnly: less >= 2).Write(page);
        WriteOwners(page, comparison);
        WriteTicks(page, comparison);
        FreeBlocks.Write(page, comparison);
        WriteCosts(page, comparison);
        WriteBenches(page, comparison);
        WriteFacts(page, comparison);
        if (less < 3 && comparison.Logs.Count > 1)
        {
            LogsSideBySide.Write(page, comparison, differencesOnly: less >= 1);
        }

        return page.End();
    }

    private static void WriteCards(HtmlPage page, Comparison comparison)
    {
        // What all logs have in common is stated once.
        List<IReadOnlyList<(string Term, string? Text)>> facts = [.. comparison.Logs.Select(Describe)];
        bool[] same = [.. facts[0].Select((fact, i) => facts.Count > 1 && facts.TrueForAll(f => f[i] == fact))];
        string common = string.Join("; ", facts[0].Where((f, i) => same[i] && f.Text != null).Select(f => $"{f.Term}: {f.Text}"));
        if (common.Length != 0)
        {
            page.Note(common);
        }

        page.Raw("<div class=\"cards\">\n");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            page.Raw($"<div class=\"card\" style=\"border-top-color:var(--{HtmlPage.Colour(i)})\"><b>").Text(comparison.Titles[i])
                .Raw("</b> ");
            IReadOnlyList<string> problems = BootLogChecks.CheckOne(comparison.Logs[i]);
            page.Raw(problems.Count == 0 ? "<span class=\"good\">good boot</span>" : "<span class=\"bad\">")
                .Text(string.Join("; ", problems)).Raw(problems.Count == 0 ? "" : "</span>");
            page.Raw("<dl>");
            foreach ((string term, string? text) in facts[i].Where((_, f) => !same[f]))
            {
                if (text != null)
                {
                    page.Raw("<dt>").Text(term).Raw("</dt><dd>").Text(text).Raw("</dd>");
                }
            }

            page.Raw("</dl></div>\n");
        }

        page.Raw("</div>\n");
    }

    private static IReadOnlyList<(string Term, string? Text)> Describe(BootLog log) =>
    [
        ("Linux", log.IsLinux ? log.Boot?["version"] : null),
        ("CPU", log.Cpu),
        ("memory", log.Stage("e820")?.Number("usable_kb") is { } kb ? $"{HtmlPage.Grouped(kb)} kB usable RAM" : null),
        ("toolchain", log.Boot?["toolchain"]),
        ("loader", log.Boot?["loader"]),
        ("options", log.Boot?["cmdline"] is { Length: > 0 } line ? line : null),
        ("ticks", log.IsLinux ? null : log.CountsInstructions ? "instructions" : "the CPU's clock"),
        ("log", log.Name + (log.Boots > 1 ? $", boot {log.Boots}" : "")),
    ];

    private static void WriteVerdict(HtmlPage page, Comparison comparison)
    {
        if (comparison.Logs.Count < 2)
        {
            return;
        }

        page.Heading("In sentences").Raw("<ul>\n");
        foreach (string sentence in Verdict.Of(comparison))
        {
            page.Raw("<li>").Text(sentence).Raw("</li>\n");
        }

        page.Raw("</ul>\n");
    }

    private static void WriteOwners(HtmlPage page, Comparison comparison)
    {
        page.Heading("Pages at the end");
        KeptPages.Write(page, comparison);
        WriteTable(page, comparison, comparison.Rows.Where(r => r.Section is "pages" or "pages in all"), sections: false);
    }

    private static void WriteTicks(HtmlPage page, Comparison comparison)
    {
        if (comparison.Logs.All(l => l.TicksToHeap is null or 0))
        {
            return;
        }

        page.Heading("Ticks by stage");
        page.Legend(
            comparison.Titles.Select((t, i) => (HtmlPage.Colour(i), t))
                .Where((_, i) => comparison.Logs[i].Stages.Any(s => s.Number("ticks") != null)));
        foreach ((string title, BootLog log) in comparison.Titles.Zip(comparison.Logs).Where(x => x.Second.TicksToHeap == null))
        {
            string[] silent = [.. log.Stages.Where(s => s.Number("ticks") == null).Select(s => s["name"]!).Distinct()];
            page.Note(
                log.IsStock
                    ? $"{title} does not report the ticks of {string.Join(", ", silent)}: Cosmos did that before the log began."
                    : silent.Length == 0 ? $"{title} has no stages."
                    : $"{title} does not report the ticks of {string.Join(", ", silent)}.");
        }

        List<(string,
            IReadOnlyList<Bar>)> groups = [.. comparison.StageNames.Select(stage => (stage, Of(log => log.Stage(stage)?.Number("ticks")))),
            ("map to heap", Of(log => log.TicksToHeap))];
        Bars.Write(page, groups, alike: true);

        IReadOnlyList<Bar> Of(System.Func<BootLog, ulong?> ticks)
            => [.. comparison.Logs.Select((log, i) => (i, Ticks: ticks(log))).Where(x => x.Ticks != null)
                .Select(x => new Bar(x.i, x.Ticks!.Value, HtmlPage.Grouped(x.Ticks!.Value), x.Ticks!.Value, x.Ticks!.Value))];
    }

    private static void WriteCosts(HtmlPage page, Comparison comparison)
    {
        page.Heading("What a page costs");
        WriteTable(page, comparison, comparison.Rows.Where(r => r.Section == "cost"), sections: false);
    }

    private static void WriteBenches(HtmlPage page, Comparison comparison)
    {
        List<IReadOnlyList<BenchResult>> results = [.. comparison.Logs.Select(BenchResult.All)];
        if (results.All(r => r.Count == 0))
        {
            return;
        }

        page.Heading("Benchmark: ticks per operation");
        page.Note("Each case has its own scale. The bar is the median of the runs; a line through its end reaches from the fastest to "
            + "the slowest, at most to the edge.");
        page.Legend(comparison.Titles.Select((t, i) => (HtmlPage.Colour(i), t)).Where((_, i) => results[i].Count != 0));
        Bars.Write(
            page,
            results.SelectMany(r => r).Select(r => r.Name).Distinct()
                .Select(
                name => (name, (IReadOnlyList<Bar>)[.. results.Select((own, i) => (i, Result: own.FirstOrDefault(b => b.Name == name)))
                .Where(x => x.Result != null)
                    .Select(x => new Bar(x.i, x.Result!.Ticks, x.Result.Grouped, x.Result.Least, x.Result.Most))])),
            alike: false);
    }

    private static void WriteFacts(HtmlPage page, Comparison comparison)
    {
        page.Heading("Every fact");
        page.Raw("<div class=\"tools\"><label><input type=\"checkbox\" data-only=\"facts\"> only facts that differ</label></div>\n<div "
            + "id=\"facts\">");
        WriteTable(page, comparison, comparison.Rows, sections: true);
        page.Raw("</div>\n");
    }

    private static void WriteTable(HtmlPage page, Comparison comparison, IEnumerable<ComparisonRow> rows, bool sections)
    {
        page.Raw(
            sections
                ? "<div class=\"scroll\"><table class=\"facts\"><thead><tr class=\"head\"><th></th><th>fact</th>"
                : "<div class=\"scroll\"><table><thead><tr class=\"head\"><th></th>");
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            page.Raw($"<th class=\"v\"><span class=\"keys {HtmlPage.Colour(i)}\"></span>").Text(comparison.Titles[i]).Raw("</th>");
        }

        page.Raw("</tr></thead>\n<tbody>\n");
        string section = "";
        foreach (ComparisonRow row in rows)
        {
            bool first = row.Section != section;
            section = row.Section;
            page.Raw($"<tr class=\"{(first && sections ? "first" : "")}{(row.Differs ? " d" : "")}\">");
            if (sections)
            {
                page.Raw("<td>").Text(first ? section : "").Raw("</td>");
            }

            page.Raw("<td>").Text(row.Name).Raw("</td>");
            for (int i = 0; i < comparison.Logs.Count; i++)
            {
                page.Raw(
                    string.Create(
                        CultureInfo.InvariantCulture, $"<td class=\"v\" data-log=\"{i}\" "
                            + $"data-fact=\"{HtmlPage.Escape(row.Section)}|{HtmlPage.Escape(row.Name)}\">"))
                    .Text(row.Show(i)).Raw("</td>");
            }

            page.Raw("</tr>\n");
        }

        page.Raw("</tbody></table></div>\n");
    }
}
