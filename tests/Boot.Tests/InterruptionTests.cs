using System;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>Ctrl-C stops a running command: the prompt returns, nothing is left behind.</summary>
public sealed class InterruptionTests
{
    private const string Prompt = "bootalloc> ";
    private const string ControlC = "\x03";
    private const int MostTries = 30;

    /// <summary>
    /// Commands that run long, what they print on the way (their echo, if nothing), and what they say at the end. Without the second, the
    /// Ctrl-C is queued behind the command, which is over in a few milliseconds. The first two run for hours.
    /// </summary>
    public static TheoryData<string, string, string> LongCommands => new()
    {
        { "gctest 99999999", "gctest: 500 collections", "gctest: ok" },
        { "stress 4000000000 7", "stress 4000000000 7\r\n", "stress: ok" },
        { "oom", "", "oom: all given back" },
        { "bench", "bench name=page_alloc_free ", "" },
    };

    [Theory]
    [MemberData(nameof(LongCommands))]
    public async Task OverTheSerialPort(string command, string sign, string end)
    {
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        string text = await StopAsync(line, command, sign);
        for (int tries = 1; tries < MostTries && !text.Contains(Stopped(command), StringComparison.Ordinal); tries++)
        {
            // On a busy host the command may be over before the Ctrl-C comes to the machine: it was for the prompt. Then again.
            await line.ReadUntilAsync("^C\r\n" + Prompt, from);
            from = line.Position;
            text = await StopAsync(line, command, sign);
        }

        AssertStopped(command, text);
        Assert.Contains(end, text, StringComparison.Ordinal);
        await AssertWholeAsync(line);
    }

    [Fact]
    public async Task FromTheKeyboard()
    {
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        await line.SendAsync("gctest 99999999\r");
        await line.ReadUntilAsync("gctest: 500 collections", from);
        await line.PressAsync("ctrl-c");

        AssertStopped("gctest", await line.ReadUntilAsync("\n" + Prompt, from));
        await AssertWholeAsync(line);
    }

    [Fact]
    public async Task WhatWasTypedAheadOfItIsDropped()
    {
        // All in one go: the command is still being read when the Ctrl-C is queued behind it, and "config" between the two.
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        await line.SendAsync("gctest 99999999\rconfig\r" + ControlC + "gc\r");
        await line.ReadUntilAsync(" stopped\r\n" + Prompt, from);
        string text = await line.ReadUntilAsync("gc\r\ngc: ", from);

        AssertStopped("gctest", text);
        Assert.DoesNotContain("config", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AtThePromptItGivesUpTheLine()
    {
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        await line.SendAsync("hold 64K" + ControlC + "hold 0\r");

        Assert.Contains("hold 64K^C\r\nbootalloc> hold 0\r\nhold: 0 kB given back", await line.ReadUntilAsync("are free", from),
            StringComparison.Ordinal);
    }

    private static async Task<string> StopAsync(SerialLine line, string command, string sign)
    {
        int from = line.Position;
        if (sign.Length == 0)
        {
            await line.SendAsync(command + "\r" + ControlC);
        }
        else
        {
            await line.SendAsync(command + "\r");
            await line.ReadUntilAsync(sign, from);
            await line.SendAsync(ControlC);
        }

        return await line.ReadUntilAsync("\n" + Prompt, from);
    }

    private static string Stopped(string command) => $"^C: {command.Split(' ').First()} stopped\r\n";

    private static void AssertStopped(string command, string text) => Assert.Contains(Stopped(command), text, StringComparison.Ordinal);

    private static async Task AssertWholeAsync(SerialLine line)
    {
        Assert.Contains(" failed=0", await line.AskAsync("selftest"), StringComparison.Ordinal);
        Assert.Contains("stress: ok", await line.AskAsync("stress 20000"), StringComparison.Ordinal);
    }

    private static async Task<SerialLine> StartAsync()
    {
        SerialLine line = await SerialLine.StartAsync(16, "");
        try
        {
            await line.ReadUntilAsync("\n" + Prompt, 0);
            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }
}
