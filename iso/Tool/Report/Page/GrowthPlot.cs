using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace CosmosBootAlloc.Tool.Report.Page;

/// <summary>A line of a plot.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Points">Ascending in X; all values above 0.</param>
public sealed record Curve(string Name, IReadOnlyList<(double X, double Y, string Label)> Points);

/// <summary>How something grows with RAM: curves over two logarithmic axes, so that equal slopes are equal laws.</summary>
public static class GrowthPlot
{
    private const double Width = 420;
    private const double Height = 270;
    private const double Left = 56;
    private const double Right = 24;
    private const double Top = 10;
    private const double Bottom = 26;

    /// <summary>Adds a plot.</summary>
    /// <param name="page">The page.</param>
    /// <param name="what">What it shows, for those who cannot see it.</param>
    /// <param name="curves">The curves.</param>
    /// <param name="nameX">Writes a value of the X axis.</param>
    /// <param name="nameY">Writes a value of the Y axis.</param>
    public static void Write(
        HtmlPage page, string what, IReadOnlyList<Curve> curves, Func<double, string> nameX, Func<double, string> nameY)
    {
        List<(double X, double Y, string Label)> all = [.. curves.SelectMany(c => c.Points)];
        if (all.Count == 0)
        {
            return;
        }

        (double x0, double x1) = (Math.Floor(Math.Log2(all.Min(p => p.X))), Math.Ceiling(Math.Log2(all.Max(p => p.X))));
        (double y0, double y1) = (Math.Floor(Math.Log2(all.Min(p => p.Y))), Math.Ceiling(Math.Log2(all.Max(p => p.Y))));
        (x1, y1) = (Math.Max(x1, x0 + 1), Math.Max(y1, y0 + 1));
        double X(double value) => Left + ((Math.Log2(value) - x0) / (x1 - x0) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - ((Math.Log2(value) - y0) / (y1 - y0) * (Height - Top - Bottom));

        StringBuilder svg = new();
        svg.Append(
            CultureInfo.InvariantCulture, $"<svg class=\"plot\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" "
                + $"aria-label=\"{HtmlPage.Escape(what)}\">");
        for (double x = x0; x <= x1; x++)
        {
            double at = X(Math.Pow(2, x));
            svg.Append(
                CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{at:0.#}\" x2=\"{at:0.#}\" y1=\"{Top}\" "
                    + $"y2=\"{Height - Bottom}\"/>");
            if ((x - x0) % Math.Ceiling((x1 - x0) / 6) == 0)
            {
                svg.Append(
                    CultureInfo.InvariantCulture, $"<text x=\"{at:0.#}\" y=\"{Height - 8}\" "
                        + $"text-anchor=\"middle\">{HtmlPage.Escape(nameX(Math.Pow(2, x)))}</text>");
            }
        }

        for (double y = y0; y <= y1; y++)
        {
            if ((y - y0) % Math.Ceiling((y1 - y0) / 6) == 0)
            {
                double at = Y(Math.Pow(2, y));
                svg.Append(
                    CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at:0.#}\" "
                        + $"y2=\"{at:0.#}\"/><text x=\"{Left - 5}\" y=\"{at + 4:0.#}\" "
                        + $"text-anchor=\"end\">{HtmlPage.Escape(nameY(Math.Pow(2, y)))}</text>");
            }
        }

        for (int i = 0; i < curves.Count; i++)
        {
            if (curves[i].Points.Count == 0)
            {
                continue;
            }

            string points = string.Join(' ',
                curves[i].Points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"{HtmlPage.Colour(i)}\" points=\"{points}\"/>");
            foreach ((double x, double y, string label) in curves[i].Points)
            {
                svg.Append(
                    CultureInfo.InvariantCulture, $"<circle class=\"{HtmlPage.Colour(i)}\" cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" "
                        + $"r=\"3.5\"><title>{HtmlPage.Escape(label)}</title></circle>");
            }
        }

        page.Legend(
            curves.Select((c, i) => (Class: HtmlPage.Colour(i), c)).Where(x => x.c.Points.Count != 0).Select(x => (x.Class, x.c.Name)));
        page.Raw(svg.Append("</svg>\n").ToString());
    }
}
