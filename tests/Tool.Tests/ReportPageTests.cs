using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Tests.Pages;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The report page, as text and as a browser shows it.</summary>
public sealed partial class ReportPageTests
{
    // What reaches beyond the window, but for what may be scrolled inside its own frame.
    private const string Overflow = """
        const wide = [...document.body.querySelectorAll('*')].filter(e => !e.closest('.scroll, .logs, svg, #tip, .ruler, script') &&
            e.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
        return { over: document.documentElement.scrollWidth - document.documentElement.clientWidth, wide: wide.slice(0,
            5).map(e => e.outerHTML.slice(0, 120)), width: innerWidth };
        """;

    // Expect nothing to reach beyond the window at any width, and no script to fail.
    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(400, false)]
    [InlineData(400, true)]
    public async Task NothingOverflows(int width, bool dark)
    {
        JsonElement found = await Chromium.ProbeAsync(HtmlReport.Make(new Comparison(RecordedLogTests.Good)), width, dark, Overflow);

        Assert.Equal(width, found.GetProperty("width").GetInt32());
        Assert.True(found.GetProperty("wide").GetArrayLength() == 0, found.ToString());
        Assert.True(found.GetProperty("over").GetInt32() <= 0, found.ToString());
    }

    // Expect paper and ink to change places with the person's choice.
    [Fact]
    public async Task DarkIsDark()
    {
        string page = HtmlReport.Make(Variants());
        const string probe = "return getComputedStyle(document.body).backgroundColor;";

        Assert.Equal("rgb(251, 250, 247)", (await Chromium.ProbeAsync(page, 1280, false, probe)).GetString());
        Assert.Equal("rgb(20, 23, 26)", (await Chromium.ProbeAsync(page, 1280, true, probe)).GetString());
    }

    // Expect each figure of the log's lines for programs to stand on the page; the log is read here by other means than the report's.
    [Fact]
    public async Task FiguresOnThePageAreThoseInTheLogs()
    {
        Comparison comparison = Variants();
        JsonElement found = await Chromium.ProbeAsync(
            HtmlReport.Make(comparison),
            1280,
            false,
            """
            const facts = {}, blocks = {}, free = {};
            for (const e of document.querySelectorAll('#facts td[data-fact]')) facts[e.dataset.log + '|' + e.dataset.fact] = e.textContent;
            for (const e of document.querySelectorAll('[data-zone]'))
                for (const log of e.dataset.log.split(' ')) blocks[log + '|' + e.dataset.zone + '|' + e.dataset.key] = e.textContent;
            for (const e of document.querySelectorAll('.n[data-stage]')) free[e.dataset.log + '|' + e.dataset.stage] = e.textContent;
            return { facts, blocks, free };
            """);
        int compared = 0;
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            ulong handedOver = 0;
            foreach (
                string line in File.ReadLines(comparison.Logs[i].Name)
                    .TakeWhile(l => !l.StartsWith("bootalloc> ", StringComparison.Ordinal)))
            {
                // The tool reads older names of a zone as today's.
                Match fact = FactLine().Match(line.Replace("zone=normal", "zone=dma32", StringComparison.Ordinal)
                    .Replace("normal_free", "dma32_free", StringComparison.Ordinal));
                if (!fact.Success)
                {
                    continue;
                }

                string kind = fact.Groups[1].Value;
                Dictionary<string,
                    string> fields = Field().Matches(fact.Groups[2].Value)
                    .ToDictionary(f => f.Groups[1].Value, f => f.Groups[2].Value.Trim('"'));
                foreach ((string key, string value) in fields.Where(f => ulong.TryParse(f.Value, out _)))
                {
                    string? shown = kind switch
                    {
                        "stage" => Fact($"stage {fields["name"]}|{key}"),
                        "accounted" => Fact("pages in all|" + key),
                        "account" when key == "pages" => Fact("pages|" + fields["name"]),
                        "blocks" when key != "pages" => found.GetProperty("blocks").GetProperty($"{i}|{fields["zone"]}|{key}").GetString(),
                        "done" => Fact("done|" + key),
                        _ => null,
                    };
                    if (shown != null)
                    {
                        Assert.Equal(value, shown.Split(' ')[0].Replace(",", "", StringComparison.Ordinal));
                        compared++;
                    }
                }

                if (kind == "accounted")
                {
                    handedOver = ulong.Parse(fields["free_pages"], CultureInfo.InvariantCulture);
                }
            }

            Assert.Equal(handedOver.ToString("#,0", CultureInfo.InvariantCulture) + " free",
                found.GetProperty("free").GetProperty($"{i}|heap").GetString());

            string Fact(string name) => found.GetProperty("facts").GetProperty($"{i}|{name}").GetString()!;
        }

        Assert.True(compared > 200, $"{compared} figures compared");
    }

    // Expect zooming to move all strips alike, the scale to be changed and changed back, and the pointer to show owner, range and size.
    [Fact]
    public async Task TheStripsZoomAndDescribeThemselves()
    {
        JsonElement found = await Chromium.ProbeAsync(
            HtmlReport.Make(Variants()),
            1280,
            false,
            """
            const strips = [...document.querySelectorAll('.map svg.strip')],
                act = n => document.querySelector(`button[data-do=${n}]`).click();
            const boxes = () => new Set(strips.map(s => s.getAttribute('viewBox')));
            const kernel = strips[1].querySelector('rect[data-o="TEXT DATA BSS"]'), before = kernel.getAttribute('width'), r = {};
            r.all = [...boxes()];
            for (const n of ['more', 'more', 'left', 'right', 'less', 'dma', 'low']) { act(n); r[n] = [...boxes()]; }
            act('true'); r.straight = +kernel.getAttribute('width'); act('all'); r.straightAll = [...boxes()]; act('true');
                r.width = [before, kernel.getAttribute('width')];
            const b = kernel.getBoundingClientRect();
            kernel.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: b.left + 2, clientY: b.top + 2 }));
            r.tip = document.getElementById('tip').textContent; r.shown = document.getElementById('tip').style.display;
            const only = document.querySelector('[data-only=facts]'); only.click();
            r.same = [...document.querySelectorAll('#facts tbody tr:not(.d)')].every(e => e.offsetHeight === 0);
            r.differ = [...document.querySelectorAll('#facts tbody tr.d')].every(e => e.offsetHeight > 0);
            r.labels = [...document.querySelectorAll('.map .ruler span')].length;
            return r;
            """);

        foreach (string act in new[] { "all", "more", "left", "right", "less", "dma", "low", "straightAll" })
        {
            Assert.True(found.GetProperty(act).GetArrayLength() == 1, act);
        }

        Assert.Equal("0 0 1000 24", found.GetProperty("all")[0].GetString());
        Assert.NotEqual("0 0 1000 24", found.GetProperty("low")[0].GetString());
        Assert.Equal(Number(found.GetProperty("width")[0]), Number(found.GetProperty("width")[1]), 0.01);
        Assert.True(found.GetProperty("straight").GetDouble() < 1);
        Assert.Matches("^TEXT DATA BSS: 100000 - 1[0-9a-f]{5} \\(end exclusive\\), [0-9.]+ KiB, [0-9]+ pages$",
            found.GetProperty("tip").GetString()!);
        Assert.Equal("block", found.GetProperty("shown").GetString());
        Assert.True(found.GetProperty("same").GetBoolean() && found.GetProperty("differ").GetBoolean());
        Assert.True(found.GetProperty("labels").GetInt32() >= 3);
    }

    // Expect a page that needs nothing but itself, whatever is compared, and stays below a megabyte: 32 boots of 2,000 lines too.
    [Fact]
    public void ThePageIsOneFileBelowAMegabyte()
    {
        string[] pages = [HtmlReport.Make(new Comparison(RecordedLogTests.Good)),
            HtmlReport.Make(new Comparison([.. Enumerable.Repeat(Long(), 32)]))];

        foreach (string page in pages)
        {
            Assert.True(page.Length <= HtmlReport.MostCharacters, $"{page.Length} characters");
            Assert.DoesNotMatch("(src|href)\\s*=|@import|url\\(|https?:", page);
        }
    }

    // Expect every line of every log, in its order, and equal lines side by side.
    [Fact]
    public void AlignedLogsLoseNoLine()
    {
        IReadOnlyList<IReadOnlyList<string>> logs = [.. RecordedLogTests.Good.Select(
            l => (IReadOnlyList<string>)[.. l.Lines.Select(x => x.Text)])];

        IReadOnlyList<string?[]> rows = LogsSideBySide.Align(logs);

        for (int i = 0; i < logs.Count; i++)
        {
            Assert.Equal(logs[i], rows.Select(r => r[i]).OfType<string>());
        }

        Assert.Contains(rows, r => r.All(text => text?.Contains("stage name=buddy", StringComparison.Ordinal) == true));
    }

    private static double Number(JsonElement text) => double.Parse(text.GetString()!, CultureInfo.InvariantCulture);

    private static Comparison Variants()
        => new([.. new[] { "bootmem", "nobootmem", "lmb", "memblock" }.Select(
            v => BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"qemu-128m-{v}.log")))]);

    private static BootLog Long()
        => BootLog.Parse("long.log",
            SampleLog.With("[    0.000500]",
            string.Concat(Enumerable.Range(0, 2000).Select(i => $"[    0.000450] line number {i} of many that a driver prints\n"))
            + "[    0.000500]"));

    [GeneratedRegex("\\] bootalloc: ([a-z]+) (.*)$")]
    private static partial Regex FactLine();

    [GeneratedRegex("([a-z_0-9]+)=(\"[^\"]*\"|\\S+)")]
    private static partial Regex Field();
}
