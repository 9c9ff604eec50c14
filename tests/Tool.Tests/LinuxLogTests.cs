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

    [Fact]
    public async Task SimulateAsLinuxEndsWithTheVerdict()
    {
        CommandRun run = await CommandRun.RunAsync(
            "simulate", "--variant", "nobootmem", "--as-linux", Data("golden-real", "logs", "x64-nobootmem-initrd128.log"));

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.EndsWith(
            "simulate: the hand-over's 29 lines are those of Linux 2.6.34\n"
            + "[    0.000000] simulate: 30178 pages are handed over, as by Linux 2.6.34\n",
            run.Output,
            StringComparison.Ordinal);
    }

    // The kernel that lost its memory: expect our hand-over to be reported as another one.
    [Fact]
    public async Task AnotherHandOverThanLinuxsIsStatus1()
    {
        CommandRun run = await CommandRun.RunAsync(
            "simulate", "--variant", "nobootmem", "--as-linux", Data("golden-real", "logs", "many56-nobootmem.log"));

        Assert.Equal(ExitStatus.Failed, run.Status);
        Assert.Contains("5286 pages are handed over; Linux 2.6.34 has 0: its scratch list was full", run.Output);
    }

    [Theory]
    [InlineData("simulate --variant nobootmem", "expected --e820 FILE or --as-linux LOG")]
    [InlineData("simulate --variant nobootmem --e820 a --as-linux b", "expected --e820 FILE or --as-linux LOG")]
    [InlineData("simulate --variant nobootmem --as-linux b --kernel 1-2", "--as-linux: kernel and modules are those of the log")]
    [InlineData("simulate --variant nobootmem --as-linux /dev/null", "/dev/null: expected a file, found a device")]
    public async Task OptionsThatDoNotGoTogetherAreRefused(string command, string expected)
    {
        CommandRun run = await CommandRun.RunAsync(command.Split(' '));

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static string Data(params string[] path) => Path.Combine([AppContext.BaseDirectory, "Data", .. path]);
}
