using System;
using System.IO;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>A folder that goes with its object.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Its path. Short, because sockets in it have room for a hundred characters only.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("bootalloc-").FullName;

    /// <summary>A file name in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A child that is just ending may still write there; the system's own cleaning takes what is left.
        }
    }
}
