using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// The script and the build in a fresh copy of the work tree, in a folder with spaces in its name, called from another folder: the same
/// bytes as in this work tree, nothing built twice, two at once.
/// </summary>
public sealed class CleanTreeTests : IDisposable
{
    // Protects from a hang; no test asserts a time.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    private readonly TreeCopy _tree = new();

    public void Dispose() => _tree.Dispose();

    // Expect the same kernel and image in another folder at another time, and a second build to write none of its files.
    [Fact]
    public async Task BuildsTheSameBytesAndNothingTwice()
    {
        string name = Lab.AnyVariant;
        BuiltVariant here = await Lab.BuiltAsync(name);

        // The first call builds the tool, whatever it asks for.
        ChildResult help = await ScriptAsync("--help");
        Assert.True(help.ExitStatus == 0, help.Output);
        DateTime tool = File.GetLastWriteTimeUtc(_tree.At("iso", "out", "tool", "bootalloc.dll"));

        ChildResult clean = await ScriptAsync("build", "--variant", name);
        Assert.True(clean.ExitStatus == 0, clean.Output);
        Assert.DoesNotContain("nothing changed", clean.Output, StringComparison.Ordinal);
        string kernel = _tree.At(Path.GetRelativePath(Lab.Project.Root, here.Kernel));
        string iso = _tree.At("iso", "out", Path.GetFileName(here.Iso));
        Assert.Equal(await File.ReadAllBytesAsync(here.Kernel), await File.ReadAllBytesAsync(kernel));
        Assert.Equal(await File.ReadAllBytesAsync(here.Iso), await File.ReadAllBytesAsync(iso));
        Dictionary<string, DateTime> written = Written(Path.GetDirectoryName(kernel)!, _tree.At("iso", "out"));

        ChildResult again = await ScriptAsync("build", "--variant", name);
        Assert.True(again.ExitStatus == 0, again.Output);
        Assert.Contains("nothing changed", again.Output, StringComparison.Ordinal);
        Assert.Equal(written, Written(Path.GetDirectoryName(kernel)!, _tree.At("iso", "out")));
        Assert.Equal(tool, File.GetLastWriteTimeUtc(_tree.At("iso", "out", "tool", "bootalloc.dll")));
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

        ChildResult run = await ChildProcess.RunAsync(
            Path.Combine(_tree.Root, "bootalloc"), [], s_limit, CancellationToken.None, environment, "/");

        Assert.Equal(3, run.ExitStatus);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
    }

    private static Dictionary<string, DateTime> Written(params string[] folders)
        => folders.SelectMany(Directory.GetFiles).Where(f => !f.Contains(".lock", StringComparison.Ordinal))
            .ToDictionary(f => f, File.GetLastWriteTimeUtc);

    private Task<ChildResult> ScriptAsync(params string[] arguments)
        => ChildProcess.RunAsync(Path.Combine(_tree.Root, "bootalloc"), arguments, s_limit, CancellationToken.None, folder: "/");
}
