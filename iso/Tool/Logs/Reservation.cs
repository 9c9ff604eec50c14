using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>One early reservation as the kernel lists it when it hands over: <c>  #2 [0000100000 - 00001234ff] TEXT DATA BSS</c>.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Name">Its owner.</param>
/// <param name="End">As printed.</param>
public sealed partial record Reservation(string Name, ulong Start, ulong End)
{
    /// <summary>Reads a line; null when it is none of these.</summary>
    public static Reservation? Parse(LogLine line)
    {
        Match match = Row().Match(line.Text);
        return match.Success
            && ulong.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong start)
            && ulong.TryParse(match.Groups[2].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong end)
            ? new Reservation(match.Groups[3].Value.Trim(), start, end)
            : null;
    }

    /// <summary>The slot that its line names; null when the line is none of these.</summary>
    internal static int? Slot(LogLine line)
        => Row().IsMatch(line.Text) && line.Text.AsSpan().TrimStart()[1..] is var text
            && int.TryParse(text[..text.IndexOf(' ')], NumberStyles.None, CultureInfo.InvariantCulture, out int slot) ? slot : null;

    [GeneratedRegex(@"^\s*#\d+ \[([0-9a-f]+) - ([0-9a-f]+)\] *(.*?)(?: +==> \[.*)?$")]
    private static partial Regex Row();
}
