using System;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>One line of a boot log.</summary>
/// <param name="Number">From 1, in the file.</param>
/// <param name="Microseconds">The time stamp; null on lines without one.</param>
/// <param name="Text">Without time stamp, line end and terminal control sequences.</param>
/// <param name="Cut">The line has no end: the capture stopped, or the machine was reset in the middle of it.</param>
public sealed partial record LogLine(int Number, ulong? Microseconds, string Text, bool Cut = false)
{
    private const int FractionDigits = 6;

    /// <summary>
    /// Reads a raw line. Never fails: anything but a time stamp is text. What precedes the stamp is noise that the firmware left on the
    /// line.
    /// </summary>
    public static LogLine Parse(int number, string raw)
    {
        string clean = Clean(raw);
        return FindStamp(clean, 0, out _, out int end, out ulong time)
            ? new LogLine(number, time, clean[end..])
            : new LogLine(number, null, clean);
    }

    /// <summary>
    /// Removes terminal control sequences, control characters and the line end. O(length); most lines have none.
    /// </summary>
    public static string Clean(string raw)
    {
        int end = raw.Length;
        while (end > 0 && raw[end - 1] is '\r' or '\n' or '\0')
        {
            end--;
        }

        ReadOnlySpan<char> text = raw.AsSpan(0, end);
        return text.ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f') ? ControlSequence().Replace(raw[..end], "")
            : end == raw.Length ? raw
            : raw[..end];
    }

    /// <summary>Finds the next time stamp, <c>[%5d.%06d]</c> and a space if there is one.</summary>
    /// <param name="text">A clean line.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="start">Its first character.</param>
    /// <param name="end">After its last character.</param>
    /// <param name="microseconds">Its value.</param>
    public static bool FindStamp(string text, int from, out int start, out int end, out ulong microseconds)
    {
        for (start = text.IndexOf('[', from); start >= 0; start = text.IndexOf('[', start + 1))
        {
            int at = start + 1;
            while (at < text.Length && text[at] == ' ')
            {
                at++;
            }

            if (!Digits(text, ref at, 15, out ulong seconds) || at == text.Length || text[at++] != '.')
            {
                continue;
            }

            int fraction = at;
            if (Digits(text, ref at, FractionDigits, out ulong micro) && at - fraction == FractionDigits && at < text.Length
                && text[at] == ']')
            {
                end = at + 1 < text.Length && text[at + 1] == ' ' ? at + 2 : at + 1;
                microseconds = (seconds * 1_000_000) + micro;
                return true;
            }
        }

        end = 0;
        microseconds = 0;
        return false;
    }

    /// <summary>
    /// A line without what a log daemon, <c>dmesg -r</c>, <c>dmesg -T</c>, or the kernel's option to print callers put before it.
    /// </summary>
    public static string WithoutPrefix(string text)
        => text.Length > 2 && (text[0] is '<' or '[' || text.Contains(" kernel: ", StringComparison.Ordinal))
            ? Prefix().Replace(text, "")
            : text;

    private static bool Digits(string text, ref int at, int most, out ulong value)
    {
        int start = at;
        value = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            if (at - start == most)
            {
                return false;
            }

            value = (value * 10) + (ulong)(text[at++] - '0');
        }

        return at > start;
    }

    [GeneratedRegex(@"^(?:<\d{1,2}>)?(?:\[\w{3} \w{3} +\d{1,2} \d\d:\d\d:\d\d \d{4}\] "
        + @"|(?:\w{3} +\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) \S+ kernel: )?(?:\[ *[TC]\d{1,7}\] )?")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")]
    private static partial Regex ControlSequence();
}
