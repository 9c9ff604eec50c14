using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>A line as it stands in a file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Without the line feed; at most <see cref="LineSource.MostBytes"/> characters.</param>
/// <param name="Ended">False for a last line without a line feed.</param>
public readonly record struct RawLine(int Number, string Text, bool Ended);

/// <summary>
/// The lines of a file of any size, read once from front to back, with a buffer of a fixed size. Bytes are taken as Latin-1: whatever a
/// serial line brings is some character.
/// </summary>
public static class LineSource
{
    /// <summary>Characters kept of a line; a capture with longer ones is not text there.</summary>
    public const int MostBytes = 16 * 1024;

    private const int BufferBytes = 256 * 1024;

    /// <summary>Reads the lines.</summary>
    public static IEnumerable<RawLine> Read(Stream stream)
    {
        byte[] buffer = new byte[BufferBytes];
        int held = 0;
        int number = 0;
        bool dropping = false;
        while (true)
        {
            int got = stream.Read(buffer, held, buffer.Length - held);
            int end = held + got;
            int at = 0;
            int feed;
            while ((feed = Array.IndexOf(buffer, (byte)'\n', at, end - at)) >= 0)
            {
                if (!dropping)
                {
                    yield return new RawLine(++number, Text(buffer, at, feed), true);
                }

                dropping = false;
                at = feed + 1;
            }

            if (got == 0)
            {
                if (end > at && !dropping)
                {
                    yield return new RawLine(++number, Text(buffer, at, end), false);
                }

                yield break;
            }

            held = end - at;
            if (held >= MostBytes || dropping)
            {
                // A line that is too long: its beginning counts, the rest is passed over.
                if (!dropping)
                {
                    yield return new RawLine(++number, Text(buffer, at, end), true);
                }

                dropping = true;
                held = 0;
            }
            else
            {
                Buffer.BlockCopy(buffer, at, buffer, 0, held);
            }
        }
    }

    /// <summary>The lines of a text.</summary>
    public static IEnumerable<RawLine> Read(string text)
    {
        int number = 0;
        for (int at = 0; at < text.Length;)
        {
            int feed = text.IndexOf('\n', at);
            int end = feed < 0 ? text.Length : feed;
            yield return new RawLine(++number, text[at..Math.Min(end, at + MostBytes)], feed >= 0);
            at = end + 1;
        }
    }

    private static string Text(byte[] buffer, int start, int end)
        => Encoding.Latin1.GetString(buffer, start, Math.Min(end - start, MostBytes));
}
