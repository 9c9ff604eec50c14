using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>
/// One builder at a time in a work tree, across processes: a locked file that holds the process id of its owner. Released when that
/// process ends.
/// </summary>
public sealed class FolderLock : IDisposable
{
    // .NET's code on Linux for a file that another process has locked: EWOULDBLOCK.
    private const int SharingViolation = 11;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly FileStream _file;

    private FolderLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Waits until this process holds the lock file.</summary>
    /// <param name="file">The lock file; it stays when the lock is released.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="say">Receives one line when another process holds the lock for some time; null for standard error.</param>
    /// <exception cref="FailedException">The file cannot be written, as in a read-only checkout.</exception>
    public static async Task<FolderLock> TakeAsync(string file, CancellationToken cancel, Action<string>? say = null)
    {
        long start = Environment.TickCount64;
        bool said = false;
        while (true)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                FileStream stream = new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
                File.WriteAllText(OwnerFile(file), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return new FolderLock(stream);
            }
            catch (IOException error) when (error.HResult == SharingViolation)
            {
                if (!said && Environment.TickCount64 - start > s_patience.TotalMilliseconds)
                {
                    said = true;
                    (say ?? Console.Error.WriteLine)($"waiting for another build (pid {Owner(file)})");
                }

                await Task.Delay(s_retry, cancel);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new FailedException($"{file}: cannot be written: {error.Message}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // A file of its own, because the lock file cannot be read while it is locked.
    private static string OwnerFile(string file) => file + ".pid";

    private static string Owner(string file)
    {
        try
        {
            return File.ReadAllText(OwnerFile(file)).Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
