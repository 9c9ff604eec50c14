using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>The matrix of variants and machines: a table, and a page that shows how ticks and metadata grow with RAM.</summary>
public sealed class MatrixReport
{
    private const string Nothing = "-";
    private const string Left = "left out";

    private readonly IReadOnlyList<MatrixBoot> _boots;
    private readonly List<string> _variants;
    private readonly List<NamedMachine> _machines;

    /// <summary>Prepares the report.</summary>
    public MatrixReport(IReadOnlyList<MatrixBoot> boots)
    {
        _boots = boots;
        _variants = [.. boots.Select(b => b.Variant).Distinct()];
        _machines = [.. boots.Select(b => b.Machine).Distinct()];
    }

    /// <summary>
    /// Bytes that a variant spends on managing memory while it boots: the page frame table, plus the bitmap if there is one.
    /// </summary>
    public static ulong? Metadata(BootLog log)
        => log.Stage("buddy")?.Number("metadata_bytes") + (log.Stage("bootmem")?.Number("bitmap_bytes") ?? 0);

    /// <summary>Prints the table.</summary>
    public void Print(Output output)
    {
        List<string> titles = ["machine", "usable kB"];
        titles.AddRange(_variants.Select(v => v + " ticks"));
        titles.AddRange(_variants.Select(v => v + " kB kept"));
        output.Table(1, titles, _machines.Select(machine => new TableLine(
            [machine.Name, Number(Usable(machine)), .. _variants.Select(v => Ticks(machine, v)),
                .. _variants.Select(v => Kept(machine, v))],
            _boots.Any(b => b.Machine == machine && b.Problems.Count != 0))));
        foreach (string line in LeftOut())
        {
            output.Line(line);
        }

        foreach (string variant in Silent())
        {
            output.Line(NoTicks(variant));
        }

        output.Line("ticks: from the memory map to the heap; under QEMU one tick is one instruction, under others one of their own clock.");
        output.Line("kB kept: usable RAM that is not handed over.");
    }

    /// <summary>Makes the page.</summary>
    public string Page()
    {
        HtmlPage page = new("Variants on machines");
        string good = $"{_boots.Count(b => b.Good)} of {_boots.Count(b => b.LeftOut == null)} boots good";
        page.Note($"{_variants.Count} variants on {_machines.Count} machines, {good}. Under QEMU, instructions are the clock: figures "
            + $"repeat to the digit.");
        MatrixBoot[] bad = [.. _boots.Where(b => b.Problems.Count != 0)];
        if (bad.Length != 0)
        {
            page.Heading("Boots that were not good").Raw("<ul>\n");
            foreach (MatrixBoot boot in bad)
            {
                page.Raw("<li class=\"bad\">").Text($"{boot.Machine.Name}, {boot.Variant}: {string.Join("; ", boot.Problems)}")
                    .Raw("</li>\n");
            }

            page.Raw("</ul>\n");
        }

        if (LeftOut() is { Count: > 0 } leftOut)
        {
            page.Heading("Left out").Raw("<ul>\n");
            foreach (string line in leftOut)
            {
                page.Raw("<li>").Text(line).Raw("</li>\n");
            }

            page.Raw("</ul>\n");
        }

        page.Heading("Ticks from the map to the heap, by usable RAM");
        foreach (string variant in Silent())
        {
            page.Note(NoTicks(variant));
        }

        page.Note("QEMU's machines without kernel options. Both axes double with each step: a line as steep as the grid's diagonal grows "
            + "in proportion to RAM.");
        GrowthPlot.Write(
            page, "ticks by RAM", Curves(log => log.TicksToHeap), Bytes, y => y >= 1e6 ? $"{y / 1e6:0.#} M" : $"{y / 1e3:0} k");
        page.Heading("Metadata while booting, by usable RAM");
        page.Note("The page frame table, and bootmem's bitmap, which is freed at the end.");
        GrowthPlot.Write(page, "metadata by RAM", Curves(Metadata), Bytes, Bytes);

        WriteTable(page, "Ticks from the map to the heap", Ticks);
        WriteTable(page, "Usable RAM that is not handed over, kB", Kept);
        WriteTable(page, "Free pages handed over", (m, v) => Figure(m, v, log => log.Accounted?.Number("free_pages")));
        WriteTable(page, "Metadata while booting, bytes", (m, v) => Figure(m, v, Metadata));
        foreach (string stage in _boots.SelectMany(b => b.Log.Stages).Select(s => s["name"]!).Distinct())
        {
            WriteTable(page, $"Ticks of stage {stage}", (m, v) => Figure(m, v, log => log.Stage(stage)?.Number("ticks")));
        }

        page.Heading("The machines").Raw("<div class=\"scroll\"><table><thead><tr>")
            .Raw("<th>machine</th><th>line of the table</th><th>CPU</th></tr></thead><tbody>\n");
        foreach (NamedMachine machine in _machines)
        {
            string? cpu = _boots.Where(b => b.Machine == machine).Select(b => b.Log.Cpu).FirstOrDefault(c => c != null);
            page.Raw("<tr><td>").Text(machine.Name).Raw("</td><td>").Text(machine.Text).Raw("</td><td>").Text(cpu ?? Nothing)
                .Raw("</td></tr>\n");
        }

        return page.Raw("</tbody></table></div>\n").End();
    }

