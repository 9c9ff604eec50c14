using System.Collections.Generic;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The comparison in sentences.</summary>
public sealed class VerdictTests
{
    // Expect the one owner that grew to be named, with both figures.
    [Fact]
    public void ALargerOwnerIsTheReason()
        => Assert.Equal(
            "b hands over 8 pages less than a (892 against 900): b's kernel image is 8 pages larger (68 against 60) (-8).",
            First(SampleLog.With("name=\"TEXT DATA BSS\" pages=60", "name=\"TEXT DATA BSS\" pages=68")
                .Replace("free_pages=900 reserved_pages=100", "free_pages=892 reserved_pages=108")));

    // Expect an owner that only one has to be said to be alone.
    [Fact]
    public void AnOwnerThatOnlyOneHasIsNamed()
        => Assert.Equal(
            "b hands over 1 page less than a (899 against 900): b alone keeps the bitmap, 1 page (-1).",
            First(SampleLog.With("[    0.001100]", "[    0.001050] bootalloc: account name=\"BOOTMAP\" pages=1\n[    0.001100]")
                .Replace("free_pages=900 reserved_pages=100", "free_pages=899 reserved_pages=101")));

    // Expect equal sums of unequal parts to be distinguished from equal parts.
    [Fact]
    public void EqualSumsOfUnequalPartsAreExplained()
    {
        Assert.Equal("b hands over as many pages as a (900), and every owner keeps as many in both.", First(SampleLog.Good));
        Assert.Equal(
            "b hands over as many pages as a (900): b's kernel image is 5 pages smaller (55 against 60) (+5); b's page frame table is 5 "
                + "pages larger (45 against 40) (-5).",
            First(SampleLog.With("pages=60", "pages=55").Replace("name=\"mem_map\" pages=40", "name=\"mem_map\" pages=45")));
    }

    // Expect the same chain on a larger machine to be explained by its RAM.
    [Fact]
    public void MoreRamIsAReason()
        => Assert.StartsWith(
            "b hands over 50 pages more than a (950 against 900): b has 50 pages more of usable RAM (+50).",
            First(SampleLog.With("usable_pages=1000 free_pages=900", "usable_pages=1050 free_pages=950")));

    // Expect books that do not add up not to be glossed over.
    [Fact]
    public void PagesThatNobodyExplainsAreCounted()
        => Assert.Contains("3 pages that no account explains",
            First(SampleLog.With("usable_pages=1000 free_pages=900", "usable_pages=1000 free_pages=897")));

    [Fact]
    public void BooksThatWereNeverClosedCannotBeCompared()
        => Assert.Contains("b never balanced its books", First(SampleLog.With("bootalloc: accounted", "bootalloc: acc")));

    private static string First(string other)
    {
        string second = other.Replace("variant=nobootmem", "variant=b", System.StringComparison.Ordinal);
        IReadOnlyList<string> verdict = Verdict.Of(new Comparison([
            BootLog.Parse("a.log", SampleLog.With("variant=nobootmem", "variant=a")), BootLog.Parse("b.log", second)]));
        return verdict[0];
    }
}
