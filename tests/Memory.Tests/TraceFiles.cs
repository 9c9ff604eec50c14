using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator.Replay;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded traces beside the tests, and how they are replayed.</summary>
internal static class TraceFiles
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Data", "golden");

    /// <summary>Every recorded trace: its kind (the folder) and its file name.</summary>
    internal static IEnumerable<(string Kind, string File)> All()
    {
        foreach (string folder in Directory.GetDirectories(s_folder).Order(StringComparer.Ordinal))
        {
            foreach (string file in Directory.GetFiles(folder, "*.trace").Order(StringComparer.Ordinal))
            {
                yield return (Path.GetFileName(folder), Path.GetFileName(file));
            }
        }
    }

    /// <summary>The text of a recorded trace.</summary>
    internal static string Read(string kind, string file) => File.ReadAllText(Path.Combine(s_folder, kind, file), Encoding.Latin1);

    /// <summary>Performs a trace; returns it with the results obtained.</summary>
    internal static string Replay(string trace, string name = "test")
    {
        using StringReader input = new(trace);
        using StringWriter output = new();
        Replayer.Replay(name, input, output);
        return output.ToString();
    }

    /// <summary>Asserts that a trace, written without its header, gives exactly the results it states.</summary>
    internal static void AssertTrace(string kind, string body)
    {
        string trace = $"trace {kind} 1\n{body.ReplaceLineEndings("\n").TrimEnd('\n')}\n";
        Assert.Equal(trace, Replay(trace));
    }
}
