using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>One builder at a time in a work tree, whatever process it lives in. Ends with the process that holds it.</summary>
public sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _file;

    private FolderLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Waits until the lock file is ours.</summary>
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
