using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Children end, with everything they started.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task StatusAndBothOutputsComeBack()
    {
        string program = _tree.WriteProgram("p", "echo one \"$1\"; echo two >&2; exit 7");

        ChildResult result = await ChildProcess.RunAsync(program, ["a b"], s_long, CancellationToken.None);

        Assert.Equal(7, result.ExitStatus);
        Assert.Contains("one a b\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("two\n", result.Output, StringComparison.Ordinal);
        Assert.False(result.TimedOut);
    }

    // A busy host may not start both in a second: then in more.
    [Fact]
    public async Task AtTheLimitTheChildAndItsChildrenEnd()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        string program = _tree.WriteProgram("p", TwoProcesses(pids) + "wait");
        ChildResult result;
        int seconds = 1;
        do
        {
            result = await ChildProcess.RunAsync(program, [], TimeSpan.FromSeconds(seconds), CancellationToken.None);
            seconds *= 2;
        }
        while (seconds < 256 && !File.Exists(pids));

        Assert.True(result.TimedOut);
        await AssertEndedAsync(pids);
    }

    [Fact]
    public async Task OnCancellationTheChildAndItsChildrenEnd()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        string program = _tree.WriteProgram("p", TwoProcesses(pids) + "wait");
        using CancellationTokenSource cancel = new();
        Task<ChildResult> run = ChildProcess.RunAsync(program, [], s_long, cancel.Token);
        Assert.True(await OwnProcesses.WaitAsync(() => File.Exists(pids)), "no child");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        await AssertEndedAsync(pids);
    }

    [Fact]
    public async Task AChildThatReadsFindsItsInputEmpty()
    {
        ChildResult result = await ChildProcess.RunAsync(_tree.WriteProgram("p", "cat; echo done"), [], s_long, CancellationToken.None);

        Assert.Equal("done\n", result.Output);
    }

    // Expect the program and its child to end with the tool, whatever kills it.
    [Fact]
    public async Task WhenTheToolIsKilledTheChildAndItsChildrenEnd()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        _tree.WriteProgram("nasm", TwoProcesses(pids) + "wait");
        ProcessStartInfo start = new(Dotnet.Program, [Path.Combine(AppContext.BaseDirectory, "bootalloc.dll"), "check"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{_tree.Root}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process tool = Process.Start(start)!;
        await OwnProcesses.WaitAsync(() => File.Exists(pids) || tool.HasExited);
        Assert.True(File.Exists(pids), "the tool did not start its child");

        tool.Kill();

        await AssertEndedAsync(pids);
    }

    // Expect a child that has left the group, and holds the output open, to be waited for no longer than a moment.
    [Fact]
    public async Task ADetachedChildHoldsNothingUp()
    {
        string pid = Path.Combine(_tree.Root, "pid");
        string program = _tree.WriteProgram("p", $"setsid sh -c 'echo $$ > \"{pid}\"; exec sleep 1000' & "
            + $"while [ ! -s '{pid}' ]; do sleep 0.05; done; echo done");

        ChildResult result = await ChildProcess.RunAsync(program, [], s_long, CancellationToken.None);

        using Process detached = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid)));
        Assert.False(detached.HasExited);
        detached.Kill();
        Assert.Equal("done\n", result.Output);
        Assert.False(result.TimedOut);
    }

    // Expect what a program leaves in its group to end with it.
    [Fact]
    public async Task WhatAProgramLeavesBehindEnds()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        string program = _tree.WriteProgram("p", TwoProcesses(pids));

        ChildResult result = await ChildProcess.RunAsync(program, [], s_long, CancellationToken.None);

        Assert.Equal(0, result.ExitStatus);
        await AssertEndedAsync(pids);
    }

    [Theory]
    [InlineData("SEGV", "ended by SIGSEGV")]
    [InlineData("KILL", "ended by SIGKILL")]
    [InlineData("RTMIN", "ended by signal 34")]
    public async Task ACrashIsNamedByItsSignal(string signal, string expected)
    {
        string program = _tree.WriteProgram("p", $"kill -{signal} $$");
        using ChildProcess child = ChildProcess.Start(program, [], s_long);
        child.DropOutput();

        await child.EndedAsync(CancellationToken.None);

        Assert.Equal(expected, child.Crash);
    }

    // Expect the end of the output, in lines of bounded length, whatever comes.
    [Theory]
    [InlineData("yes noise")]
    [InlineData("yes noise >&2")]
    [InlineData("tr '\\0' x </dev/zero")]
    public async Task EndlessOutputTakesBoundedMemory(string body)
    {
        long most = 0;
        ChildResult result = await ChildProcess.RunAsync(
            _tree.WriteProgram("p", body), [], TimeSpan.FromSeconds(2), CancellationToken.None,
            line: text => most = Math.Max(most, text.Length));

        Assert.True(result.TimedOut);
        Assert.InRange(result.Output.Length, 0, 2 * OutputTail.MostCharacters);
        Assert.InRange(most, 0, OutputTail.MostInLine);
    }

    [Fact]
    public void AFolderOfAKilledToolIsCleaned()
    {
        using TemporaryFolder alive = new();
        string left = Directory.CreateTempSubdirectory("bootalloc-").FullName;
        File.WriteAllText(Path.Combine(left, ".owner"), "");
        File.WriteAllText(Path.Combine(left, "image"), "");

        TemporaryFolder.Clean();

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(alive.Path));
    }

    private static async Task AssertEndedAsync(string pids)
    {
        string[] lines = await File.ReadAllLinesAsync(pids);
        Assert.Equal(2, lines.Length);
        foreach (string line in lines)
        {
            Assert.True(await OwnProcesses.WaitForEndAsync(int.Parse(line)), $"process {line} is still there");
        }
    }

    // A shell and its child, and a file with their numbers as soon as there are both.
    private static string TwoProcesses(string pids)
        => $"sleep 1000 & echo $! > '{pids}.new'; echo $$ >> '{pids}.new'; mv '{pids}.new' '{pids}'; ";
}
