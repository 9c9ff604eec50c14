using System;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>One line of a boot log.</summary>
/// <param name="Number">From 1, in the file.</param>
/// <param name="Microseconds">The time stamp; null on lines without one.</param>
/// <param name="Text">Without time stamp, line end and terminal control sequences.</param>
/// <param name="Cut">The line has no end: the capture stopped, or the machine was reset in the middle of it.</param>
public sealed record LogLine(int Number, ulong? Microseconds, string Text, bool Cut = false)
{
    /// <summary>
    /// Reads a raw line. Never fails: anything but a time stamp is text. What precedes the stamp is noise that the firmware left on the
    /// line.
    /// </summary>
    public static LogLine Parse(int number, string raw)
    {
        string clean = Clean(raw);
        return PrintkLine.FindStamp(clean, 0, out _, out int end, out ulong time)
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
        return text.ContainsAnyInRange('\0', '\x1f') || text.Contains('\x7f') ? s_controlSequence.Replace(raw[..end], "")
            : end == raw.Length ? raw
            : raw[..end];
    }

    private static readonly Regex s_controlSequence = new(@"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]");
}
