using System;
using System.IO;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>A folder that is deleted with its object.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Its path. Short, because the path of a socket in it is limited to about a hundred characters.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("bootalloc-").FullName;

    /// <summary>The path of a file in it.</summary>
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
            // A child that is still ending may be writing there; the system's own cleanup takes what is left.
        }
    }
}
