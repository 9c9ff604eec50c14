using System;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Files;
using Microsoft.Win32.SafeHandles;

namespace CosmosBootAlloc.Tool.Processes;

/// <summary>
/// A line to a child that wants to open a terminal as its serial port: this program has one end, the child opens the other by name. Only
/// this user's programs can open it, and nothing listens on a port.
/// </summary>
public sealed class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const int LongestName = 64;

    private readonly SafeFileHandle _end;

    /// <summary>Makes one.</summary>
    /// <exception cref="IOException">The system has none to give.</exception>
    public PseudoTerminal()
    {
        int end = posix_openpt(ReadWrite | NoControllingTerminal | CloseOnExec);
        if (end < 0)
        {
            throw Error();
        }

        _end = new SafeFileHandle(end, ownsHandle: true);
        byte[] name = new byte[LongestName];
        if (grantpt(end) != 0 || unlockpt(end) != 0 || ptsname_r(end, name, name.Length) != 0)
        {
            _end.Dispose();
            throw Error();
        }

        Name = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        Input = new FileStream(_end, FileAccess.Write, bufferSize: 0);
    }

    /// <summary>The child's end, such as /dev/pts/3.</summary>
    public string Name { get; }

    /// <summary>The child reads what is written here.</summary>
    public Stream Input { get; }

    /// <summary>
    /// Copies what the child writes to a file until the child has ended, on a thread that does nothing else: a terminal holds only a few
    /// thousand bytes, and a child that does not wait would lose the rest.
    /// </summary>
    /// <param name="file">The file; made here.</param>
    /// <param name="child">The child that opens the other end.</param>
    /// <returns>What was copied, as it arrives.</returns>
    public Stream CopyTo(string file, ChildProcess child)
    {
        FileStream copy = new(file, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Thread thread = new(() => Copy(copy)) { IsBackground = true, Name = "pseudo-terminal" };
        thread.Start();
        _ = HangUpAsync(child);
        return new GrowingFile(file, () => !thread.IsAlive);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Input.Dispose();
        _end.Dispose();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int posix_openpt(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int grantpt(int end);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlockpt(int end);

    [DllImport("libc", SetLastError = true)]
    private static extern int ptsname_r(int end, byte[] name, nint bytes);

    [DllImport("libc", SetLastError = true)]
    private static extern int open(string file, int flags);

    private static IOException Error()
        => new("pseudo-terminal: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);

    private void Copy(FileStream copy)
    {
        bool held = false;
        byte[] buffer = new byte[4096];
        try
        {
            // This end stays open until the last byte is copied, whoever disposes of it meanwhile.
            _end.DangerousAddRef(ref held);
            using FileStream from = new(new SafeFileHandle(_end.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
            while (from.Read(buffer) is > 0 and int count)
            {
                copy.Write(buffer.AsSpan(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Nobody has the other end open any more: the child has ended.
        }
        finally
        {
            copy.Dispose();
            if (held)
            {
                _end.DangerousRelease();
            }
        }
    }

    // A read at this end waits for ever unless the other end was open once. A child that ends early never opened it.
    private async Task HangUpAsync(ChildProcess child)
    {
        await child.EndedAsync(CancellationToken.None);
        using SafeFileHandle other = new(open(Name, ReadWrite | NoControllingTerminal | CloseOnExec), ownsHandle: true);
    }
}
