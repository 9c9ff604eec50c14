using System;
using System.Globalization;
using System.Text;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// A value that our log writes between quotes: a backslash takes the next character as it is, and <c>\x1b</c> is a byte in hexadecimal.
/// </summary>
public static class QuotedValue
{
    /// <summary>Reads up to the closing quote; a value without one reaches to the end of the text.</summary>
    /// <param name="text">The line.</param>
    /// <param name="at">First character of the value; moved to its closing quote, or to the end.</param>
    public static string Read(string text, ref int at)
    {
        StringBuilder value = new();
        while (at < text.Length && text[at] != '"')
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                value.Append(text[at++]);
            }
            else if (text[at + 1] == 'x' && at + 4 <= text.Length
                && byte.TryParse(text.AsSpan(at + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte code))
            {
                value.Append((char)code);
                at += 4;
            }
            else
            {
                value.Append(text[at + 1]);
                at += 2;
            }
        }

        return value.ToString();
    }
}
