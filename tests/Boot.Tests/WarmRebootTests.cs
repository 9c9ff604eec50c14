using System;
using System.Threading.Tasks;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// A reset that leaves memory as it is: the page frame table of the boot before lies where the next one is made, each of its frames a head
/// of a block that looks right. Nothing clears it as a whole (Zone.Sections.cs).
/// </summary>
public sealed class WarmRebootTests
{
    private const string Prompt = "bootalloc> ";

    [Fact]
    public async Task TheTableOfTheBootBeforeIsNotBelieved()
    {
        // boot | stress, so that all memory was in use | reboot, twice | the same checks and figures each time.
        await using SerialLine line = await SerialLine.StartAsync(48, "selftest", reboots: true);
        string first = await UseAsync(line, 0);
        for (int boot = 0; boot < 2; boot++)
        {
            int from = line.Position;
            await line.SendAsync("reboot\r");
            Assert.Equal(first, await UseAsync(line, from));
        }
    }

    // What a boot says of its pages, before and after all of them were used.
    private static async Task<string> UseAsync(SerialLine line, int from)
    {
        string boot = await line.ReadUntilAsync(Prompt, from);
        Assert.Contains(" failed=0", boot, StringComparison.Ordinal);
        string said = LineWith(boot, "stage name=buddy").Split("ticks=")[0] + LineWith(boot, "accounted ");
        foreach (string command in new[] { "buddyinfo", "oom", "stress 20000 7", "selftest" })
        {
            int at = line.Position;
            await line.SendAsync(command + "\r");
            string answer = await line.ReadUntilAsync("\n" + Prompt, at);
            Assert.DoesNotContain("BUG", answer, StringComparison.Ordinal);
            said += command == "buddyinfo" ? answer : "";
        }

        return said[said.IndexOf("bootalloc: stage", StringComparison.Ordinal)..];
    }

    private static string LineWith(string text, string words)
    {
        int at = text.LastIndexOf(words, StringComparison.Ordinal);
        Assert.True(at >= 0, text);
        int start = text.LastIndexOf("bootalloc:", at, StringComparison.Ordinal);
        return text[start..text.IndexOf('\n', at)];
    }
}
