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

    /// <summary>Runs it with an empty standard input and no display.</summary>
    internal static Task<CommandRun> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <summary>The same, for output of so many columns.</summary>
    internal static Task<CommandRun> RunAtWidthAsync(int columns, params string[] arguments) => RunAsync(columns, arguments);

    private static async Task<CommandRun> RunAsync(int? columns, string[] arguments)
    {
        Dictionary<string, string> environment = new()
        {
            ["BOOTALLOC_NO_INSTALL"] = "1",
            ["DISPLAY"] = "",
            ["WAYLAND_DISPLAY"] = "",
        };
        if (columns is { } width)
        {
            environment["COLUMNS"] = width.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        using ChildProcess child = ChildProcess.Start(
            Dotnet.Program,
            [Program, .. arguments],
            TimeSpan.FromMinutes(10),
            environment: environment);
        child.Input.Close();
        using StreamReader output = new(child.Output);
        Task<string> text = output.ReadToEndAsync();
        Task<string> error = child.Error.ReadToEndAsync();
        Assert.True(await child.WaitAsync(TimeSpan.FromMinutes(10), CancellationToken.None), "no end");
        child.Kill();
        return new CommandRun(child.ExitStatus, await text, await error);
    }
}
