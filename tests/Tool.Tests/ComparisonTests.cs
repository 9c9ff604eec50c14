using System;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Logs side by side.</summary>
public sealed class ComparisonTests
{
    [Fact]
    public void ALogEqualsItself()
    {
        Comparison comparison = new([Log(SampleLog.Good), Log(SampleLog.Good)]);

        Assert.NotEmpty(comparison.Rows);
        Assert.DoesNotContain(comparison.Rows, r => r.Differs);
        Assert.Empty(comparison.Own(0));
        Assert.Equal(["nobootmem (1)", "nobootmem (2)"], comparison.Titles);
    }

    [Fact]
    public void JustWhatDiffersIsMarked()
    {
        Comparison comparison = new([Log(SampleLog.Good), Log(SampleLog.With("free_pages=900 blocks=5", "free_pages=900 blocks=7"))]);

        // What is worked out of the fact differs with it.
        ComparisonRow row = Assert.Single(comparison.Rows, r => r.Differs && r.Section != "cost");
        Assert.Equal("stage buddy", row.Section);
        Assert.Equal("blocks", row.Name);
        Assert.Equal(["5", "7"], row.Values);
    }

    [Fact]
    public void AStageThatOneLogLacksIsEmptyThereAndKeepsItsPlace()
    {
        string withBootmem = SampleLog.With("[    0.000800]", "[    0.000750] bootalloc: stage name=bootmem bitmap_bytes=4096 ticks=5\n[ "
            + "   0.000800]");

        Comparison comparison = new([Log(SampleLog.Good), Log(withBootmem)]);

        Assert.Equal(["stage e820", "stage bootmem", "stage buddy"],
            comparison.Rows.Select(r => r.Section).Distinct().Where(s => s.StartsWith("stage", StringComparison.Ordinal)));
        ComparisonRow row = comparison.Rows.Single(r => r.Name == "bitmap_bytes");
        Assert.Equal([null, "4096"], row.Values);
        Assert.Equal("-", row.Show(0));
    }

    [Fact]
    public void SeveralReservationsOfOneNameAreCounted()
    {
        string two = SampleLog.With("[    0.000800]", "[    0.000750]   #2 [0000200000 - 0000201000]   BIOS reserved\n[    0.000800]");

        Comparison comparison = new([Log(SampleLog.Good), Log(two)]);

        Assert.Equal(
            ["9fc00-100000", "2 ranges"], comparison.Rows.Single(r => r.Section == "reservation" && r.Name == "BIOS reserved").Values);
    }

    [Fact]
    public void TicksShowTheirRatioToTheFirst()
    {
        Comparison comparison = new([Log(SampleLog.Good), Log(SampleLog.With("total_ticks=300", "total_ticks=1500"))]);
        ComparisonRow row = comparison.Rows.Single(r => r.Name == "total_ticks");

        Assert.Equal("300", row.Show(0));
        Assert.Equal("1,500 (x5.00)", row.Show(1));
    }

    [Fact]
    public void MessagesThatNotAllHaveAreListedOnceEach()
    {
        string more = SampleLog.With("[    0.000500]", "[    0.000450] only here\n[    0.000460] only here\n[    0.000500]");

        Comparison comparison = new([Log(SampleLog.Good), Log(more)]);

        Assert.Empty(comparison.Own(0));
        Assert.Equal(["only here"], comparison.Own(1).Select(m => m.Text));
    }

    [Fact]
    public void ThePageTakesNothingFromALogAsMarkup()
    {
        string evil = SampleLog.With("mem=64M", "<script>alert(1)</script>")
            .Replace("BIOS-provided", "<b>[red]BIOS-provided", StringComparison.Ordinal);

        string page = HtmlReport.Make(new Comparison([Log(SampleLog.Good), Log(evil)]));

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>[red]", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    private static BootLog Log(string text) => BootLog.Parse("x.log", text);
}
