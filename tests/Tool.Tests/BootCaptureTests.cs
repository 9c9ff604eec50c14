using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>A serial capture as recorded: several boots, cut lines, noise, any size.</summary>
public sealed class BootCaptureTests
{
    private static readonly string s_start = SampleLog.Good[..SampleLog.Good.IndexOf("[    0.000900]", StringComparison.Ordinal)];

    // Expect the last boot that ended to be compared, and the one that did not to be named as bad.
    [Fact]
    public void OfSeveralBootsTheLastThatEndedCounts()
    {
        BootCapture capture = Read(SampleLog.With("variant=nobootmem", "variant=lmb") + SampleLog.Good + s_start);

        Assert.Equal(3, capture.Boots);
        Assert.Equal("nobootmem", capture.Chosen.Variant);
        Assert.Equal(2, capture.Chosen.Boots);
        BootSummary bad = Assert.Single(capture.Bad);
        Assert.Equal(3, bad.Number);
        Assert.Contains("did not end", bad.Problems[0], StringComparison.Ordinal);
    }

    // Expect a panic in an early boot to be reported, although a later one was good.
    [Fact]
    public void AnEarlierPanicIsNotForgotten()
    {
        BootCapture capture = Read(
            SampleLog.With("bootalloc: done status=ok", "bootalloc: panic message=\"out of memory\" x=1") + SampleLog.Good);

        Assert.Equal(1, capture.BadBoots);
        Assert.Equal(1, capture.Bad[0].FirstLine);
        Assert.Equal("panic: out of memory", capture.Bad[0].Problems[0]);
        Assert.Equal("ok", capture.Chosen.Done!["status"]);
    }

    // Expect every ended boot as a log of its own when asked for.
    [Fact]
    public void EachBootCanBeKept()
    {
        BootCapture capture = BootCapture.Read("x.log",
            LineSource.Read(SampleLog.Good + SampleLog.With("variant=nobootmem", "variant=lmb")), each: true);

        Assert.Equal(["nobootmem", "lmb"], capture.Kept.Select(l => l.Variant));
        Assert.All(capture.Kept, log => Assert.Equal(2, log.Accounts.Count()));
        Assert.Throws<BadInputException>(
            () => BootCapture.Read("x.log", LineSource.Read(string.Concat(Enumerable.Repeat(SampleLog.Good, BootCapture.MostKept + 1))),
                each: true));
    }

    // Expect a reset in the middle of a line to end that line, and the next boot to begin on it; a number that was cut is not a number.
    [Fact]
    public void AResetInTheMiddleOfALineCutsIt()
    {
        int cut = SampleLog.Good.IndexOf("900 blocks", StringComparison.Ordinal) + 1;

        BootCapture capture = BootCapture.Read("x.log", LineSource.Read(SampleLog.Good[..cut] + SampleLog.Good), each: true);

        Assert.Equal(2, capture.Boots);
        Assert.Equal(900UL, capture.Chosen.Stage("buddy")!.Number("free_pages"));
        Assert.Empty(BootLogChecks.CheckOne(capture.Chosen));

        BootLog first = BootLog.Parse("x.log", SampleLog.Good[..cut]);
        Assert.Equal(1000UL, first.Stage("buddy")!.Number("managed_pages"));
        Assert.Null(first.Stage("buddy")!.Number("free_pages"));
    }

    // Expect a capture that began in the middle of a boot to be read, for what it has.
    [Fact]
    public void ACaptureMayBeginInTheMiddleOfABoot()
    {
        BootCapture capture = Read(SampleLog.Good[SampleLog.Good.IndexOf("0.000300", StringComparison.Ordinal)..]);

        Assert.Equal(0, capture.Chosen.Boots);
        Assert.Equal(0, capture.BadBoots);
        Assert.Equal(900UL, capture.Chosen.Accounted!.Number("free_pages"));
    }

    [Theory]
    [InlineData("", "x.log:1: expected a boot log (a line 'bootalloc: boot variant=...'), the file is empty")]
    [InlineData("hello\nworld\n", "x.log:1: expected a boot log (a line 'bootalloc: boot variant=...'), found none in 2 lines; this line "
        + "is \"hello\"")]
    [InlineData("bootalloc: built\n", "x.log:1: expected a boot log (a line 'bootalloc: boot variant=...'), found none in 1 lines; this "
        + "line is \"bootalloc: built\"")]
    public void WhatIsNotABootLogIsNamedByFileAndLine(string text, string message)
        => Assert.Equal(message, Assert.Throws<BadInputException>(() => Read(text)).Message);

    [Fact]
    public void ACpuThatIsTooOldIsABadBoot()
        => Assert.Equal("the kernel reports that the CPU is too old",
            Read("bootalloc: this CPU is too old: it lacks CMOV\n").Bad[0].Problems[0]);

    // Expect the same boot whatever line ends and noise are around it: bytes of all kinds, lines of any length, and a file read in pieces.
    [Fact]
    public void NoiseAndLineEndsChangeNothing()
    {
        byte[] noise = new byte[700_000];
        new Random(7).NextBytes(noise);
        byte[] endless = new byte[600_000];
        Array.Fill(endless, (byte)'x');
        using MemoryStream stream = new(
            [.. noise, (byte)'\n', .. endless, (byte)'\n', .. Encoding.ASCII.GetBytes(SampleLog.Good.ReplaceLineEndings("\r\n")),
                .. noise]);

        BootCapture capture = BootCapture.Read("x.log", LineSource.Read(stream));

        Assert.Equal(1, capture.Boots);
        Assert.Equal(0, capture.BadBoots);
        Assert.Equal(5, capture.Chosen.Messages.Count);
        Assert.Equal("mem=64M", capture.Chosen.Boot!["cmdline"]);
    }

    // Expect one boot's share of memory for a capture of any number of them, and a boot that never ends not to grow without bound.
    [Fact]
    public void MemoryIsBounded()
    {
        IEnumerable<RawLine> Endless()
        {
            int number = 0;
            foreach (RawLine line in LineSource.Read(s_start))
            {
                number = line.Number;
                yield return line;
            }

            for (int i = 0; i < 100_000; i++)
            {
                yield return new RawLine(++number, "[    1.000000] again and again", true);
            }
        }

        BootCapture capture = BootCapture.Read("x.log", Endless());

        Assert.Equal(BootLogReader.MostLines, capture.Chosen.Lines.Count);
        Assert.True(capture.Chosen.LinesDropped > 70_000);
    }

    private static BootCapture Read(string text) => BootCapture.Read("x.log", LineSource.Read(text));
}
