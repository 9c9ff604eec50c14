using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using Microsoft.Win32.SafeHandles;

namespace CosmosBootAlloc.Tool.Media;

/// <summary>Writes an image to a medium, makes sure that it has arrived, and reads it back.</summary>
public static class MediumWriter
{
    private const int ReadWrite = 2;
    private const int Exclusive = 0x80;
    private const int CloseOnExec = 0x80000;
    private const int Busy = 16;
    private const int DontNeed = 4;
    private const int ChunkBytes = 256 * 1024;

    /// <summary>Writes and compares.</summary>
    /// <param name="image">The image's bytes.</param>
    /// <param name="medium">A block device, or a file of at least the image's size, whose other bytes stay.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1: the first half is writing.</param>
    /// <param name="cancel">Ends the work; the medium then holds a part of the image.</param>
    /// <exception cref="FailedException">It cannot be opened or written to, or reads back other bytes.</exception>
    public static async Task WriteAsync(ReadOnlyMemory<byte> image, string medium, Action<double> progress, CancellationToken cancel)
    {
        // Of a block device, this open fails while anything else uses it: a mount, swap, a device built on it.
        SafeFileHandle handle = open(medium, ReadWrite | Exclusive | CloseOnExec);
        if (handle.IsInvalid)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new FailedException(error == Busy ? $"{medium}: it is in use; nothing was written"
                : $"{medium}: cannot be opened for writing: {Marshal.GetPInvokeErrorMessage(error)}; nothing was written");
        }

        using FileStream stream = new(handle, FileAccess.ReadWrite, bufferSize: 0);
        string doing = "written to";
        try
        {
            for (int at = 0; at < image.Length; at += ChunkBytes)
            {
                await stream.WriteAsync(image[at..Math.Min(at + ChunkBytes, image.Length)], cancel);
                progress(0.5 * at / image.Length);
            }

            stream.Flush(flushToDisk: true);

            // Otherwise the comparison would read from memory what was just written.
            _ = posix_fadvise(handle, 0, 0, DontNeed);
            doing = "read back";
            stream.Position = 0;
            byte[] read = new byte[ChunkBytes];
            for (int at = 0; at < image.Length; at += ChunkBytes)
            {
                int count = Math.Min(ChunkBytes, image.Length - at);
                await stream.ReadExactlyAsync(read.AsMemory(0, count), cancel);
                int same = read.AsSpan(0, count).CommonPrefixLength(image.Span.Slice(at, count));
                if (same != count)
                {
                    throw new FailedException(
                        $"{medium}: byte {at + same} reads back wrong: the medium is damaged, or smaller than it says");
                }

                progress(0.5 + (0.5 * at / image.Length));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"{medium}: cannot be {doing}: {error.Message} It does not hold the whole image");
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern SafeFileHandle open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc")]
    private static extern int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);
}
