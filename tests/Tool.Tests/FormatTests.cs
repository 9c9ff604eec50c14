using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>
/// White space and, for the kernel, style as .editorconfig has them. (Its style rules are errors of every other project's build, and
/// lengths have a test beside the arrows.)
/// </summary>
public sealed class FormatTests
{
    [Fact]
    public async Task DotnetFormatHasNothingToChange()
    {
        ProcessStartInfo start = new("dotnet", ["format", "whitespace", "--folder", SourceRules.Root(), "--verify-no-changes"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using Process format = Process.Start(start)!;
        format.StandardInput.Close();
        Task<string> errors = format.StandardError.ReadToEndAsync();
        string output = await format.StandardOutput.ReadToEndAsync();
        await format.WaitForExitAsync();
        Assert.True(format.ExitCode == 0, output + await errors);
    }

    // The tool builds kernels without these rules: they take as long as the compiler itself. It may be about to do it.
    [Fact]
    public async Task TheKernelKeepsTheRulesOfStyle()
    {
        string project = Path.Combine(SourceRules.Root(), "CosmosKernel", "NativeAot", "CosmosKernel.NativeAot.csproj");
        using FolderLock alone = await FolderLock.TakeAsync(
            Path.Combine(SourceRules.Root(), "iso", "out", "build.lock"), CancellationToken.None);
        ChildResult run = await Dotnet.RunAsync(
            ["build", project, "-t:Compile", "-p:CheckStyle=true", "-v", "quiet", "-nodeReuse:false"], TimeSpan.FromMinutes(20),
            CancellationToken.None);
        Assert.True(run.ExitStatus == 0, run.Output);
    }
}
