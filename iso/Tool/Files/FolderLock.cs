using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>One builder at a time in a work tree, across processes. Released when the process that holds it ends.</summary>
public sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private FolderLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Waits until this process holds the lock file.</summary>
    public static async Task<FolderLock> TakeAsync(string file, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        for (;;)
        {
            try
            {
                return new FolderLock(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(file))
            {
                await Task.Delay(s_retry, cancel);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
