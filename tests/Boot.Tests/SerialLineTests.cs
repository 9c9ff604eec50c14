using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>COM1 under rough handling: a reader that pauses, one that never reads, more input than anybody types, lost bytes.</summary>
public sealed class SerialLineTests
{
    private const int SmallestMegabytes = 8;
    private const int Longest = 20_000;
    private const int MostTries = 10;
    private const string Prompt = "bootalloc> ";
    private const string Refused = "characters of this line were lost on their way here: not run";

    // Each takes as long as its pause, so all start at once.
    private static readonly Lazy<Dictionary<int, Task<Pause>>> s_pauses = new(
        () => new[] { 0, 300, 2_000, 20_000 }.ToDictionary(milliseconds => milliseconds, PauseAsync));

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(2_000)]
    [InlineData(20_000)]
    public async Task EveryByteThatAPausingReaderMissesIsCounted(int milliseconds)
    {
        // boot | dmesg x 20, hold 64K x 2, nobody reads | read on.
        // Expect: bytes read + bytes that the gaps name = bytes that were printed, and the commands typed meanwhile were obeyed.
        Pause pause = await s_pauses.Value[milliseconds];

        string plain = Gap().Replace(pause.Read, "");
        long lost = Gap().Matches(pause.Read)
            .Sum(gap => long.Parse(gap.Groups["bytes"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        long missing = pause.Printed - lost - plain.Length;

        // At a gap that ends at the prompt, the prompt and what was typed behind it is sent again.
        int again = Gap().Count(pause.Read) * (Prompt.Length + "sync0000".Length);
        Assert.True(missing <= 0 && missing >= -again, $"{missing} of {pause.Printed} missing, {lost} lost:\n{plain}");
        Assert.True(pause.WholeAgain);
        Assert.Contains("hold: 128 kB given back", pause.Given, StringComparison.Ordinal);
        if (milliseconds == Longest)
        {
            Assert.NotEqual(0, lost);
        }
    }

    [Theory]
    [InlineData("poweroff selftest debug", true)]
    [InlineData("poweroff selftest debug earlyprintk", true)]
    [InlineData("poweroff selftest", false)]
    public async Task ABootWithoutAReaderOrWithoutAPortEndsWell(string commandLine, bool connected)
    {
        SerialLine.Port port = connected ? SerialLine.Port.Socket : SerialLine.Port.None;
        await using SerialLine line = await SerialLine.StartAsync(SmallestMegabytes, commandLine, port);

        Assert.Equal(Qemu.Succeeded, await line.EndAsync());
    }

    [Fact]
    public async Task TenThousandPastedCommandsArriveWhole()
    {
        string[] commands = [.. Enumerable.Range(0, 10_000).Select(i => $"{i:x4}{new string('-', i % 7)}")];
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        Task sending = line.SendAsync(string.Concat(commands.Select(command => command + "\r")) + "config\r");
        string text = await line.ReadUntilAsync("\nchain ", from);
        await sending;

        Assert.Equal(commands, Regex.Matches(text, @"(?m)^(\S+): no such command").Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task WhatIsSentBeforeTheKernelStartsIsForItsShell()
    {
        await using SerialLine line = await SerialLine.StartAsync(SmallestMegabytes, "");
        await line.SendAsync("config\rhold 0\r");
        string text = await line.ReadUntilAsync("hold: 0 kB", 0);

        Assert.Contains(Prompt + "config\r\nvariant ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALineThatLostBytesIsRefused()
    {
        // "gctest 100000000" fills the port, and four more digits do not fit. The stump would be a command.
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        await line.OverrunAsync("gctest 100000000" + "0000");
        await line.ReadUntilAsync("gctest 100000000", from);
        string refused = await line.AskAsync("");

        Assert.Contains(Refused, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("gctest:", refused, StringComparison.Ordinal);
        Assert.Contains("chain", await line.AskAsync("config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhicheverLineLostBytesIsRefused()
    {
        // Three whole lines fill the port, and the start of the next does not fit: "hold " is lost. None of them is trusted.
        await using SerialLine line = await StartAsync();
        int from = line.Position;
        await line.OverrunAsync("gc\rgc\rmeminfo\rgc" + "hold ");
        await line.ReadUntilAsync(Prompt + "gc", from);
        await line.SendAsync("64K\r");
        string text = await line.ReadUntilAsync("gc64K\r\nbootalloc: ", from);

        Assert.DoesNotContain("no such command", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hold:", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALineOfMoreCharactersThanACommandHasIsRefused()
    {
        string longest = "hold " + new string('0', 122) + "1";
        await using SerialLine line = await StartAsync();

        Assert.Contains("hold: 64 of 64 kB", await line.AskAsync(longest), StringComparison.Ordinal);
        Assert.Contains("this line has 129 characters, and 128 is the most", await line.AskAsync(longest + "0"), StringComparison.Ordinal);
        Assert.Contains("hold: 64 of 64 kB", await line.AskAsync(longest + "0\b"), StringComparison.Ordinal);
    }

    private static async Task<SerialLine> StartAsync(SerialLine.Port port = SerialLine.Port.Pipe)
    {
        SerialLine line = await SerialLine.StartAsync(SmallestMegabytes, "", port);
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

    private static async Task<Pause> PauseAsync(int milliseconds)
    {
        for (int tries = 1; ; tries++)
        {
            Pause pause = await PauseOnceAsync(milliseconds);
            if (!pause.IsSpoilt || tries == MostTries)
            {
                return pause;
            }
        }
    }

    private static async Task<Pause> PauseOnceAsync(int milliseconds)
    {
        const int repeats = 20;
        await using SerialLine line = await StartAsync(SerialLine.Port.Socket);
        string dmesg = await line.AskAsync("dmesg");
        string sync = await line.AskAsync("sync0000");
        string hold = await line.AskAsync("hold 64K");
        string before = dmesg + sync + hold + await line.AskAsync("hold 0");
        long printed = (dmesg.Length * (long)repeats) + (hold.Length * 2L);
        int from = line.Position;
        await line.SendAsync(string.Concat(Enumerable.Repeat("dmesg\r", repeats)) + "hold 64K\rhold 64K\r");
        await Task.Delay(milliseconds);
        if (milliseconds == Longest)
        {
            // On a busy host, until the machine has done all of it.
            await line.ScreenAsync(text => Rows().Match(text).Success);
        }

        // What is printed before the reader is back is lost: ask until there is an answer. Then all that was asked before is done too.
        for (int i = 1; ; i++)
        {
            await line.SendAsync($"sync{i:0000}\r");
            printed += sync.Length;
            if (await line.TryReadUntilAsync($"\nsync{i:0000}: no such command; type 'help' for the list\r\n{Prompt}", from))
            {
                break;
            }
        }

        string read = line.TextFrom(from);
        string given = await line.AskAsync("hold 0");
        string again = await line.AskAsync("dmesg");
        return new Pause(read, printed, given, dmesg == again, Gap().IsMatch(before + given + again));
    }

    // The answers to the last two commands, and the prompt, on a screen.
    private static Regex Rows() => new(@"(hold 64K\nhold: .*\nbootalloc> ?){2}\n*$");

    private static Regex Gap() => new(@"(?:(?<!\n)\r\n)?\[\.\.\. (?<bytes>[\d,]+) bytes? lost \.\.\.\]\r\n");

    /// <param name="Read">What was read from the first command to the prompt behind the last.</param>
    /// <param name="Printed">Bytes that were printed meanwhile.</param>
    /// <param name="Given">The answer to "hold 0" afterwards.</param>
    /// <param name="WholeAgain">A dmesg after all that was as it had been before.</param>
    /// <param name="IsSpoilt">On a busy host this program paused where it was to read on.</param>
    private sealed record Pause(string Read, long Printed, string Given, bool WholeAgain, bool IsSpoilt);
}
