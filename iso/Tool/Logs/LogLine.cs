using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>One line of a boot log.</summary>
/// <param name="Number">From 1, in the file.</param>
/// <param name="Microseconds">The time stamp; null on lines without one.</param>
/// <param name="Text">Without time stamp, line end and terminal control sequences.</param>
public sealed partial record LogLine(int Number, ulong? Microseconds, string Text)
{
    /// <summary>Reads a raw line. Never fails: what is no time stamp is text.</summary>
    public static LogLine Parse(int number, string raw)
    {
        string clean = ControlSequence().Replace(raw, "").TrimEnd('\r', '\n', '\0');
        Match match = Stamp().Match(clean);
        if (!match.Success
            || !ulong.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seconds)
            || seconds > ulong.MaxValue / 1_000_000 - 1)
        {
            return new LogLine(number, null, clean);
        }

        ulong micro = ulong.Parse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return new LogLine(number, seconds * 1_000_000 + micro, clean[(match.Index + match.Length)..]);
    }

    // What stands before the stamp is noise: what the firmware left on the line.
    [GeneratedRegex(@"\[ *(\d+)\.(\d{6})\] ?")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")]
    private static partial Regex ControlSequence();
}
