using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices.JavaScript;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;

namespace CosmosBootAlloc.WebComparison;

/// <summary>What the page calls. Logs come as text, a name for each; a log may still be growing.</summary>
public static partial class Program
{
    /// <summary>Nothing runs by itself.</summary>
    public static void Main()
    {
    }

    /// <summary>The head of the report: chain, memory stage by stage, sentences.</summary>
    /// <param name="names">The logs' names, as files have them.</param>
    /// <param name="texts">The logs.</param>
    /// <param name="ticks">Ticks mean something; else they are left out.</param>
    [JSExport]
    public static string Head(string[] names, string[] texts, bool ticks) => ReportHead.Fragment(Compare(names, texts, ticks));

    /// <summary>The whole report: the page that <c>compare --html</c> writes.</summary>
    /// <param name="names">The logs' names, as files have them.</param>
    /// <param name="texts">The logs.</param>
    /// <param name="ticks">Ticks mean something; else they are left out.</param>
    [JSExport]
    public static string Report(string[] names, string[] texts, bool ticks) => HtmlReport.Make(Compare(names, texts, ticks));

    /// <summary>A sentence about the ticks from map to heap in some logs.</summary>
    /// <param name="names">What the logs are called in it.</param>
    /// <param name="texts">The logs.</param>
    [JSExport]
    public static string Ticks(string[] names, string[] texts)
    {
        IEnumerable<string> figures = Compare(names, texts, ticks: true).Logs.Zip(names)
            .Select(x => $"{x.Second} {x.First.TicksToHeap?.ToString("#,0", CultureInfo.InvariantCulture) ?? "-"}");
        return $"Instructions from map to heap, as recorded: {string.Join(", ", figures)}.";
    }

    private static Comparison Compare(string[] names, string[] texts, bool ticks)
        => new([.. names.Zip(texts, (name, text) => BootCapture.Read(name, LineSource.Read(ticks ? text : WithoutTicks(text))).Chosen)]);

    private static string WithoutTicks(string log) => s_tickField.Replace(s_benchLine.Replace(log, ""), "");

    private static readonly Regex s_tickField = new(@" (total_)?ticks=\d+");

    private static readonly Regex s_benchLine = new(@"^[^\n]*bootalloc: bench [^\n]*(\n|$)", RegexOptions.Multiline);
}
