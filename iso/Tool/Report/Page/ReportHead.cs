using System.Linq;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// What a reader sees first: the chain of each log as a diagram, memory stage by stage, and what it comes to in three sentences. It needs
/// nothing but the logs, so that any page can hold it: <see cref="Fragment"/> with <see cref="Style"/> and <see cref="Script"/>.
/// </summary>
public static class ReportHead
{
    /// <summary>Logs that are drawn; a comparison may have more.</summary>
    public const int MostLogs = 8;

    /// <summary>The style of the fragment; it uses the colors that <c>page.css</c> defines.</summary>
    public static string Style => HtmlPage.Resource("chain.css");

    /// <summary>
    /// The script of the fragment. It defines <c>bootallocWalk(element)</c>, for pages that put one in later: an element
    /// that has <c>data-at</c> begins at that place, 0 to 4.
    /// </summary>
    public static string Script => HtmlPage.Resource("chain.js");

    /// <summary>Adds it to a page.</summary>
    public static void Write(HtmlPage page, Comparison comparison)
    {
        page.Raw("<section class=\"walk\" data-walk tabindex=\"0\" role=\"group\" "
            + "aria-label=\"the chain, stage by stage; arrow keys go to the next stage and back\">\n");
        ChainDiagram.Write(page, comparison);
        MemoryWalk.Write(page, comparison);
        ChainVerdict verdict = new(comparison);
        if (verdict.Sentences.Count != 0)
        {
            page.Raw("<ol class=\"said\">\n");
            foreach ((string title, string sentence) in new[]
            {
                ("Left out", verdict.LeftOut), ("Saved", verdict.Saves), ("Moved", verdict.Moved), ("Apart", verdict.KernelImage),
            }.Where(s => s.Item2.Length != 0))
            {
                page.Raw($"<li><b>{title}:</b> ").Text(sentence).Raw("</li>\n");
            }

            page.Raw("</ol>\n");
        }

        page.Raw("</section>\n");
    }

    /// <summary>The markup alone, without the frame of a page.</summary>
    public static string Fragment(Comparison comparison)
    {
        HtmlPage part = HtmlPage.Part();
        Write(part, comparison);
        return part.Html;
    }
}
