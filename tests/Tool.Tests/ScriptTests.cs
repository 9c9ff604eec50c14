using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The script that builds and runs the tool, in a tree of its own and with a dotnet that only pretends.</summary>
public sealed class ScriptTests : IDisposable
{
    // Builds once there is a file "go", and keeps a list of its builds.
    private const string Dotnet = """
        case $1 in
        --list-sdks) echo '10.0.100 [/sdk]' ;;
        build)
            echo $$ >>"$TREE/builds"
            until [ -e "$TREE/go" ]; do sleep 0.05; done
            while [ "$1" != -o ]; do shift; done
            mkdir -p "$2"; : >"$2/bootalloc.dll" ;;
        *) echo "ran $2" ;;
        esac
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryTree _tree = new();
    private readonly string _script;

    public ScriptTests()
    {
        _script = _tree.WriteProgram("tree/bootalloc", "");
        File.Copy(Path.Combine(SourceRules.Root(), "bootalloc"), _script, overwrite: true);
        _tree.Write("tree/iso/Tool/bootalloc.csproj", "");
        _tree.WriteProgram("bin/dotnet", Dotnet);
    }

    public void Dispose() => _tree.Dispose();

    // Expect the second script to name the first and to wait for what it has left, and then to build.
    [Fact]
    public async Task TheBuildOfAKilledScriptIsWaitedFor()
    {
        string builds = Path.Combine(_tree.Root, "builds");
        using Process first = Start();
        for (int tries = 0; !File.Exists(builds); tries++)
        {
            Assert.True(tries < 2400, "no build");
            await Task.Delay(50);
        }

        first.Kill();
        await first.WaitForExitAsync();
        using Process second = Start();
        Assert.Equal($"bootalloc: waiting for another build (pid {first.Id})", await second.StandardError.ReadLineAsync());
        Assert.Single(await File.ReadAllLinesAsync(builds));
        _tree.Write("go", "");
        await second.WaitForExitAsync();

        Assert.Equal("ran check\n", await second.StandardOutput.ReadToEndAsync());
        Assert.Equal(2, (await File.ReadAllLinesAsync(builds)).Length);
    }

    [Fact]
    public async Task WhereNothingCanBeWrittenItSaysSo()
    {
        _tree.Write("tree/iso/out", "a file in the folder's place");
        ChildResult run = await ChildProcess.RunAsync(
            "/usr/bin/env", [$"PATH={_tree.Root}/bin:/usr/bin:/bin", $"TREE={_tree.Root}", _script], s_limit, CancellationToken.None);

        Assert.Equal(ExitStatus.Failed, run.ExitStatus);
        string line = Assert.Single(run.Output.TrimEnd('\n').Split('\n'));
        Assert.StartsWith($"bootalloc: {_tree.Root}/tree/iso/out cannot be written", line, StringComparison.Ordinal);
    }

    private Process Start()
    {
        ProcessStartInfo start = new(_script, ["check"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_tree.Root}/bin:/usr/bin:/bin";
        start.Environment["TREE"] = _tree.Root;
        return Process.Start(start)!;
    }
}
