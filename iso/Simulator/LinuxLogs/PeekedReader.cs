using System;
using System.IO;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>A text whose beginning can be looked at before it is read; a pipe cannot be read twice.</summary>
/// <param name="reader">The text.</param>
public sealed class PeekedReader(TextReader reader) : TextReader
{
    private const int Most = 64 * 1024;

    private readonly char[] _kept = new char[Most];
    private int _count;
    private int _at;

    /// <summary>The first 64 Ki characters, or all if there are fewer; called before anything is read.</summary>
    public string Beginning()
    {
        _count = reader.ReadBlock(_kept);
        return new string(_kept, 0, _count);
    }

    /// <inheritdoc/>
    public override int Peek() => _at < _count ? _kept[_at] : reader.Peek();

    /// <inheritdoc/>
    public override int Read() => _at < _count ? _kept[_at++] : reader.Read();

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        if (_at == _count)
        {
            return reader.Read(buffer);
        }

        int count = Math.Min(buffer.Length, _count - _at);
        _kept.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
