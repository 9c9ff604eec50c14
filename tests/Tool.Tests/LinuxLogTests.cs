using System;
using System.IO;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What <c>replay</c> and <c>simulate</c> do with the boot logs of a real Linux.</summary>
public sealed class LinuxLogTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task ReplayComparesEachAddressOfALinuxLog()
    {
        CommandRun run = await CommandRun.RunAsync("replay", Data("linux-boots", "plain-128m.log"));

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.EndsWith("plain-128m.log: 32 of 32 allocations as Linux 6.1 made them\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADifferenceIsStatus1()
    {
        string text = await File.ReadAllTextAsync(Data("linux-boots", "plain-128m.log"));
        string log = _tree.Write("other.log", text.Replace("[0x07e9fd00-0x07e9fd3f]", "[0x07e9fd40-0x07e9fd7f]"));

        CommandRun run = await CommandRun.RunAsync("replay", log);

        Assert.Equal(ExitStatus.Failed, run.Status);
        Assert.StartsWith($"{log}:53: memblock_alloc_try_nid of 64 bytes, align=0x40: Linux got 0x7e9fd40 (line 54)", run.Output);
    }

    [Fact]
    public async Task ALogWithoutMemblockDebugIsRefused()
    {
        CommandRun run = await CommandRun.RunAsync("replay", Data("golden-real", "logs", "x64-bootmem-m64.log"));

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Contains("expected a line 'MEMBLOCK configuration:' of a Linux booted with memblock=debug, found none", run.Error);
    }

    private static string Data(params string[] path) => Path.Combine([AppContext.BaseDirectory, "Data", .. path]);
}
