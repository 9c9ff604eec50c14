using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The program as people call it, and what it printed.</summary>
internal sealed record CommandRun(int Status, string Output, string Error)
{
    /// <summary>The program's file.</summary>
    internal static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "bootalloc.dll");

    /// <summary>Runs it with an empty standard input.</summary>
    internal static async Task<CommandRun> RunAsync(params string[] arguments)
    {
        using ChildProcess child = ChildProcess.Start(
            Dotnet.Program,
            [Program, .. arguments],
            TimeSpan.FromMinutes(2),
            environment: new Dictionary<string, string> { ["BOOTALLOC_NO_INSTALL"] = "1" });
        child.Input.Close();
        using StreamReader output = new(child.Output);
        Task<string> text = output.ReadToEndAsync();
        Task<string> error = child.Error.ReadToEndAsync();
        Assert.True(await child.WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None), "no end");
        child.Kill();
        return new CommandRun(child.ExitStatus, await text, await error);
    }
}
