using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>What a real Linux boot log says of its machine: the map with its options, and who had which memory at the hand-over.</summary>
public sealed partial class LinuxBootLog
{
    // printk keeps 1,024 bytes of a line: of a longer command line the rest is not in the log.
    private const int LongestLine = 1000;

    private LinuxBootLog(string file, FirmwareMap map)
    {
        File = file;
        Map = map;
    }

    /// <summary>Its name, for messages.</summary>
    public string File { get; }

    /// <summary>The firmware's map with the options of the command line, or the map after them if the line is cut in the log.</summary>
    public FirmwareMap Map { get; private set; }

    /// <summary>Linux's version as the log spells it; empty when it does not say.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The early reservations in the order of their listing, bytes, half-open.</summary>
    public List<LoggedRange> Reservations { get; } = [];

    /// <summary>The lines of that listing, its heading first, without time stamps; empty for a dump of memblock.</summary>
    public List<string> Listing { get; } = [];

    /// <summary>The variant that models this Linux.</summary>
    public string Variant { get; private set; } = "";

    /// <summary>Kilobytes that the line <c>Memory:</c> calls available; null when the boot did not get there.</summary>
    public ulong? AvailableKilobytes { get; private set; }

    /// <summary>Linux lost ranges at the hand-over: its scratch list was full.</summary>
    public bool ScratchListFull { get; private set; }

    /// <summary>Reads a log; of several boots the last one counts, as for its map.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="BadInputException">It cannot be read, or lists no early reservations; a line of them is damaged.</exception>
    public static LinuxBootLog Load(string file) => Read(file, PastedText.Load(file));

    /// <summary>Reads a log from a text.</summary>
    public static LinuxBootLog Read(string file, string text)
    {
        LinuxBootLog log = new(file, MapReader.Read(file, text));
        List<string> lines = PastedText.Lines(text);
        int start = Math.Max(0, lines.FindLastIndex(l => VersionLine().IsMatch(l)));
        int end = lines.FindIndex(start, l => MemoryLine().IsMatch(l));
        List<FirmwareEntry> user = [];
        bool cut = false;
        for (int i = start; i < (end < 0 ? lines.Count : end + 1); i++)
        {
            string line = Unstamped(lines[i]);
            cut |= line.Contains("ommand line: ", StringComparison.Ordinal) && line.Length >= LongestLine;
            log.Take(i + 1, line, user);
        }

        if (log.Reservations.Count == 0 && lines.Exists(l => l.Contains(MemblockLog.DumpMark, StringComparison.Ordinal)))
        {
            log.TakeDump(MemblockLog.Read(file, text));
        }

        if (log.Reservations.Count == 0)
        {
            throw new BadInputException($"{file}:{lines.Count}: expected the early reservations of a Linux 2.6.34 ('Subtract (N early "
                + "reservations)' or '(N/N early reservations) ==> bootmem') or the dump of a later one with memblock=debug, found none");
        }

        if (cut && user.Count != 0)
        {
            log.Map = log.Map.With(user, $"{user.Count} rows after the options, which are cut in the log");
        }

        return log;
    }

    // The rows of a listing begin with two blanks; one more stands after a stamp.
    private static string Unstamped(string line)
    {
        Match stamp = MapReader.Stamp().Match(line);
        string rest = stamp.Success ? line[(stamp.Index + stamp.Length)..] : line;
        return stamp.Success && rest.StartsWith(' ') ? rest[1..] : rest;
    }

    private void Take(int number, string line, List<FirmwareEntry> user)
    {
        if (VersionLine().Match(line) is { Success: true } version)
        {
            Version = version.Groups[1].Value;
        }
        else if (UserRow().Match(line) is { Success: true } row)
        {
            user.Add(RowForm.Parse(row.Groups[1].Value, out FirmwareEntry entry, out _) is { } problem
                ? throw new BadInputException($"{File}:{number}: {problem}: '{PastedText.Quote(line)}'") : entry);
        }
        else if (Heading().Match(line) is { Success: true } heading)
        {
            Variant = heading.Groups["to"].Success ? "bootmem" : "nobootmem";
            Reservations.Clear();
            Listing.Clear();
            Listing.Add(heading.Value.TrimEnd());
        }
        else if (Listing.Count != 0 && RowMark().IsMatch(line))
        {
            TakeReservation(number, line);
        }
        else if (MemoryLine().Match(line) is { Success: true } memory)
        {
            AvailableKilobytes = ulong.Parse(memory.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        else
        {
            ScratchListFull |= line.Contains("run of slot in ranges", StringComparison.Ordinal);
        }
    }

    // What is reserved when all firmware tables are known; later lines are Linux's own allocations.
    private void TakeDump(MemblockLog dump)
    {
        Variant = "memblock";
        foreach (MemblockLine line in dump.Dumped(MemblockAction.Reserve))
        {
            Reservations.Add(new LoggedRange("reserved", line.Start, line.Start + line.Size));
        }
    }

    private void TakeReservation(int number, string line)
    {
        Match match = Row().Match(line);
        if (!match.Success)
        {
            throw new BadInputException($"{File}:{number}: expected '#N [START - END] NAME', found '{PastedText.Quote(line)}'");
        }

        ulong start = RowForm.Hexadecimal(match.Groups["a"].Value);
        ulong end = RowForm.Hexadecimal(match.Groups["b"].Value);
        Reservations.Add(new LoggedRange(match.Groups["t"].Value, start, end));
        Listing.Add(line);
    }

    [GeneratedRegex(@"Linux version ([0-9][0-9.]{0,15}[0-9])")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^\s*user: (.*)$")]
    private static partial Regex UserRow();

    [GeneratedRegex(@"Subtract \([0-9]{1,5} early reservations\)|\([0-9]{1,5}/[0-9]{1,5} early reservations\)(?<to> ==> bootmem) .*")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\s+#[0-9]+ ")]
    private static partial Regex RowMark();

    [GeneratedRegex(@"^\s+#[0-9]{1,5} \[(?<a>[0-9a-f]{1,16}) - (?<b>[0-9a-f]{1,16})\]\s+(?<t>\S.*?)"
        + @"(?: ==> \[[0-9a-f]{1,16} - [0-9a-f]{1,16}\])?$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^\s*Memory: ([0-9]{1,15})k/[0-9]{1,15}k available")]
    private static partial Regex MemoryLine();
}
