using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Tests.Pages;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What a reader of the report sees first: the chain, memory stage by stage, and three sentences.</summary>
public sealed class ChainTests
{
    private static readonly string[] s_variants = ["bootmem", "nobootmem", "lmb", "memblock"];

    /// <summary>The four variants on a machine of 128 MB, booted with instructions as the clock.</summary>
    internal static Comparison Recorded() => new([.. s_variants.Select(v => Log($"chain-128m-{v}.log"))]);

    // Expect each variant's chain to have what ran in its place, and what it leaves out.
    [Theory]
    [InlineData("bootmem", "e820 early_res bootmem buddy heap", "")]
    [InlineData("nobootmem", "e820 early_res nobootmem buddy heap", "bootmem")]
    [InlineData("lmb", "e820 lmb buddy heap", "early_res bootmem")]
    [InlineData("memblock", "e820 memblock buddy heap", "early_res bootmem")]
    public void AVariantLeavesOutWhatItDoesNotRun(string variant, string stages, string leftOut)
    {
        Chain chain = new(Log($"chain-128m-{variant}.log"));

        Assert.Equal(stages.Split(' '), chain.Parts.Select(p => p.Name));
        Assert.Equal(leftOut, string.Join(' ', chain.LeftOut));
        Assert.Equal(Chain.Columns.Count, chain.Parts.Sum(p => p.Span));
    }

    // Expect the sentences to have the figures of the logs' own lines, which are added up here by other means.
    [Fact]
    public void TheSentencesSayWhatTheLogsSay()
    {
        ChainVerdict verdict = new(Recorded());
        ulong[] ticks = [.. s_variants.Select(v => Sum(v, "ticks"))];
        ulong[] peaks = [.. s_variants.Select(v => Numbers(v, "peak_bytes").Max())];

        Assert.Equal(
            "nobootmem leaves out bootmem: early_res serves until the buddy takes over; lmb and memblock leave out early_res and bootmem: "
                + "two tables do that work.",
            verdict.LeftOut);
        Assert.StartsWith(
            $"From map to heap bootmem takes {ticks[0]:#,0} ticks (instructions) and {peaks[0]:#,0} bytes of tables at the peak, 4,096 of "
                + "them RAM that it gives back; against that ",
            verdict.Saves);
        for (int i = 1; i < s_variants.Length; i++)
        {
            Assert.Contains($" {s_variants[i]} saves {ticks[0] - ticks[i]:#,0} ticks (x0.", verdict.Saves, StringComparison.Ordinal);
            Assert.Contains($" and {peaks[0] - peaks[i]:#,0} bytes (x0.", verdict.Saves, StringComparison.Ordinal);
        }

        Assert.Equal(
            "In memory, mem_map lies at 1000000 in bootmem and nobootmem, 7fa0000 in lmb and memblock; BOOTMAP of bootmem lies at "
                + "1000-2000 until stage buddy gives it back.",
            verdict.Moved);
        Assert.StartsWith("Not the chain's doing: the kernel image has ", verdict.KernelImage);
        Assert.EndsWith("; without that, all hand over as many pages.", verdict.KernelImage);
    }

    // Logs from before the keys were there: expect ticks alone, and no bytes made up.
    [Fact]
    public void WhatOlderLogsDoNotRecordIsNotSaid()
    {
        ChainVerdict verdict = new(new Comparison([Log("qemu-128m-bootmem.log"), Log("qemu-128m-lmb.log")]));

        Assert.StartsWith("lmb leaves out early_res and bootmem", verdict.LeftOut);
        Assert.Matches("^From map to heap bootmem takes [0-9,]+ ticks \\(instructions\\); against that lmb saves [0-9,]+ ticks "
            + "\\(x0.[0-9]+\\)\\.$", verdict.Saves);
    }

    // Expect a boot that ended early to have left nothing out.
    [Fact]
    public void ABootThatEndedEarlyLeftNothingOut()
    {
        Assert.Empty(new Chain(Log("too-little-memory.log")).LeftOut);
        Assert.Equal(["early_res", "bootmem"], new Chain(Log("cosmos-128m-stock.log")).LeftOut);
    }

