using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>Reads a file that another process is writing, until that process has ended and everything has been read.</summary>
/// <param name="path">May not exist yet.</param>
/// <param name="writerEnded">Whether the writer has ended.</param>
public sealed class GrowingFile(string path, Func<bool> writerEnded) : Stream
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(10);

    private FileStream? _file;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            bool last = writerEnded();
            if (_file == null && File.Exists(path))
            {
                _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            }

            int count = _file == null ? 0 : await _file.ReadAsync(buffer, cancellationToken);
            if (count != 0 || last)
            {
                return count;
            }

            await Task.Delay(s_poll, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
        => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _file?.Dispose();
        base.Dispose(disposing);
    }
}
