using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Tests.Pages;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The comparison with Cosmos's own heap as the baseline: a log with fewer facts, whose accounts have no ranges.</summary>
public sealed class StockComparisonTests
{
    private static readonly string s_stock = File.ReadAllText(Path.Combine(RecordedLogTests.Folder, "cosmos-128m-stock.log"));
    private static readonly string s_ours = File.ReadAllText(Path.Combine(RecordedLogTests.Folder, "cosmos-128m-nobootmem.log"));

    // Expect each owner that only the baseline has to be named, and the pages to add up.
    [Fact]
    public void EveryPageOfTheDifferenceIsNamed()
    {
        Comparison comparison = Compare();

        IReadOnlyList<string> verdict = Verdict.Of(comparison);

        Assert.Equal(0, Verdict.Unexplained(comparison.Logs[0], comparison.Logs[1]));
        Assert.StartsWith("nobootmem hands over ", verdict[0], StringComparison.Ordinal);
        foreach (
            string part in new[] { "stock alone leaves RAM unmanaged, ", "stock alone counts what its heap took since boot, ", "stock "
                + "alone keeps the page table RAT, ", "nobootmem alone keeps the page frame table, ", "nobootmem's kernel image is " })
        {
            Assert.Contains(part, verdict[0], StringComparison.Ordinal);
        }

        Assert.DoesNotContain("no account explains", verdict[0], StringComparison.Ordinal);
    }

    public static TheoryData<string> Runs => ["cosmos-128m", "cosmos-bochs-128m"];

    // Expect the full run of each emulator to be there, and its head to say when, by which kit and on what machine.
    [Theory]
    [MemberData(nameof(Runs))]
    public void AFullRunIsRecordedWithDateAndKit(string run)
    {
        foreach (string variant in new[] { "stock", "bootmem", "nobootmem", "lmb", "memblock" })
        {
            string file = Path.Combine(RecordedLogTests.Folder, $"{run}-{variant}.log");
            Assert.Matches(@"^# Recorded 20\d\d-\d\d-\d\d; kit: Cosmos\.Build \S+ \([0-9a-f]{8}\), .*IL2CPU\.API \S+ \([0-9a-f]{8}\), "
                + @"XSharp \S+ \([0-9a-f]{8}\); (QEMU|Bochs) [0-9.]+, 128 MB", File.ReadLines(file).First());
            BootLog log = BootLog.Load(file);
            Assert.Empty(BootLogChecks.Check(log));
            Assert.Equal(variant, log.Boot!["variant"]);
            Assert.Equal("cosmos", log.Boot!["toolchain"]);
        }
    }

