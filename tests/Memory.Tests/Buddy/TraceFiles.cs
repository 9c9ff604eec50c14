using System;
using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Simulator.Replay;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded traces beside the tests, and what it means to reproduce one.</summary>
internal static class TraceFiles
{
    /// <summary>The traces of a kind by file name, without those that are excused.</summary>
    internal static IEnumerable<object[]> Of(string kind, params string[] excused)
    {
        string[] files = Directory.GetFiles(Folder(kind), "*.trace");
        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files)
        {
            if (Array.IndexOf(excused, Path.GetFileName(file)) < 0)
            {
                yield return [Path.GetFileName(file)];
            }
        }
    }

    /// <summary>Fails unless the replay prints the file back byte for byte.</summary>
    internal static void AssertPrintedBack(string kind, string file)
    {
        string expected = File.ReadAllText(Path.Combine(Folder(kind), file));
        Assert.Equal(expected, Replay(expected, file));
    }

    /// <summary>What the replay makes of a recorded trace.</summary>
    internal static string ReplayGolden(string kind, string file) => Replay(File.ReadAllText(Path.Combine(Folder(kind), file)), file);

    /// <summary>Replays a trace given as text.</summary>
    internal static string Replay(string trace, string name = "test")
    {
        using StringWriter output = new();
        Replayer.Replay(name, new StringReader(trace), output);
        return output.ToString();
    }

    private static string Folder(string kind) => Path.Combine(AppContext.BaseDirectory, "Data", "golden", kind);
}
