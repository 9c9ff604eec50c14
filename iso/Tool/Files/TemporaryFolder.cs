using System;
using System.IO;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>
/// A folder that is deleted with its object; if this process is killed before, by the next one that makes such a folder. Its owner holds a
/// lock on a file in it, so a folder whose lock is free belongs to nobody.
/// </summary>
public sealed class TemporaryFolder : IDisposable
{
    private const string Prefix = "bootalloc-";
    private const string OwnerName = ".owner";

    private static readonly Lazy<bool> s_cleaned = new(() =>
    {
        Clean();
        return true;
    });

    private readonly FileStream _owner;

    /// <summary>Makes the folder.</summary>
    public TemporaryFolder()
    {
        _ = s_cleaned.Value;
        Path = Directory.CreateTempSubdirectory(Prefix).FullName;

        // Locked before it has its name: whoever cleans meanwhile sees a folder without an owner file, and leaves it alone.
        _owner = new FileStream(File(OwnerName + ".new"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        System.IO.File.Move(_owner.Name, File(OwnerName));
    }

    /// <summary>Its path. Short, because the path of a socket in it is limited to about a hundred characters.</summary>
    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        Delete(Path);
        _owner.Dispose();
    }

    /// <summary>Deletes what killed processes of this user have left. Each process does it once, with its first folder.</summary>
    public static void Clean()
    {
        foreach (string folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            string owner = System.IO.Path.Combine(folder, OwnerName);
            try
            {
                if (FileStatus.Of(folder) is { Kind: FileKind.Folder, IsOwn: true } && FileStatus.Of(owner)?.Kind == FileKind.File)
                {
                    using FileStream free = new(owner, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
                    Delete(folder);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Its owner is still there, or has just deleted it.
            }
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A child that is still ending may be writing there; the system's own cleanup takes what is left.
        }
    }
}