    [Fact]
    public void OneChainTwiceIsSaidToBeOne()
        => Assert.Equal(
            "All run the same chain: e820, lmb, buddy, heap.",
            new ChainVerdict(new Comparison([Log("qemu-128m-lmb.log"), Log("qemu-8m-lmb.log")])).LeftOut);

    // Expect no sentence where fewer than two chains came to their end, and no sentence about Cosmos's own heap.
    [Fact]
    public void OnlyChainsAreCompared()
    {
        Assert.Empty(new ChainVerdict(new Comparison([Log("too-little-memory.log"), Log("qemu-128m-lmb.log")])).Sentences);
        ChainVerdict withStock = new(
            new Comparison([Log("cosmos-128m-stock.log"), Log("cosmos-128m-bootmem.log"), Log("cosmos-128m-lmb.log")]));
        Assert.StartsWith("lmb leaves out early_res and bootmem", withStock.LeftOut);
        Assert.DoesNotContain("stock", string.Concat(withStock.Sentences), StringComparison.Ordinal);
    }

    // Expect `compare` to begin with the sentences, to have at most 80 columns, and to break no word and no address.
    [Fact]
    public async Task CompareBeginsWithTheVerdictAndFits80Columns()
    {
        Comparison comparison = Recorded();

        CommandRun run = await CommandRun.RunAtWidthAsync(80, ["compare", .. comparison.Logs.Select(l => l.Name)]);

        Assert.Equal(0, run.Status);
        string[] lines = run.Output.Split('\n');
        Assert.DoesNotContain(lines, l => l.Length > 80);
        string text = string.Join(' ', run.Output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith(string.Join(' ', new ChainVerdict(comparison).Sentences), text);
        foreach (string range in comparison.Logs.SelectMany(l => l.Accounts).Select(a => $"{a["start"]}-{a["end"]}"))
        {
            Assert.Contains(' ' + range + ' ', text, StringComparison.Ordinal);
        }

        foreach (string word in Verdict.Of(comparison).Concat(comparison.Rows.Select(r => r.Name)).SelectMany(s => s.Split(' ')))
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
        }
    }

