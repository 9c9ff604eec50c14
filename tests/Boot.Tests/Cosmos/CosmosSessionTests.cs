using System;
using System.Threading.Tasks;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// A session as users of other kernels have it: sysinfo, a key, a load, sysinfo again. On the heaps of issue 13 the first sysinfo switched
/// interrupts off, and no key came any more.
/// </summary>
public sealed class CosmosSessionTests
{
    private const string Prompt = "bootalloc> ";

    // The list of commands has fewer screens.
    private const int MostPages = 20;

    [Theory]
    [InlineData(256, 255)]
    [InlineData(7168, 3071)]
    public async Task TheKeyboardStillWorksAfterSysinfo(int megabytes, int used)
    {
        await using SerialLine line = await SerialLine.StartCosmosAsync(megabytes);
        await line.ReadUntilAsync("\n" + Prompt, 0);
        foreach (string command in new[] { "sysinfo key", "help", "churn 5000 2", "sysinfo key" })
        {
            int from = line.Position;
            await line.SendAsync(command + "\r");
            if (command == "sysinfo key")
            {
                await line.ReadUntilAsync("sysinfo: press a key\r\n", from);
                await line.PressAsync("k");
            }

            string answer = await line.ReadUntilAsync("\n" + Prompt, from);
            if (command == "sysinfo key")
            {
                Assert.Contains("interrupts: still on\r\n", answer, StringComparison.Ordinal);
                Assert.Contains("sysinfo: key 6b\r\n", answer, StringComparison.Ordinal);
                Assert.Matches($@"cpu: \w+, \S.*\r\nram: {used} MB, \d+ kB of it used", answer);
            }
        }

        // Typed, not sent: the keyboard reaches the shell too. What is longer than the screen waits for a space, page by page.
        int typed = line.Position;
        foreach (string key in new[] { "h", "e", "l", "p", "ret" })
        {
            await line.PressAsync(key);
        }

        int pages = 0;
        while (!await line.TryReadUntilAsync("\n" + Prompt, typed, TimeSpan.FromSeconds(3)) && pages < MostPages)
        {
            pages++;
            await line.PressAsync("spc");
        }

        Assert.InRange(pages, 1, MostPages - 1);
        Assert.Contains("sysinfo", line.TextFrom(typed), StringComparison.Ordinal);
    }
}