    private void WriteTable(HtmlPage page, string title, Func<NamedMachine, string, string> cell)
    {
        page.Heading(title).Raw("<div class=\"scroll\"><table><thead><tr><th>machine</th><th class=\"v\">usable kB</th>");
        for (int i = 0; i < _variants.Count; i++)
        {
            page.Raw($"<th class=\"v\"><span class=\"keys {HtmlPage.Colour(i)}\"></span>").Text(_variants[i]).Raw("</th>");
        }

        page.Raw("</tr></thead><tbody>\n");
        foreach (NamedMachine machine in _machines)
        {
            page.Raw("<tr><td>").Text(machine.Name).Raw("</td><td class=\"v\">").Text(Number(Usable(machine))).Raw("</td>");
            foreach (string variant in _variants)
            {
                page.Raw("<td class=\"v\" data-cell=\"").Text($"{title}|{machine.Name}|{variant}").Raw("\">").Text(cell(machine, variant))
                    .Raw("</td>");
            }

            page.Raw("</tr>\n");
        }

        page.Raw("</tbody></table></div>\n");
    }

    private List<Curve> Curves(Func<BootLog, ulong?> value)
        => [.. _variants.Select(variant => new Curve(variant, Points(variant, value)))];

    private List<(double X, double Y, string Label)> Points(string variant, Func<BootLog, ulong?> value)
    {
        List<(double X, double Y, string Label)> points = [];
        foreach (NamedMachine machine in _machines.Where(m => m.Machine.InstructionClock && m.KernelOptions.Length == 0))
        {
            if (Find(machine, variant)?.Log is { Done: not null } log && value(log) is { } figure and not 0
                && Usable(machine) is { } kilobytes and not 0)
            {
                points.Add((kilobytes * 1024.0, figure, $"{machine.Name}, {variant}: {HtmlPage.Grouped(figure)}"));
            }
        }

        return [.. points.OrderBy(p => p.X)];
    }

    private MatrixBoot? Find(NamedMachine machine, string variant)
        => _boots.FirstOrDefault(b => b.Machine == machine && b.Variant == variant);

    private ulong? Usable(NamedMachine machine)
        => _boots.Where(b => b.Machine == machine).Select(b => b.Log.Stage("e820")?.Number("usable_kb")).FirstOrDefault(kb => kb != null);

    private string Ticks(NamedMachine machine, string variant)
        => Find(machine, variant) is not { } boot ? Nothing
            : boot.LeftOut != null ? Left
            : boot.Log.Panic != null ? "panic"
            : boot.Log.Done == null ? "no end"
            : Number(boot.Log.TicksToHeap);

    private string Kept(NamedMachine machine, string variant)
        => Figure(machine, variant, log => log.Accounted?.Number("reserved_pages") * 4);

    private string Figure(NamedMachine machine, string variant, Func<BootLog, ulong?> value)
        => Find(machine, variant) is not { } boot ? Nothing : boot.LeftOut != null ? Left : Number(value(boot.Log));

    // One line per reason; machines that lack the same variants stand together.
    private List<string> LeftOut()
    {
        List<string> lines = [];
        foreach (IGrouping<string, MatrixBoot> reason in _boots.Where(b => b.LeftOut != null).GroupBy(b => b.LeftOut!))
        {
            string Variants(NamedMachine machine) => string.Join(", ", reason.Where(b => b.Machine == machine).Select(b => b.Variant));
            IEnumerable<string> groups = reason.Select(b => b.Machine).Distinct().GroupBy(Variants)
                .Select(
                    same => string.Join(", ", same.Select(m => m.Name))
                        + (same.Key.Split(", ").Length == _variants.Count ? "" : $" ({same.Key})"));
            lines.Add($"left out: {string.Join("; ", groups)}: {reason.Key}");
        }

        return lines;
    }

    // Variants of which no boot that ended well reports its ticks.
    private IEnumerable<string> Silent()
        => _variants.Where(v => _boots.Any(b => b.Variant == v && b.Log.Done != null)
            && _boots.All(b => b.Variant != v || b.Log.Done == null || b.Log.TicksToHeap == null));

    private static string NoTicks(string variant) => $"{variant} does not report its ticks: Cosmos sets its heap up before the log begins.";

    private static string Number(ulong? number) => number is { } value ? HtmlPage.Grouped(value) : Nothing;

    private static string Bytes(double bytes)
    {
        (double number, string unit) = bytes >= 1 << 30
            ? (bytes / (1 << 30), "GB")
            : bytes >= 1 << 20 ? (bytes / (1 << 20), "MB")
            : (bytes / 1024, "kB");
        return $"{number.ToString("0.#", CultureInfo.InvariantCulture)} {unit}";
    }
}
