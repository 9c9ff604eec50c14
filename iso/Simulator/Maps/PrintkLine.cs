using System;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// What stands before the text of a kernel's line: the time stamp of printk, its level and caller, and what daemons and <c>dmesg</c> add.
/// </summary>
public static class PrintkLine
{
    private const int FractionDigits = 6;

    /// <summary>A clean line without all of that. What precedes the stamp is noise, or a quoting mailer's.</summary>
    public static string Text(string line) => WithoutPrefix(FindStamp(line, 0, out _, out int end, out _) ? line[end..] : line);

    /// <summary>The line has a time stamp.</summary>
    internal static bool IsStamped(string line) => FindStamp(line, 0, out _, out _, out _);

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
    /// A line without what a log daemon, <c>journalctl</c>, <c>dmesg</c> with any option, or the kernel's option to print callers put
    /// before it.
    /// </summary>
    public static string WithoutPrefix(string text)
        => text.Length > 2 && (text[0] is '<' or '[' || char.IsAsciiDigit(text[0]) || text.StartsWith("kern ", StringComparison.Ordinal)
            || text.Contains(" kernel", StringComparison.Ordinal))
            ? s_prefix.Replace(text, "")
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

    private const string Time = @"\d\d:\d\d:\d\d";

    // [Thu Nov 26 17:02:09 2026], [Nov26 17:02], [  +0.000004], [    0.000000 <    0.000000>]
    private const string Brackets = @"\[(?:\w{3} \w{3} +\d{1,2} " + Time + @" \d{4}|\w{3}\d{1,2} \d\d:\d\d| *\+\d{1,10}\.\d{6}"
        + @"| *\d{1,10}\.\d{6} <[^>]{1,20}>)\] ";

    // Nov 26 17:02:09, June 19 18:06:35.123456, Thu 2026-11-26 17:02:09 UTC, 2026-11-26T17:02:09+01:00
    private const string Date = @"(?:\w{3} )?(?:\w{3,9} +\d{1,2} " + Time + @"(?:\.\d{1,6})?|\d{4}-\d\d-\d\d[T ]" + Time
        + @"\S*(?: [A-Z]{3,5})?) ";

    private static readonly Regex s_prefix = new(
        @"^(?:<\d{1,3}>)?(?:kern *:\w{3,7} *: )?(?:" + Brackets + "|(?:" + Date + @")?\S+ kernel(?:\[\d{1,7}\])?: "
        + @"|\d{4}-\d\d-\d\dT" + Time + @"\S* )?(?:\[ *[TC]\d{1,7}\] )?");
}