    // Expect the first screen of 1280 by 800 to hold the chain and the sentences, dark and light, and nothing to reach beyond 400 pixels.
    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(400, false)]
    public async Task TheFirstScreenHoldsTheChainAndTheSentences(int width, bool dark)
    {
        JsonElement found = await Chromium.ProbeAsync(HtmlReport.Make(Recorded()), width, dark,
            """
            const bottom = q => document.querySelector(q).getBoundingClientRect().bottom;
            return { chain: bottom('table.chain'), said: bottom('ol.said'), items: document.querySelectorAll('ol.said li').length,
                over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
                out: [...document.querySelectorAll('table.chain s.out')].map(e => e.lastChild.textContent),
                ticks: [...document.querySelectorAll('table.chain [data-ticks]')].map(
                    e => e.dataset.log + ' ' + e.dataset.ticks + ' ' + e.textContent.replace(/[^0-9]/g, '')) };
            """);

        Assert.Equal(4, found.GetProperty("items").GetInt32());
        Assert.Equal(0, found.GetProperty("over").GetInt32());
        Assert.True(width < 1280 || found.GetProperty("said").GetDouble() <= 800, found.ToString());
        Assert.True(found.GetProperty("chain").GetDouble() < found.GetProperty("said").GetDouble());
        Assert.Equal(["bootmem", "early_res", "bootmem", "early_res", "bootmem"],
            found.GetProperty("out").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(
            Recorded().Logs.SelectMany((l, i) => l.Stages.Select(s => $"{i} {s["name"]} {s["ticks"]}")),
            found.GetProperty("ticks").EnumerateArray().Select(e => e.GetString()));
    }

    // e820 -> reserve -> allocate -> hand over -> objects: expect bootmem's bitmap to appear in the third place and to go in the fourth,
    // by button and by key, and the words to say so.
    [Fact]
    public async Task TheStepperShowsTheBitmapAppearAndGo()
    {
        JsonElement found = await Chromium.ProbeAsync(HtmlReport.Make(Recorded()), 1280, false,
            """
            const walk = document.querySelector('[data-walk]'), map = walk.querySelector('.held[data-o=BOOTMAP]');
            const back = walk.querySelector('[data-by="-1"]'), next = walk.querySelector('[data-by="1"]');
            const key = k => walk.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, cancelable: true }));
            const see = () => [walk.dataset.at, ['on', 'new', 'went'].filter(c => map.classList.contains(c)).join('+'),
                [...walk.querySelector('.moves').children].filter(e => !e.hidden).map(e => e.textContent).join(''),
                [...walk.querySelectorAll('.at > :not([hidden])')].map(e => e.textContent).join(''), back.disabled, next.disabled,
                [...walk.querySelectorAll('.stage.now')].length].map(String);
            const r = [see()];
            next.click(); r.push(see()); next.click(); r.push(see()); key('ArrowLeft'); r.push(see()); key('ArrowLeft'); r.push(see());
            key('ArrowLeft'); r.push(see()); key('Home'); r.push(see()); key('ArrowRight'); r.push(see());
            return { steps: r, focusable: walk.tabIndex, label: walk.getAttribute('aria-label'),
                live: walk.querySelector('.at').getAttribute('aria-live') };
            """);
        string[][] steps =
            [.. found.GetProperty("steps").EnumerateArray().Select(s => s.EnumerateArray().Select(v => v.GetString()!).ToArray())];

        Assert.Equal(["2", "3", "4", "3", "2", "1", "0", "1"], steps.Select(s => s[0]));
        Assert.Equal(["on+new", "went", "", "went", "on+new", "", "", ""], steps.Select(s => s[1]));
        Assert.Contains("+ BOOTMAP 1", steps[0][2]);
        Assert.Contains("\u2212 BOOTMAP 1", steps[1][2]);
        Assert.DoesNotContain("BOOTMAP", steps[2][2] + steps[5][2] + steps[6][2]);
        Assert.Equal("3 of 5: allocate (bootmem, nobootmem)", steps[0][3]);
        Assert.Equal("1 of 5: read the map (e820)", steps[6][3]);
        Assert.Equal(["false false", "false true", "true false"], new[] { 0, 2, 6 }.Select(i => steps[i][4] + ' ' + steps[i][5]));
        Assert.All(steps, s => Assert.Equal("4", s[6]));
        Assert.Equal(0, found.GetProperty("focusable").GetInt32());
        Assert.Contains("arrow keys", found.GetProperty("label").GetString());
        Assert.Equal("polite", found.GetProperty("live").GetString());
    }

    // Two boots that are alike: expect no chart of equal bars, and their figures in a line.
    [Fact]
    public void EqualBarsAreALine()
    {
        string page = HtmlReport.Make(new Comparison([Log("chain-128m-lmb.log"), Log("chain-128m-lmb.log")]));

        Assert.DoesNotContain("<div class=\"bars", page, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"base\"", page, StringComparison.Ordinal);
        Assert.Contains("buddy 86,", page, StringComparison.Ordinal);
        Assert.Contains("All keep as many pages, 167, and every owner keeps as many.", page, StringComparison.Ordinal);
        Assert.Contains("Alike in all, to a hundredth: free pages 32,472", page, StringComparison.Ordinal);
    }

    private static BootLog Log(string name) => BootLog.Load(Path.Combine(RecordedLogTests.Folder, name));

    private static ulong Sum(string variant, string key) => Numbers(variant, key).Aggregate(0UL, (sum, n) => sum + n);

    private static List<ulong> Numbers(string variant, string key)
        => [.. File.ReadLines(Path.Combine(RecordedLogTests.Folder, $"chain-128m-{variant}.log"))
            .Where(l => l.Contains("bootalloc: stage name=", StringComparison.Ordinal)).SelectMany(l => l.Split(' '))
            .Where(w => w.StartsWith(key + "=", StringComparison.Ordinal))
            .Select(w => ulong.Parse(w[(key.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture))];
}
