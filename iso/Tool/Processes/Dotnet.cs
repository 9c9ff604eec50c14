using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Processes;

/// <summary>The .NET SDK that runs this program, as a child that leaves no build server behind.</summary>
public static class Dotnet
{
    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
        ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["MSBUILDTERMINALLOGGER"] = "off",
        ["UseSharedCompilation"] = "false",

        // A build is over before profiled code would pay: a tenth of its time.
        ["DOTNET_TieredPGO"] = "0",
    };

    /// <summary>The dotnet program.</summary>
    public static string Program
    {
        get
        {
            string? host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH");
            return !string.IsNullOrEmpty(host) && File.Exists(host) ? host : Environment.ProcessPath!;
        }
    }

    /// <summary>
    /// Arguments of a build that runs the compiler more than once: in one process, quicker each time. It has a name of its own, so no
    /// other build finds it, and it ends with the child's process group.
    /// </summary>
    public static IReadOnlyList<string> OneCompiler()
        => ["-p:UseSharedCompilation=true", $"-p:SharedCompilationId=bootalloc-{Guid.NewGuid():N}"];

    /// <summary>Runs it to its end.</summary>
    public static Task<ChildResult> RunAsync(
        IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancel, Action<string>? line = null)
        => ChildProcess.RunAsync(Program, arguments, limit, cancel, s_environment, line: line);
}
