using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// Files that a person names as input. A device or a named pipe is refused, because it may never end or never begin; what the shell passes
/// as <c>/dev/stdin</c> or <c>/dev/fd/N</c> is read. Everything is read up to a limit.
/// </summary>
public static class InputFile
{
    /// <summary>Most bytes of a trace.</summary>
    public const long MostTraceBytes = 64L << 20;

    /// <summary>Most bytes of a table of machines or a scenario.</summary>
    public const long MostTableBytes = 1L << 20;

    /// <summary>Characters of a line of a trace, a table, or a scenario.</summary>
    public const int MostInLine = 16 * 1024;

    private static readonly string[] s_passed = ["/dev/stdin", "/dev/fd/", "/proc/self/fd/"];

    /// <summary>Opens a file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="most">Bytes it may have; reading more is a <see cref="BadInputException"/>.</param>
    /// <exception cref="BadInputException">It cannot be opened, or is no file, or too large.</exception>
    public static Stream Open(string file, long most)
    {
        Check(file);
        try
        {
            FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
            return new InputStream(file, stream, most);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new BadInputException($"{file}: cannot be read: {error.Message}");
        }
    }

    /// <summary>Refuses a device, a pipe, and a folder.</summary>
    public static void Check(string file)
    {
        string? found = FileStatus.Of(file, follow: true)?.Kind switch
        {
            FileKind.Folder => "a folder",
            FileKind.Pipe => "a pipe",
            FileKind.Disk or FileKind.Other => "a device or a socket",
            _ => null,
        };
        if (found != null && (found == "a folder" || !Array.Exists(s_passed, p => file.StartsWith(p, StringComparison.Ordinal))))
        {
            throw new BadInputException($"{file}: expected a file, found {found}");
        }
    }

    /// <summary>The lines of a table or a scenario.</summary>
    /// <exception cref="BadInputException">It cannot be read, or is too large, or has a line that is too long.</exception>
    public static IReadOnlyList<string> Table(string file)
    {
        using StreamReader reader = new(Open(file, MostTableBytes));
        return [.. Lines(file, reader)];
    }

    /// <summary>Lines of bounded length, without their ends (LF or CR LF).</summary>
    /// <exception cref="BadInputException">One is longer than <see cref="MostInLine"/>.</exception>
    public static IEnumerable<string> Lines(string file, TextReader reader)
    {
        char[] buffer = new char[4096];
        StringBuilder line = new();
        int number = 1;
        while (reader.Read(buffer) is > 0 and int count)
        {
            int start = 0;
            while (Array.IndexOf(buffer, '\n', start, count - start) is >= 0 and int end)
            {
                line.Append(buffer, start, end - start);
                yield return Ended(file, number++, line);
                line.Clear();
                start = end + 1;
            }

            line.Append(buffer, start, count - start);
            if (line.Length > MostInLine)
            {
                Ended(file, number, line);
            }
        }

        if (line.Length != 0)
        {
            yield return Ended(file, number, line);
        }
    }

    private static string Ended(string file, int number, StringBuilder line)
    {
        if (line.Length > MostInLine)
        {
            string start = PastedText.Quote(line.ToString(0, MostInLine));
            throw new BadInputException($"{file}:{number}: expected a line of at most {MostInLine} characters, found '{start}'");
        }

        int length = line.Length > 0 && line[^1] == '\r' ? line.Length - 1 : line.Length;
        return line.ToString(0, length);
    }

    // What makes text of a compressed file; null for any other beginning.
    private static string? Program(ReadOnlySpan<byte> start)
        => start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "zcat"
            : start.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) ? "xzcat"
            : start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "zstdcat"
            : start.StartsWith("BZh"u8) ? "bzcat"
            : null;

    private sealed class InputStream(string file, FileStream stream, long most) : Stream
    {
        private long _read;

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
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        /// <inheritdoc/>
        public override int Read(Span<byte> buffer)
        {
            try
            {
                int got = stream.Read(buffer);
                if (_read == 0 && Program(buffer[..got]) is { } program)
                {
                    throw new BadInputException(
                        $"{file}: expected text, found a compressed file; try '{program} FILE | bootalloc ... /dev/stdin'");
                }

                _read += got;
                return _read <= most ? got
                    : throw new BadInputException($"{file}: expected a text of at most {most >> 20} MB, found more");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException($"{file}: cannot be read: {error.Message}");
            }
        }

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
            stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
