using System;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>COM1 and Ctrl-C on Cosmos, whose drivers set up the port and the keyboard between our two halves of the boot.</summary>
public sealed class CosmosSerialTests
{
    private const string Prompt = "bootalloc> ";

    [Fact]
    public async Task PastedCommandsArriveWholeAndControlCStopsOne()
    {
        string[] commands = [.. Enumerable.Range(0, 1_000).Select(i => $"{i:x4}{new string('-', i % 7)}")];
        await using SerialLine line = await SerialLine.StartCosmosAsync(64);
        await line.ReadUntilAsync("\n" + Prompt, 0);
        int from = line.Position;
        Task sending = line.SendAsync(string.Concat(commands.Select(command => command + "\r")) + "gctest 99999999\r");
        string text = await line.ReadUntilAsync("gctest 99999999\r\n", from);
        await sending;
        Assert.Equal(commands, Regex.Matches(text, @"(?m)^(\S+): no such command").Select(match => match.Groups[1].Value));

        await line.SendAsync("\x03");
        await line.ReadUntilAsync("^C: gctest stopped\r\n" + Prompt, from);
        from = line.Position;
        await line.SendAsync("churn 99999999\r");
        await line.ReadUntilAsync("churn 99999999\r\n", from);
        await line.PressAsync("ctrl-c");
        string stopped = await line.ReadUntilAsync("^C: churn stopped\r\n" + Prompt, from);

        Assert.Contains("churn: ok", stopped, StringComparison.Ordinal);
        Assert.Contains(" failed=0", await line.AskAsync("selftest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AReaderThatPausesFindsTheGapMarked()
    {
        await using SerialLine line = await SerialLine.StartCosmosAsync(64, SerialLine.Port.Socket);
        await line.ReadUntilAsync("\n" + Prompt, 0);
        string dmesg = await line.AskAsync("dmesg");
        int from = line.Position;
        await line.SendAsync(string.Concat(Enumerable.Repeat("dmesg\r", 20)));
        await Task.Delay(5_000);
        await line.ReadUntilAsync(" bytes lost ...]\r\n", from);

        // Until everything that was asked for before is done.
        for (int i = 0; !await line.TryReadUntilAsync($"\nsync{i}: no such command; type 'help' for the list\r\n{Prompt}", from);)
        {
            await line.SendAsync($"sync{++i}\r");
        }

        Assert.Equal(dmesg, await line.AskAsync("dmesg"));
    }
}
