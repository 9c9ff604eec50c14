using System;
using System.IO;
using CosmosBootAlloc.Tests.Shared;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>A folder for a test, with a space in its name, gone afterwards.</summary>
internal sealed class TemporaryTree : IDisposable
{
    internal string Root { get; } = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"bootalloc tests {Guid.NewGuid():N}")).FullName;

    /// <summary>Writes a file, its folders made.</summary>
    internal string Write(string name, string text)
    {
        string file = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>Writes a program for /bin/sh.</summary>
    internal string WriteProgram(string name, string body)
    {
        string file = Write(name, "");
        OwnProcesses.WriteProgram(file, body);
        return file;
    }

    public void Dispose() => OwnProcesses.Delete(Root);
}
