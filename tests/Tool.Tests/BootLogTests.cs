using System;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Reading a boot log, however it was recorded.</summary>
public sealed class BootLogTests
{
    [Fact]
    public void AGoodLogGivesItsFacts()
    {
        BootLog log = BootLog.Parse("x.log", SampleLog.Good);

        Assert.Equal(1, log.Boots);
        Assert.Equal("nobootmem", log.Variant);
        Assert.Equal("mem=64M", log.Boot!["cmdline"]);
        Assert.Equal(["e820", "buddy"], log.Stages.Select(s => s["name"]));
        Assert.Equal(900UL, log.Stage("buddy")!.Number("free_pages"));
        Assert.Equal(2, log.Accounts.Count());
        Assert.Equal(0UL, log.Accounted!.Number("missing_pages"));
        Assert.Equal(2, log.SelfTests.Count());
        Assert.Equal("ok", log.Done!["status"]);
        Assert.Null(log.Panic);
        Assert.Equal(
            [new Reservation("TEXT DATA BSS", 0x100000, 0x137000), new Reservation("BIOS reserved", 0x9fc00, 0x100000)], log.Reservations);
        Assert.Equal("BIOS-provided physical RAM map:", log.Messages[0].Text);
        Assert.Equal(1200UL, log.Microseconds);
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void EitherLineEndGivesTheSame(string lineEnd)
    {
        BootLog log = BootLog.Parse("x.log", SampleLog.Good.ReplaceLineEndings(lineEnd));

        Assert.Equal(5, log.Messages.Count);
        Assert.Equal("mem=64M", log.Boot!["cmdline"]);
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Fact]
    public void NoiseBeforeTheBootIsLeftOut()
    {
        BootLog log = BootLog.Parse("x.log", "SeaBIOS (version 1.16)\nbootalloc: done status=bad\n\u001b[2J" + SampleLog.Good);

        Assert.Equal("ok", log.Done!["status"]);
        Assert.Equal(5, log.Messages.Count);
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Fact]
    public void ALogWithoutStampsIsReadToo()
    {
        string plain = string.Join('\n', SampleLog.Good.Split('\n').Select(l => l.StartsWith('[') ? l[15..] : l));

        BootLog log = BootLog.Parse("x.log", plain);

        Assert.Equal("nobootmem", log.Variant);
        Assert.Null(log.Microseconds);
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Fact]
    public void CutAnywhereItIsReadWithoutAFault()
    {
        for (int length = 0; length <= SampleLog.Good.Length; length++)
        {
            BootLog log = BootLog.Parse("x.log", SampleLog.Good[..length]);

            // A boot cut before its end is never taken for a good one.
            bool ended = SampleLog.Good[..length].Contains("status=ok", StringComparison.Ordinal);
            Assert.True(ended || BootLogChecks.Check(log).Count != 0, $"a log cut after {length} characters counts as good");
        }
    }

    [Fact]
    public void WhatDmesgRepeatsCountsOnce()
    {
        string repeated = SampleLog.Good.Replace("bootalloc> poweroff", "bootalloc> dmesg\n" + SampleLog.Good.Split("\n\n")[0]
            + "\nbootalloc> poweroff", StringComparison.Ordinal);

        BootLog log = BootLog.Parse("x.log", repeated);

        Assert.Equal(1, log.Boots);
        Assert.Equal(2, log.Accounts.Count());
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Fact]
    public void OfTwoBootsTheLastCountsAndTheResetIsSeen()
    {
        BootLog log = BootLog.Parse("x.log", SampleLog.With("variant=nobootmem", "variant=lmb") + SampleLog.Good);

        Assert.Equal(2, log.Boots);
        Assert.Equal("nobootmem", log.Variant);
        Assert.Equal(2, log.Accounts.Count());
        Assert.Contains(BootLogChecks.Check(log), p => p.Contains("2 boots", StringComparison.Ordinal));
    }

    [Fact]
    public void AFileWithoutABootIsBadInput()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "hello\n");

            BadInputException error = Assert.Throws<BadInputException>(() => BootLog.Load(file));

            Assert.Contains(file, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void BootmemsListOfReservationsIsReadToo()
    {
        BootLog log = BootLog.Parse("x.log", SampleLog.With(
            "  #1 [000009fc00 - 0000100000]   BIOS reserved",
            "  #1 [000009fc00 - 0000100000]    BIOS reserved ==> [000009fc00 - 0000100000]"));

        Assert.Equal(new Reservation("BIOS reserved", 0x9fc00, 0x100000), log.Reservations[1]);
    }
}
