using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>What a chart would draw as bars of one length: a line says it instead.</summary>
internal static class SameInAll
{
    /// <summary>Whether figures are alike: several, the largest within a hundredth of the smallest.</summary>
    internal static bool Alike(IReadOnlyCollection<double> values)
        => values.Count > 1 && values.Max() - values.Min() <= values.Max() * Baseline.Noteworthy;

    /// <summary>Adds the line; nothing when there is nothing to say.</summary>
    /// <param name="page">The page.</param>
    /// <param name="figures">Each with its name and what stands for all.</param>
    internal static void Write(HtmlPage page, IEnumerable<(string Name, string Text)> figures)
    {
        string all = string.Join("; ", figures.Select(f => $"{f.Name} {f.Text}"));
        if (all.Length != 0)
        {
            page.Raw("<p class=\"same-all\">").Text($"Alike in all, to a hundredth: {all}.").Raw("</p>\n");
        }
    }

    /// <summary>One figure, or the smallest and the largest.</summary>
    internal static string Range(ulong least, ulong most)
        => least == most ? HtmlPage.Grouped(least) : $"{HtmlPage.Grouped(least)} to {HtmlPage.Grouped(most)}";
}
