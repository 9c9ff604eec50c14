using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// The stages of each log in a row, from the firmware's map to the heap: a box a stage with what it took, gave back, and cost. A stage of
/// the full chain that is left out stands there crossed out, beside what does its work.
/// </summary>
internal static class ChainDiagram
{
    /// <summary>Adds the diagram.</summary>
    internal static void Write(HtmlPage page, Comparison comparison)
    {
        page.Raw("<table class=\"chain\"><colgroup><col class=\"a\"><col class=\"c0\"><col class=\"c1\"><col class=\"c2\">"
            + "<col class=\"c3\"><col class=\"c4\"><col></colgroup><thead><tr><td></td>");
        for (int i = 0; i < Chain.Columns.Count; i++)
        {
            page.Raw($"<th scope=\"col\" data-at=\"{i}\">").Text(Chain.Work[i]).Raw("</th>");
        }

        page.Raw("<th scope=\"col\">in all</th></tr></thead>\n<tbody>\n");
        BootLog[] logs = [.. comparison.Logs.Take(ReportHead.MostLogs)];
        ulong most = logs.SelectMany(l => l.Stages).Max(s => s.Number("ticks")) ?? 0;
        for (int i = 0; i < logs.Length; i++)
        {
            Chain chain = new(logs[i]);
            page.Raw($"<tr><th scope=\"row\"><span class=\"keys {HtmlPage.Colour(i)}\"></span>").Text(comparison.Titles[i]).Raw("</th>");
            foreach (ChainPart part in chain.Parts)
            {
                WritePart(page, logs[i], part, i, most);
            }

            page.Raw("<td class=\"sum\">");
            WriteLine(page, logs[i].TicksToHeap is { } ticks and not 0 ? HtmlPage.Grouped(ticks) + " ticks" : "");
            WriteLine(page, chain.Peak is { } peak ? $"{HtmlPage.Grouped(peak)} B of tables" : "");
            WriteLine(page, logs[i].Accounted?.Number("free_pages") is { } free ? $"{HtmlPage.Grouped(free)} pages free" : "");
            page.Raw("</td></tr>\n");
        }

        page.Raw("</tbody></table>\n");
        if (comparison.Logs.Count > logs.Length)
        {
            page.Note($"{comparison.Logs.Count - logs.Length} more logs are below, not in this diagram.");
        }
    }

    private static void WritePart(HtmlPage page, BootLog log, ChainPart part, int index, ulong most)
    {
        page.Raw($"<td{(part.Span > 1 ? $" colspan=\"{part.Span}\"" : "")}><div class=\"stage{(part.Stage == null ? " none" : "")}\" "
            + $"data-at=\"{part.Column}\" data-last=\"{part.Column + part.Span - 1}\">");
        page.Raw("<div class=\"name\">");
        foreach (string name in part.LeftOut)
        {
            page.Raw("<s class=\"out\"><i>left out: </i>").Text(name).Raw("</s> ");
        }

        if (part.Stage != null)
        {
            page.Raw("<b>").Text(Shown(log, part)).Raw("</b>");
        }
        else if (part.LeftOut.Count == 0)
        {
            page.Raw("<i>not recorded</i>");
        }

        if (part.Ticks is { } ticks and not 0)
        {
            page.Raw($"<span data-log=\"{index}\" data-ticks=\"").Text(part.Name).Raw("\">").Text(HtmlPage.Grouped(ticks))
                .Raw(" ticks</span>");
        }

        page.Raw("</div>");
        if (part.Stage != null)
        {
            WriteLine(page, Did(log, part));
            WriteLine(page, Cost(part), "cost");
        }

        page.Raw("</div>");
        if (part.Ticks is { } spent and not 0 && most != 0)
        {
            page.Raw($"<div class=\"spent {HtmlPage.Colour(index)}\" style=\"width:{HtmlPage.Short(100.0 * spent / most)}%\"></div>");
        }

        page.Raw("</td>");
    }

    // Cosmos's own heap has other names for what stands in these places.
    private static string Shown(BootLog log, ChainPart part) => log.IsStock
        ? part.Name switch { "buddy" => "RAT", "heap" => "HeapSmall", var name => name }
        : part.Name;

    private static string Did(BootLog log, ChainPart part)
    {
        if (part.Name == "e820" && part.Stage!.Number("usable_pages") is { } usable)
        {
            return $"found {Pages(usable)}";
        }

        if (part.Name == "buddy" && part.Stage!.Number("free_pages") is { } free)
        {
            return $"took {Number(free)} over{GaveBack(part)}";
        }

        if (part.Name == "heap" && part.Stage!.Number("slab_kb") is { } slabs)
        {
            return $"slabs: {Pages(slabs >> 2)}";
        }

        return log.History.Moments.Count == 0 ? "" : $"took {Pages(Sum(part.Took))}{GaveBack(part)}";
    }

    private static string GaveBack(ChainPart part) => part.GaveBack.Count == 0 ? "" : $", gave {Number(Sum(part.GaveBack))} back";

    private static string Cost(ChainPart part)
    {
        List<string> parts = [];
        Add(part.Transient, "transient");
        Add(part.Scratch, "on the stack");
        Add(part.InImage, "in the image");
        Add(part.Lasting, "lasting");
        return parts.Count != 0 ? string.Join(", ", parts) : part.Transient == 0 ? "no tables of its own" : "";

        void Add(ulong? bytes, string kind)
        {
            if (bytes is { } number and not 0)
            {
                parts.Add($"{Number(number)} B {kind}");
            }
        }
    }

    private static void WriteLine(HtmlPage page, string text, string style = "did")
    {
        if (text.Length != 0)
        {
            page.Raw($"<div class=\"{style}\">").Text(text).Raw("</div>");
        }
    }

    private static ulong Sum(IReadOnlyList<ChainMove> moves) => moves.Aggregate(0UL, (sum, m) => sum + m.Pages);

    private static string Pages(ulong pages) => pages == 1 ? "1 page" : Number(pages) + " pages";

    private static string Number(ulong number) => HtmlPage.Grouped(number);
}
