using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Children end, with everything they started.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);

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

    [Fact]
    public async Task AtTheLimitTheChildAndItsChildrenEnd()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        string program = _tree.WriteProgram("p", $"sleep 1000 & echo $! > '{pids}'; echo $$ >> '{pids}'; wait");

        ChildResult result = await ChildProcess.RunAsync(program, [], TimeSpan.FromSeconds(1), CancellationToken.None);

        Assert.True(result.TimedOut);
        await AssertEndedAsync(pids);
    }

    [Fact]
    public async Task OnCancellationTheChildAndItsChildrenEnd()
    {
        string pids = Path.Combine(_tree.Root, "pids");
        string program = _tree.WriteProgram("p", $"sleep 1000 & echo $! > '{pids}'; echo $$ >> '{pids}'; wait");
        using CancellationTokenSource cancel = new(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ChildProcess.RunAsync(program, [], s_long, cancel.Token));

        await AssertEndedAsync(pids);
    }

    [Fact]
    public async Task AChildThatReadsFindsItsInputEmpty()
    {
        ChildResult result = await ChildProcess.RunAsync(_tree.WriteProgram("p", "cat; echo done"), [], s_long, CancellationToken.None);

        Assert.Equal("done\n", result.Output);
    }

    private static async Task AssertEndedAsync(string pids)
    {
        string[] lines = await File.ReadAllLinesAsync(pids);
        Assert.Equal(2, lines.Length);
        foreach (string line in lines)
        {
            // The limit is generous: it only keeps a process that never ends from stopping the tests.
            for (int tries = 0; IsAlive(int.Parse(line)); tries++)
            {
                Assert.True(tries < 2400, $"process {line} is still there");
                await Task.Delay(50);
            }
        }
    }

    // A process that has not been waited for yet (state Z) has ended, too.
    private static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