    // Expect each variant of the run to hand over more than the baseline, every page of that explained, and in QEMU every call of Cosmos
    // to take fewer instructions.
    [Theory]
    [MemberData(nameof(Runs))]
    public void EveryVariantOfTheRunIsAheadOfTheBaseline(string run)
    {
        BootLog stock = BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"{run}-stock.log"));
        foreach (string variant in new[] { "bootmem", "nobootmem", "lmb", "memblock" })
        {
            BootLog ours = BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"{run}-{variant}.log"));
            Assert.Equal(0, Verdict.Unexplained(stock, ours));
            Assert.True(ours.Stage("buddy")!.Number("free_pages") > stock.Stage("buddy")!.Number("free_pages"), variant);
            Assert.Equal(stock.Benches.Select(b => b["name"]), ours.Benches.Select(b => b["name"]));
            Assert.All(stock.Benches.Zip(ours.Benches),
                pair => Assert.True(
                pair.Second.Number("ticks_per_op") < pair.First.Number("ticks_per_op"), $"{variant} {pair.First["name"]}"));
        }
    }

    // Expect a page that the baseline loses to be reported, and to make the boot bad.
    [Fact]
    public void APageLostByStockIsReported()
    {
        BootLog broken = BootLog.Parse("stock.log", Changed(s_stock, "missing_pages=0", "missing_pages=7"));

        Assert.Contains(BootLogChecks.Check(broken), p => p.Contains("do not add up", StringComparison.Ordinal));
        Assert.Empty(BootLogChecks.Check(BootLog.Parse("stock.log", s_stock)));
    }

    // Expect no ratio where the baseline has no figure, and the sentences about ticks to leave it out by name.
    [Fact]
    public void WhatStockDoesNotReportIsNotZero()
    {
        BootLog memblock = BootLog.Load(Path.Combine(RecordedLogTests.Folder, "cosmos-128m-memblock.log"));
        Comparison comparison = new([Stock(), Ours(), memblock]);
        Baseline baseline = new(comparison);

        BaselineRow ticks = baseline.Rows.Single(r => r.Group == "boot");
        Assert.Null(ticks.Values[0]);
        Assert.NotNull(ticks.Values[1]);
        Assert.Null(ticks.Ratio(1));
        Assert.Null(ticks.Better(1));
        Assert.Contains(baseline.Notes(), n => n.StartsWith("stock does not report its ticks", StringComparison.Ordinal));
        Assert.Contains(Verdict.Of(comparison),
            s => s.StartsWith("From map to heap memblock takes the fewest ticks", StringComparison.Ordinal)
            && s.EndsWith("; stock does not report its ticks.", StringComparison.Ordinal));
        Assert.DoesNotContain(comparison.Rows.Where(r => r.Section == "cost"), r => r.Values[0] == "0");
    }

    // Expect each benchmark of the baseline once, with our figure as a multiple of its; one that we lack without a ratio.
    [Fact]
    public void BenchmarksStandSideBySide()
    {
        Comparison comparison = new(
            [Stock(), BootLog.Parse("o.log", Changed(s_ours, "name=cosmos_pages_1_ninety", "name=something_else"))]);
        Baseline baseline = new(comparison);

        BaselineRow[] benches = [.. baseline.Rows.Where(r => r.Group == "bench")];
        Assert.Equal(14, benches.Length);
        foreach (BaselineRow row in benches)
        {
            Assert.NotEmpty(row.Words);
            ulong stock = Bench(comparison.Logs[0], row.Name)!.Value;
            Assert.Equal(stock, row.Values[0]);
            Assert.Equal(Bench(comparison.Logs[1], row.Name), row.Values[1]);
            Assert.Equal(Bench(comparison.Logs[1], row.Name) is { } ours ? ours / (double)stock : null, row.Ratio(1));
        }

        Assert.Null(benches.Single(r => r.Name == "cosmos_pages_1_ninety").Ratio(1));
        Assert.False(baseline.Shows("something_else"));
        Assert.Contains("1 benchmark that stock did not run is left out.", baseline.Notes());
        Assert.Contains("in all", Baseline(Stock(), Stock()).InWords(1), StringComparison.Ordinal);
        Assert.Matches("^nobootmem takes fewer ticks than stock in all 13 benchmarks: from x0\\.[0-9]+ in cosmos_[a-z0-9_]+ to x[0-9.,]+ "
            + "in cosmos_[a-z0-9_]+\\.$", baseline.InWords(1)!);
        Assert.Matches("^nobootmem takes fewer ticks than stock in 13 of 14 benchmarks, more in 1: ",
            Baseline(Stock(),
            BootLog.Parse("o.log",
            System.Text.RegularExpressions.Regex.Replace(s_ours, "(name=cosmos_pages_1_half ops=[0-9]+ ticks_per_op=)", "${1}9999")))
            .InWords(1)!);
    }

    // Expect a table to leave out, and count, the benchmarks in which no log differs; JSON has them.
    [Fact]
    public void EqualBenchmarksAreCountedNotListed()
    {
        BootLog other = BootLog.Parse("o.log",
            System.Text.RegularExpressions.Regex.Replace(s_stock, "(name=cosmos_pages_1_half ops=[0-9]+ ticks_per_op=)", "${1}9999"));
        Baseline baseline = Baseline(Stock(), other);

        Assert.Equal(["cosmos_pages_1_half"], baseline.Telling.Where(r => r.Group == "bench").Select(r => r.Name));
        Assert.Equal(14, baseline.Rows.Count(r => r.Group == "bench"));
        Assert.Contains("13 benchmarks take as many ticks in all logs, to a hundredth, and are left out.", baseline.Notes());
    }

    // Expect more free pages to be better and everything else worse.
    [Theory]
    [InlineData("free pages", 1)]
    [InlineData("kept pages", 1)]
    [InlineData("metadata bytes", -1)]
    public void BetterIsWhatAPersonCallsBetter(string name, int better)
        => Assert.Equal(better, Baseline(Stock(), Ours()).Rows.Single(r => r.Name == name).Better(1));

    [Theory]
    [InlineData(0, "x0")]
    [InlineData(1.004, "x1.00")]
    [InlineData(0.113, "x0.11")]
    [InlineData(0.0734, "x0.073")]
    [InlineData(0.00214, "x0.0021")]
    [InlineData(0.000214, "x0.00021")]
    [InlineData(0.0000214, "x2.1e-5")]
    [InlineData(12.345, "x12.35")]
    [InlineData(1234.5, "x1,235")]
    public void SmallRatiosKeepTwoDigits(double ratio, string text) => Assert.Equal(text, Report.Baseline.Times(ratio));

    // Expect no picture of memory after the map was read, for what has no ranges cannot be drawn; the owners are named.
    [Fact]
    public void StocksMemoryIsDrawnAsFarAsItIsRecorded()
    {
        MemoryHistory history = Stock().History;

        Assert.Equal(["e820"], history.Moments.Select(m => m.Stage));
        Assert.Null(history.End);
        Assert.Equal(Stock().Accounts.Select(a => a["name"]), history.Unplaced);
        Assert.NotNull(Ours().History.End);
        Assert.Empty(Ours().History.Unplaced);
    }

    // Expect the page to say each figure of the baseline table as the logs have it, to draw nothing that is not recorded, and to fit a
    // phone.
    [Theory]
    [InlineData(400)]
    [InlineData(1280)]
    public async Task ThePageShowsTheBaseline(int width)
    {
        Comparison comparison = Compare();
        JsonElement found = await Chromium.ProbeAsync(
            HtmlReport.Make(comparison),
            width,
            false,
            """
            const all = q => [...document.querySelectorAll(q)], base = {}, r = {};
            for (const e of all('td[data-base]')) base[e.dataset.log + '|' + e.dataset.base] = e.textContent.trim();
            r.base = base;
            r.heads = all('h2').map(e => e.textContent);
            r.stages = all('.n[data-stage][data-log="0"]').map(e => e.dataset.stage);
            r.low = all('svg.strip[aria-label=low]').length;
            r.kept = all('[data-kept="0"]').map(e => [e.textContent, +e.dataset.pages, e.getBoundingClientRect().width]);
            r.zero = all('table td.v').filter(
                e => e.textContent === 'NaN' || e.textContent.includes('Infinity') || e.textContent.trim() === '').length;
            r.empty = all('.bars').filter(e => e.querySelectorAll('rect').length === 0).length;
            r.over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
            r.colours = [getComputedStyle(all('td[data-base="metadata bytes"] b')[0]).color,
                getComputedStyle(all('td[data-base="free pages"] b')[0]).color];
            return r;
            """);

        Assert.Contains("Against the baseline: stock, Cosmos's own heap",
            found.GetProperty("heads").EnumerateArray().Select(h => h.GetString()));
        foreach (BaselineRow row in new Baseline(comparison).Rows)
        {
            string stock = found.GetProperty("base").GetProperty("0|" + row.Name).GetString()!;
            string ours = found.GetProperty("base").GetProperty("1|" + row.Name).GetString()!;
            Assert.Equal(row.Values[0]?.ToString() ?? "-", stock.Replace(",", "", StringComparison.Ordinal));
            Assert.EndsWith(row.Values[1]?.ToString() ?? "-", ours.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Equal(row.Ratio(1) != null, ours.StartsWith('x'));
        }

        Assert.Equal(["e820"], found.GetProperty("stages").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(1, found.GetProperty("low").GetInt32());
        Assert.Equal(Stock().Accounts.Select(a => (long)a.Number("pages")!.Value).Order(),
            found.GetProperty("kept").EnumerateArray().Select(k => k[1].GetInt64()).Order());
        Assert.Contains(found.GetProperty("kept").EnumerateArray(),
            k => k[0].GetString()!.StartsWith("never managed: ", StringComparison.Ordinal) && k[2].GetDouble() > 20);
        Assert.Equal(0, found.GetProperty("zero").GetInt32());
        Assert.Equal(0, found.GetProperty("empty").GetInt32());
        Assert.True(found.GetProperty("over").GetInt32() <= 0, found.ToString());
        Assert.NotEqual(found.GetProperty("colours")[0].GetString(), found.GetProperty("colours")[1].GetString());
    }

    // Expect the same in JSON: null, not 0, where the baseline says nothing.
    [Fact]
    public void JsonHasTheBaseline()
    {
        using JsonDocument json = JsonDocument.Parse(ComparisonJson.Make(Compare(), []));

        JsonElement baseline = json.RootElement.GetProperty("baseline");
        Assert.Equal("stock", baseline.GetProperty("title").GetString());
        Assert.True(baseline.GetProperty("stock").GetBoolean());
        JsonElement[] rows = [.. baseline.GetProperty("rows").EnumerateArray()];
        JsonElement ticks = rows.Single(r => r.GetProperty("group").GetString() == "boot");
        Assert.Equal(JsonValueKind.Null, ticks.GetProperty("values")[0].ValueKind);
        Assert.Equal(JsonValueKind.Null, ticks.GetProperty("ratios")[1].ValueKind);
        JsonElement free = rows.Single(r => r.GetProperty("name").GetString() == "free pages");
        Assert.Equal(free.GetProperty("values")[1].GetDouble() / free.GetProperty("values")[0].GetDouble(),
            free.GetProperty("ratios")[1].GetDouble(), 9);
        Assert.Equal(Stock().History.Unplaced,
            json.RootElement.GetProperty("logs")[0].GetProperty("unplaced").EnumerateArray().Select(u => u.GetString()));
    }

    // Expect one variant of two toolchains to be distinguished by them, and the difference not to be attributed to the heap alone.
    [Fact]
    public void ToolchainsAreDistinguished()
    {
        Comparison comparison = new([Ours(), BootLog.Load(Path.Combine(RecordedLogTests.Folder, "qemu-128m-nobootmem.log"))]);

        Assert.Equal(["nobootmem, cosmos", "nobootmem, nativeaot"], comparison.Titles);
        Assert.Contains(new Baseline(comparison).Notes(), n => n.Contains("different toolchains", StringComparison.Ordinal));
        Assert.Equal("Against the first log, nobootmem, cosmos", new Baseline(comparison).Heading);
    }

    private static BootLog Stock() => BootLog.Parse("stock.log", s_stock);

    private static BootLog Ours() => BootLog.Parse("nobootmem.log", s_ours);

    private static Comparison Compare() => new([Stock(), Ours()]);

    private static Baseline Baseline(params BootLog[] logs) => new(new Comparison(logs));

    // Read by other means than the report's.
    private static ulong? Bench(BootLog log, string name) => log.Benches.LastOrDefault(b => b["name"] == name)?.Number("ticks_per_op");

    private static string Changed(string text, string old, string replacement)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, replacement, StringComparison.Ordinal);
    }
}
