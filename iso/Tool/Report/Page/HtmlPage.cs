using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Text;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>
/// A page that needs nothing but itself: style and script are in it. Everything written through <see cref="Text"/> is escaped.
/// </summary>
public sealed class HtmlPage
{
    private const int Colours = 13;

    private readonly StringBuilder _html = new();

    /// <summary>Begins a page.</summary>
    public HtmlPage(string title)
    {
        Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
            + "content=\"width=device-width, initial-scale=1\">\n<title>");
        Text(title).Raw("</title>\n<style>\n").Raw(Style).Raw("</style>\n</head>\n<body>\n<h1>");
        Text(title).Raw("</h1>\n");
    }

    private HtmlPage()
    {
    }

    /// <summary>The style of every page: colors, tables, strips, and the report's head.</summary>
    public static string Style => Resource("page.css") + ReportHead.Style;

    /// <summary>The script of every page: what is under the pointer, the strips, and the report's head.</summary>
    public static string Script => Resource("page.js") + ReportHead.Script;

    /// <summary>The class of a color; colors come round again after thirteen.</summary>
    public static string Colour(int index) => "o" + (index % Colours).ToString(CultureInfo.InvariantCulture);

    /// <summary>Text as a page can hold it, also in an attribute.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate: as short as three digits behind the point make it.</summary>
    public static string Short(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>A number in groups of three.</summary>
    public static string Grouped(ulong number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Adds markup as it is.</summary>
    public HtmlPage Raw(string html)
    {
        _html.Append(html);
        return this;
    }

    /// <summary>Adds text, escaped.</summary>
    public HtmlPage Text(string text) => Raw(Escape(text));

    /// <summary>Adds a name, escaped, that may be broken behind its underscores.</summary>
    public HtmlPage Name(string name) => Raw(Escape(name).Replace("_", "_<wbr>", StringComparison.Ordinal));

    /// <summary>Adds a heading.</summary>
    public HtmlPage Heading(string text) => Raw("<h2>").Text(text).Raw("</h2>\n");

    /// <summary>Adds a remark.</summary>
    public HtmlPage Note(string text) => Raw("<p class=\"note\">").Text(text).Raw("</p>\n");

    /// <summary>Adds a key of colors.</summary>
    public HtmlPage Legend(System.Collections.Generic.IEnumerable<(string Class, string Name)> keys)
    {
        Raw("<ul class=\"legend\">");
        foreach ((string style, string name) in keys)
        {
            Raw($"<li><span class=\"keys {style}\"></span>").Text(name).Raw("</li>");
        }

        return Raw("</ul>\n");
    }

    /// <summary>Ends the page.</summary>
    public string End()
        => Raw("<div id=\"tip\" role=\"status\"></div>\n<script>\n").Raw(Script)
            .Raw("</script>\n</body>\n</html>\n")._html.ToString();

    /// <summary>A part of a page: what is added, without a frame.</summary>
    internal static HtmlPage Part() => new();

    /// <summary>What was added so far.</summary>
    internal string Html => _html.ToString();

    /// <summary>A style or script that is part of the program.</summary>
    internal static string Resource(string name)
    {
        using Stream stream = typeof(HtmlPage).Assembly.GetManifestResourceStream("report/" + name)
            ?? throw new InvalidOperationException($"the program lacks its resource {name}");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
