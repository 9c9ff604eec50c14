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

    // Does not build: what MSBuild prints of errors of the compiler, the first twice, as for two projects.
    private const string Failing = """
        case $1 in
        --list-sdks) echo '10.0.100 [/sdk]' ;;
        build)
            for place in $ERRORS; do
                echo "$TREE/tree/$place: error CS1002: ; expected [$TREE/tree/iso/Script/bootalloc.csproj]"
                echo "$TREE/tree/$place: error CS1002: ; expected [$TREE/tree/iso/Script/bootalloc.csproj]"
            done
            echo '    1 Error(s)'
            exit 1 ;;
        *) echo "ran $2" ;;
        esac
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryTree _tree = new();
    private readonly string _script;

    public ScriptTests()
    {
        _script = _tree.WriteProgram("tree/bootalloc", "");
        File.Copy(Path.Combine(SourceRules.Root(), "bootalloc"), _script, overwrite: true);
        OwnProcesses.MakeRunnable(_script);
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
        Assert.True(await OwnProcesses.WaitAsync(() => File.Exists(builds)), "no build");

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

    // Expect the error with its place, once, and that the tool is not to blame for it; where the error is the tool's own, that it is.
    [Theory]
    [InlineData("Plugs/Memory/Buddy/BuddyAllocator.cs(12,8)", "these sources do not compile")]
    [InlineData("Configs/Lmb.cs(12,8)", "these sources do not compile")]
    [InlineData("iso/Tool/Program.cs(12,8)", "the tool does not build")]
    public async Task AnErrorIsReportedWithItsFileAndLine(string place, string verdict)
    {
        _tree.WriteProgram("bin/dotnet", Failing);
        ChildResult run = await ChildProcess.RunAsync(
            "/usr/bin/env", [$"PATH={_tree.Root}/bin:/usr/bin:/bin", $"TREE={_tree.Root}", $"ERRORS={place}", _script, "simulate"],
            s_limit, CancellationToken.None);

        Assert.Equal(ExitStatus.Failed, run.ExitStatus);
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        string file = place[..place.IndexOf('(', StringComparison.Ordinal)];
        Assert.Equal(3, lines.Length);
        Assert.Equal($"{file}:12:8: error CS1002: ; expected", lines[1]);
        Assert.StartsWith($"bootalloc: {verdict}", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("tree/iso/out/tool.log", lines[2], StringComparison.Ordinal);
    }

    // Expect an edit of the memory code to cost the commands that only boot it no build of the tool, and the others one.
    [Fact]
    public async Task OnlyCommandsThatRunTheMemoryCodeHereBuildItIn()
    {
        _tree.Write("go", "");
        await RunToEndAsync("run");
        string edited = _tree.Write("tree/Plugs/Memory/Buddy/BuddyAllocator.cs", "// edited");
        File.SetLastWriteTimeUtc(edited, DateTime.UtcNow.AddMinutes(1));
        foreach ((string command, int builds) in new[] { ("run", 1), ("build", 1), ("", 1), ("--fresh", 1), ("simulate", 2) })
        {
            await RunToEndAsync(command);
            Assert.Equal((command, builds), (command, (await File.ReadAllLinesAsync(Path.Combine(_tree.Root, "builds"))).Length));
        }
    }

    private async Task RunToEndAsync(string command)
    {
        string[] words = command.Length == 0 ? [] : [command];
        ChildResult run = await ChildProcess.RunAsync(
            "/usr/bin/env", [$"PATH={_tree.Root}/bin:/usr/bin:/bin", $"TREE={_tree.Root}", _script, .. words],
            s_limit, CancellationToken.None);
        Assert.True(run.ExitStatus == ExitStatus.Done, run.Output);
    }

    private Process Start()
    {
        ProcessStartInfo start = new(_script, ["check"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_tree.Root}/bin:/usr/bin:/bin";
        start.Environment["TREE"] = _tree.Root;
        return Process.Start(start)!;
    }
}
