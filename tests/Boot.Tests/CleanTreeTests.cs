using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>What needs the machine for itself, because it measures time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// The script and the build in a fresh copy of the work tree, in a folder with spaces in its name, called from elsewhere: times,
/// the same bytes as in this work tree, two at once.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CleanTreeTests : IDisposable
{
    private static readonly TimeSpan s_cleanBuild = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_noOpBuild = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_shell = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private readonly TreeCopy _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task BuildsQuicklyTheSameBytesAndNothingTwice()
    {
        string name = Lab.AnyVariant;
        BuiltVariant here = await Lab.BuiltAsync(name);
        // The tool is built by the first call, whatever it is.
        ChildResult help = await ScriptAsync("--help");
        Assert.True(help.ExitStatus == 0, help.Output);

        (ChildResult clean, TimeSpan cleanTime) = await TimedAsync("build", "--variant", name);
        Assert.True(clean.ExitStatus == 0, clean.Output);
        (ChildResult noOp, TimeSpan noOpTime) = await TimedAsync("build", "--variant", name);
        Assert.True(noOp.ExitStatus == 0, noOp.Output);
        Assert.Contains("nothing changed", noOp.Output, StringComparison.Ordinal);

        // Another folder, another time: the same kernel, the same image.
        string there = Path.Combine(_tree.Root, "iso", "out", Path.GetFileName(here.Iso));
        string kernel = Path.Combine(_tree.Root, Path.GetRelativePath(Lab.Project.Root, here.Kernel));
        Assert.Equal(await File.ReadAllBytesAsync(here.Kernel), await File.ReadAllBytesAsync(kernel));
        Assert.Equal(await File.ReadAllBytesAsync(here.Iso), await File.ReadAllBytesAsync(there));

        Assert.True(cleanTime <= s_cleanBuild, $"a clean build took {cleanTime.TotalSeconds:0.0} s, at most {s_cleanBuild.TotalSeconds} s are allowed");
        Assert.True(noOpTime <= s_noOpBuild, $"a build of nothing took {noOpTime.TotalSeconds:0.0} s, at most {s_noOpBuild.TotalSeconds} s are allowed");
    }

    [Fact]
    public async Task TwoAtOnceDoNotDisturbEachOther()
    {
        string name = Lab.AnyVariant;

        ChildResult[] both = await Task.WhenAll(ScriptAsync("build", "--variant", name), ScriptAsync("build", "--variant", name));

        Assert.All(both, run => Assert.True(run.ExitStatus == 0, run.Output));
        Assert.Single(both, run => run.Output.Contains("building the tool", StringComparison.Ordinal));
        Assert.Single(both, run => run.Output.Contains("nothing changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutDotnetTheScriptSaysHowToGetIt()
    {
        Dictionary<string, string> environment = new() { ["PATH"] = "/nonexistent", ["HOME"] = "/nonexistent", ["DOTNET_ROOT"] = "" };

        ChildResult run = await ChildProcess.RunAsync(Path.Combine(_tree.Root, "bootalloc"), [], s_limit, CancellationToken.None, environment, "/");

        Assert.Equal(3, run.ExitStatus);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TheShellIsThereWithinASecond(string variant)
    {
        // The best of a few, since other programs run on this machine too.
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 5 && best > s_shell; i++)
        {
            var result = await Lab.BootAsync(variant, "");
            Lab.AssertGood(result);
            best = result.TimeToShell!.Value < best ? result.TimeToShell.Value : best;
        }

        Assert.True(best <= s_shell, $"from power-on to the shell it took {best.TotalSeconds:0.00} s, at most {s_shell.TotalSeconds} s are allowed");
    }

    private async Task<(ChildResult Result, TimeSpan Time)> TimedAsync(params string[] arguments)
    {
        Stopwatch clock = Stopwatch.StartNew();
        ChildResult result = await ScriptAsync(arguments);
        return (result, clock.Elapsed);
    }

    private Task<ChildResult> ScriptAsync(params string[] arguments)
        => ChildProcess.RunAsync(Path.Combine(_tree.Root, "bootalloc"), arguments, s_limit, CancellationToken.None, folder: "/");
}
