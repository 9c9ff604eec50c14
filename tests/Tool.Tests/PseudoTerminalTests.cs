using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>A serial line to a child, without a port that anyone could connect to.</summary>
public sealed class PseudoTerminalTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task BytesGoBothWaysUntilTheChildEnds()
    {
        using TemporaryFolder folder = new();
        using PseudoTerminal line = new();

        // The child answers each word that it reads from its terminal, and ends.
        using ChildProcess child = ChildProcess.Start(
            "/bin/sh", ["-c", "exec 3<>$0; stty raw -echo <&3; printf 'ready.' >&3; head -c 4 <&3 >&3", line.Name], s_limit);
        using Stream from = line.CopyTo(folder.File("copy"), child);
        using StreamReader reader = new(from);
        char[] ready = new char[6];
        Assert.Equal(6, await reader.ReadBlockAsync(ready).AsTask().WaitAsync(s_limit));
        Assert.Equal("ready.", new string(ready));

        await line.Input.WriteAsync("ping"u8.ToArray());

        Assert.Equal("ping", await reader.ReadToEndAsync().WaitAsync(s_limit));
    }

    [Fact]
    public async Task AChildThatNeverOpensItEndsTheLine()
    {
        using TemporaryFolder folder = new();
        using PseudoTerminal line = new();
        using ChildProcess child = ChildProcess.Start("/bin/true", [], s_limit);
        using Stream from = line.CopyTo(folder.File("copy"), child);
        using StreamReader reader = new(from);

        Assert.Equal("", await reader.ReadToEndAsync().WaitAsync(s_limit));
    }

    [Fact]
    public async Task NothingIsLostWhenTheReaderPauses()
    {
        // More than a terminal holds.
        const int bytes = 300_000;
        using TemporaryFolder folder = new();
        using PseudoTerminal line = new();
        using ChildProcess child = ChildProcess.Start(
            "/bin/sh", ["-c", $"exec 3<>$0; stty raw -echo <&3; head -c {bytes} /dev/zero >&3", line.Name], s_limit);
        using Stream from = line.CopyTo(folder.File("copy"), child);
        await child.EndedAsync(CancellationToken.None);
        using MemoryStream all = new();

        await from.CopyToAsync(all).WaitAsync(s_limit);

        Assert.Equal(bytes, all.Length);
    }
}
