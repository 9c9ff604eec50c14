using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
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

    // The tool builds kernels without these rules: they take as long as the compiler itself.
    [Fact]
    public async Task TheKernelKeepsTheRulesOfStyle()
    {
        string project = Path.Combine(SourceRules.Root(), "CosmosKernel", "NativeAot", "CosmosKernel.NativeAot.csproj");
        ChildResult run = await Dotnet.RunAsync(
            ["build", project, "-t:Compile", "-p:CheckStyle=true", "-v", "quiet", "-nodeReuse:false"], TimeSpan.FromMinutes(10),
            CancellationToken.None);
        Assert.True(run.ExitStatus == 0, run.Output);
    }
}
