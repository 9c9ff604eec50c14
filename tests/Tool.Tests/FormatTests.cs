using System.Diagnostics;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>
/// White space as .editorconfig has it. (Its style rules are errors of every build, and lengths have a test beside the arrows.)
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
}
