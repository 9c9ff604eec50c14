using System.Globalization;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.KernelLogs;

/// <summary>
/// One early reservation as the kernel lists it when it hands over: <c>  #2 [0000100000 - 00001234ff] TEXT DATA BSS</c>, with
/// <c>==> [START - END]</c> behind it if it went to bootmem.
/// </summary>
/// <param name="Name">Its owner.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">As printed; Linux prints the end, exclusive.</param>
public sealed record Reservation(string Name, ulong Start, ulong End)
{
    /// <summary>The line is a row of the list, good or bad.</summary>
    internal static bool IsRow(string text) => s_mark.IsMatch(text);

    /// <summary>Reads a row.</summary>
    /// <param name="text">A line without what printk puts before it.</param>
    /// <param name="slot">The slot that it names.</param>
    /// <returns>Null when it cannot be read.</returns>
    internal static Reservation? Parse(string text, out int slot)
    {
        Match row = s_row.Match(text);
        slot = row.Success ? int.Parse(row.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : -1;
        return row.Success
            ? new Reservation(row.Groups[4].Value, RowForm.Hexadecimal(row.Groups[2].Value), RowForm.Hexadecimal(row.Groups[3].Value))
            : null;
    }

    private static readonly Regex s_mark = new(@"^\s*#[0-9]+ ");

    private static readonly Regex s_row = new(@"^\s*#([0-9]{1,5}) \[([0-9a-f]{1,16}) - ([0-9a-f]{1,16})\]\s+(\S.*?)"
        + @"(?: +==> \[[0-9a-f]{1,16} - [0-9a-f]{1,16}\])?\s*$");
}
