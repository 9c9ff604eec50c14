using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// Text as people paste it: any encoding, line end, color, or white space, and whatever mailers and web pages make of a hyphen. What comes
/// out is plain lines. Reading is bounded, so that a device or a pipe that never ends is refused.
/// </summary>
public static class PastedText
{
    /// <summary>Most bytes of a file.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Characters of a line that an error message quotes.</summary>
    public const int MostQuoted = 120;

    private const int SampleBytes = 4096;

    // A control sequence begins with ESC, or with what a pager or an editor shows in its place.
    private const string Escape = @"(?:\x1b|\bESC|\^\[|\\x1[bB]|\\033|\\e|\u241b)";

    private static readonly System.Buffers.SearchValues<char> s_ends = System.Buffers.SearchValues.Create("\n\r\v\f\x85\u2028\u2029");

    /// <summary>The text of a file.</summary>
    /// <exception cref="BadInputException">
    /// It cannot be read, is a device or a named pipe, or is larger than <see cref="MostBytes"/>.
    /// </exception>
    public static string Load(string file)
    {
        using Stream stream = InputFile.Open(file, MostBytes);
        using MemoryStream kept = new();
        stream.CopyTo(kept);
        return Decode(kept.GetBuffer().AsSpan(0, (int)kept.Length));
    }

    /// <summary>Text from bytes: by byte order mark; UTF-16 without one; UTF-8; and Latin-1, which any bytes are.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]))
        {
            return Encoding.UTF8.GetString(bytes[3..]);
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]))
        {
            return Encoding.Unicode.GetString(bytes[2..]);
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
        {
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        }

        if (WithoutMark(bytes) is { } wide)
        {
            return wide.GetString(bytes);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>
    /// The lines of a text, cleaned; CR LF, LF, CR and Unicode's separators end a line. Empty lines stay, so that indices are line numbers.
    /// </summary>
    public static List<string> Lines(string text)
    {
        List<string> lines = [];
        int start = 0;
        while (start < text.Length)
        {
            int length = text.AsSpan(start).IndexOfAny(s_ends);
            int end = length < 0 ? text.Length : start + length;
            lines.Add(Clean(text[start..end]));
            start = end < text.Length && text[end] == '\r' ? SkipFeed(text, end) : end + 1;
        }

        return lines;
    }

    /// <summary>
    /// A line without terminal control sequences (as bytes, or as a pager spells them: <c>ESC[32m</c>, <c>^[[32m</c>) and without control
    /// and invisible characters; every white space is a blank, every hyphen and dash a '-'.
    /// </summary>
    public static string Clean(string line)
    {
        line = s_controlSequence.Replace(line, "");
        StringBuilder? clean = null;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            char plain = c is >= ' ' and < '\x7f' ? c : Plain(c);
            if ((plain != c || plain == '\0') && clean == null)
            {
                clean = new StringBuilder(line.Length).Append(line, 0, i);
            }

            if (plain != '\0')
            {
                clean?.Append(plain);
            }
        }

        return (clean?.ToString() ?? line).TrimEnd();
    }

    /// <summary>The beginning of a line for an error message: no control characters, at most <see cref="MostQuoted"/> characters.</summary>
    public static string Quote(string line)
    {
        string clean = Clean(line.Length > 4 * MostQuoted ? line[..(4 * MostQuoted)] : line).Trim();
        return clean.Length <= MostQuoted ? clean : clean[..MostQuoted] + "...";
    }

    // A serial console may send CR CR LF.
    private static int SkipFeed(string text, int end)
    {
        while (end < text.Length && text[end] == '\r')
        {
            end++;
        }

        return end < text.Length && text[end] == '\n' ? end + 1 : end;
    }

    // '\0' for nothing.
    private static char Plain(char c) => c switch
    {
        '\t' => ' ',
        < ' ' or '\x7f' or (>= '\x80' and < '\xa0') => '\0',
        '\xad' or '\ufeff' or '\ufffd' => '\0',
        (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2060' and <= '\u2064') => '\0',
        (>= '\u2010' and <= '\u2015') or '\u2212' or '\ufe58' or '\ufe63' or '\uff0d' => '-',
        '\u201c' or '\u201d' => '"',
        '\u2018' or '\u2019' => '\'',
        _ => char.IsWhiteSpace(c) ? ' ' : c,
    };

    // Of plain text in UTF-16 every other byte is zero, always on the same side.
    private static Encoding? WithoutMark(ReadOnlySpan<byte> bytes)
    {
        int even = 0;
        int odd = 0;
        int sample = Math.Min(bytes.Length, SampleBytes) & ~1;
        for (int i = 0; i < sample; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }

        int pairs = sample / 2;
        return pairs < 8 ? null
            : odd > pairs * 3 / 4 && even < pairs / 4 ? Encoding.Unicode
            : even > pairs * 3 / 4 && odd < pairs / 4 ? Encoding.BigEndianUnicode
            : null;
    }

    private static readonly Regex s_controlSequence = new(
        Escape + @"(?:\[[0-9;:?=]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9])|\x9b[0-9;:?=]*[A-Za-z]");
}
