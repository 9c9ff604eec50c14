using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Memory.Facts;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// Reads a memory map from a text: a map file of this project (<c>START END TYPE</c>, hexadecimal, END exclusive, and lines of <c>mem=</c>
/// and <c>memmap=</c>), or any paste that contains rows as Linux, Xen, SeaBIOS, FreeBSD or /proc/iomem print them.
/// </summary>
/// <remarks>
/// Nothing recognized is dropped. A row that a mailer or a terminal folded is joined with the lines below it; one that still cannot be read
/// ends the reading, with file, line, and what is missing. Of several boots in one text the last one with a map counts, as in
/// <c>compare</c>.
/// <code>
///   lines --clean--> marks (BIOS-e820: ...) --join, parse--> rows by boot and source --last boot, first source--> map
/// </code>
/// </remarks>
public static class MapReader
{
    // A row folded at 40 columns takes three lines.
    private const int MostJoined = 3;

    private const string Damaged = "this row is cut or damaged";
    private const string Types = "usable, reserved, acpi, nvs, unusable, pmem";
    private const int LongestMark = 10;
    private const int FoldedColumns = 60;
    private const string Expected = "expected a memory map ('START END TYPE' lines, or a boot log with BIOS-e820: rows)";

    /// <summary>Reads a map.</summary>
    /// <param name="file">Name for error messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="BadInputException">A row cannot be read, or there is none; the message names file and line.</exception>
    public static FirmwareMap Read(string file, string text)
    {
        List<string> lines = PastedText.Lines(text);
        JoinFoldedMarks(lines);
        List<PastedBoot> boots = ReadBoots(file, lines);
        List<PastedBoot> mapped = [.. boots.Where(b => b.HasRows)];
        return mapped.Count != 0 ? FromBoot(file, lines.Count, mapped[^1], mapped.Count) : FromMapFile(file, lines);
    }

    private static FirmwareMap FromBoot(string file, int lines, PastedBoot boot, int boots)
    {
        RowSource source = boot.Source;
        boots += boot.DropRepeats(source);
        FirmwareMap map = new() { Options = MemoryOptions(boot.CommandLine) };
        map.Entries.AddRange(boot.Rows(source));
        map.Taken.AddRange(boot.Taken);
        if (source == RowSource.SeaBios && boot.Announced != map.Entries.Count)
        {
            throw new BadInputException($"{file}:{boot.AnnouncedAt}: expected {boot.Announced} items below, found {map.Entries.Count}");
        }

        if (source == RowSource.Iomem && map.Entries.TrueForAll(e => e.End <= 1))
        {
            throw new BadInputException($"{file}:{lines}: expected the addresses of /proc/iomem, found zeros; read it as root");
        }

        string form = source == RowSource.Kernel ? "" : $" ({RowForm.Name(source)})";
        string aside = string.Concat(
            boot.Sources.Where(s => s != source).Select(s => $"; {Count(boot.Rows(s).Count, "row")} of {RowForm.Name(s)} set aside"));
        map.Summary = $"{Count(map.Entries.Count, "row")}{form} of boot {boots} of {boots}, 0 not read{aside}";
        return map;
    }

    private static List<PastedBoot> ReadBoots(string file, List<string> lines)
    {
        List<PastedBoot> boots = [new()];
        bool repeating = false;
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i];
            if (line.Contains(ShellPrompt, StringComparison.Ordinal))
            {
                // What our own shell's dmesg prints is the boot above again.
                repeating = line.Contains(ShellPrompt + " dmesg", StringComparison.Ordinal);
                continue;
            }

            if (repeating)
            {
                continue;
            }

            if (boots[^1].IsEndedBy(line))
            {
                boots.Add(new PastedBoot());
            }

            PastedBoot boot = boots[^1];
            boot.Note(line);
            if (s_commandLine.Match(line) is { Success: true } command && !line.Contains("(XEN)", StringComparison.Ordinal))
            {
                string text = command.Groups[2].Value + Folded(lines, ref i);
                int end = 0;
                boot.TakeCommandLine(command.Groups[1].Success ? QuotedValue.Read(text, ref end) : text);
                continue;
            }

            ReadRows(file, lines, ref i, boot);
        }

        return boots;
    }

    // A fold inside BIOS-e820: would hide the row. The line below becomes empty, so that line numbers stay.
    private static void JoinFoldedMarks(List<string> lines)
    {
        for (int i = 0; i + 1 < lines.Count; i++)
        {
            int start = lines[i].LastIndexOf("BI", StringComparison.Ordinal);
            if (start < 0 || lines[i].Length - start > LongestMark)
            {
                continue;
            }

            string joined = lines[i] + s_quotePrefix.Replace(lines[i + 1], "");
            if (s_mark.Match(joined, start) is { Success: true } mark && mark.Index == start && start + mark.Length > lines[i].Length)
            {
                lines[i] = joined;
                lines[i + 1] = "";
            }
        }
    }

    // A line may hold several rows, when all line ends were lost; only the last of them can go on in the next line.
    private static void ReadRows(string file, List<string> lines, ref int at, PastedBoot boot)
    {
        string line = lines[at];
        int number = at + 1;
        MatchCollection marks = s_mark.Matches(line);
        for (int i = 0; i < marks.Count; i++)
        {
            bool last = i == marks.Count - 1;
            string row = line[(marks[i].Index + marks[i].Length)..(last ? line.Length : marks[i + 1].Index)];
            RowSource source = marks[i].Value.StartsWith("BIOS", StringComparison.Ordinal) ? RowSource.Kernel
                : marks[i].Value.StartsWith('(') ? RowSource.Xen
                : RowSource.XenGuest;
            row = PrintkLine.FindStamp(row, 0, out int stamp, out _, out _) ? row[..stamp] : row;
            string? problem = RowForm.Parse(row, out FirmwareEntry entry, out bool ended);
            if (last && (problem != null || !ended) && Join(lines, ref at, row, problem == null) is { } joined)
            {
                (entry, problem) = (joined, null);
            }

            if (problem != null)
            {
                throw new BadInputException($"{file}:{number}: {problem}; {Damaged}: '{PastedText.Quote(line)}'");
            }

            boot.Add(source, entry);
        }

        if (marks.Count == 0)
        {
            ReadOtherForms(file, line, number, boot);
        }
    }

    // Tries the row with the lines below it, with and without a blank at each fold: mailers fold between words, terminals anywhere.
    private static FirmwareEntry? Join(List<string> lines, ref int at, string row, bool onlyDigits)
    {
        List<string> variants = [row];
        for (int i = 1; i <= MostJoined && at + i < lines.Count; i++)
        {
            string next = s_quotePrefix.Replace(lines[at + i], "");
            if (next.Length == 0 || s_mark.IsMatch(next) || PrintkLine.IsStamped(next) || (onlyDigits && !next.All(char.IsAsciiDigit)))
            {
                return null;
            }

            variants = [.. variants.SelectMany<string, string>(v => onlyDigits ? [v + next] : [v + " " + next, v + next])];
            foreach (string variant in variants)
            {
                if (RowForm.Parse(variant, out FirmwareEntry entry, out _) == null)
                {
                    at += i;
                    return entry;
                }
            }
        }

        return null;
    }

    private static void ReadOtherForms(string file, string line, int number, PastedBoot boot)
    {
        if (s_announcement.Match(line) is { Success: true } announced)
        {
            boot.Announce(int.Parse(announced.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture), number);
        }
        else if (boot.Announced != 0 && s_seaBiosRow.Match(line) is { Success: true } sea)
        {
            uint type = uint.Parse(sea.Groups["t"].ValueSpan, CultureInfo.InvariantCulture);
            boot.Add(RowSource.SeaBios, new FirmwareEntry(Hex(sea, "a"), Hex(sea, "b"), type));
        }
        else if (line.Contains("SMAP type=", StringComparison.Ordinal))
        {
            Match row = s_smapRow.Match(line);
            if (!row.Success)
            {
                throw new BadInputException(
                    $"{file}:{number}: expected 'SMAP type=TT base=START len=BYTES'; {Damaged}: '{PastedText.Quote(line)}'");
            }

            boot.Add(RowSource.FreeBsd, new FirmwareEntry(Hex(row, "a"), Hex(row, "a") + Hex(row, "n"), (uint)Hex(row, "t")));
        }
        else if (s_iomemRow.Match(line) is { Success: true } io)
        {
            boot.AddIomem(io.Groups["i"].Length, Hex(io, "a"), Hex(io, "b"), io.Groups["t"].Value);
        }
        else if (s_holdLine.Match(line) is { Success: true } hold)
        {
            boot.Take(new LoggedRange(hold.Groups["t"].Value, Hex(hold, "a"), Hex(hold, "b")));
        }
    }

    // A command line is folded where the next line has no stamp although this one has; without stamps, where a long line goes on in lower
    // case.
    private static string Folded(List<string> lines, ref int at)
    {
        string folded = "";
        bool stamped = PrintkLine.IsStamped(lines[at]);
        while (at + 1 < lines.Count)
        {
            string before = lines[at];
            string next = s_quotePrefix.Replace(lines[at + 1], "");
            bool marked = PrintkLine.IsStamped(next) || s_mark.IsMatch(next);
            bool message = marked || next.Contains(": ", StringComparison.Ordinal) || next.EndsWith(':');
            if (next.Length == 0 || message || (!stamped && (before.Length < FoldedColumns || char.IsUpper(next[0]))))
            {
                break;
            }

            // After a hyphen the mailer folded inside a word.
            folded += before.EndsWith('-') ? next : " " + next;
            at++;
        }

        return folded;
    }

    private static FirmwareMap FromMapFile(string file, List<string> lines)
    {
        FirmwareMap map = new();
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (line.StartsWith("mem=", StringComparison.Ordinal) || line.StartsWith("memmap=", StringComparison.Ordinal))
            {
                map.Options = $"{map.Options} {MemoryOptions(line)}".Trim();
                continue;
            }

            map.Entries.Add(MapFileEntry(file, i + 1, line));
        }

        if (map.Entries.Count == 0)
        {
            throw new BadInputException($"{file}:{lines.Count}: {Expected}, found no entry");
        }

        map.Summary = $"{Count(map.Entries.Count, "row")} of a map file, 0 not read";
        return map;
    }

    private static FirmwareEntry MapFileEntry(string file, int number, string line)
    {
        Match match = s_mapLine.Match(line);
        if (!match.Success)
        {
            throw new BadInputException(
                $"{file}:{number}: expected 'START END TYPE' in hexadecimal, END exclusive "
                + $"(as '0000000000100000 0000000008000000 usable'), found '{PastedText.Quote(line)}'");
        }

        ulong start = Hex(match, "a");
        ulong end = Hex(match, "b");
        if (end < start)
        {
            throw new BadInputException($"{file}:{number}: expected an end at or above the start, found {start:x} and {end:x}");
        }

        string type = match.Groups["t"].Value;
        uint? known = type.ToLowerInvariant() switch
        {
            "acpi" => 3u,
            "nvs" => 4u,
            "pmem" => 7u,
            _ => RowForm.TryType(type, out uint named) ? named : null,
        };
        return new FirmwareEntry(start, end, known ?? throw new BadInputException(
            $"{file}:{number}: expected a type ({Types} or 'type N'), found '{PastedText.Quote(type)}'"));
    }

    private static string MemoryOptions(string commandLine)
        => string.Join(' ', Words(commandLine).Where(w =>
            w.StartsWith("mem=", StringComparison.Ordinal) || w.StartsWith("memmap=", StringComparison.Ordinal)));

    private static unsafe string[] Words(string commandLine)
    {
        byte[] words = new byte[commandLine.Length + 1];
        fixed (byte* from = Encoding.Latin1.GetBytes(commandLine + "\0"), to = words)
        {
            int used = CommandWords.Split(from, to);
            return Encoding.Latin1.GetString(words, 0, used).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private static ulong Hex(Match match, string group) => RowForm.Hexadecimal(match.Groups[group].Value);

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private const string ShellPrompt = "bootalloc>";

    /// <summary>Where a row of a kernel's log begins. Xen's marks count only before an address: they stand before every message.</summary>
    private static readonly Regex s_mark = new(
        @"BIOS-(?:e820|e801|88):|\bXen:(?=\s*(?:\[mem\s|[0-9a-fA-F]{8,16}\s*-))|\(XEN\)(?=\s*\[?[0-9a-fA-F]{8,16}\s*[-,])");

    private static readonly Regex s_commandLine = new("""(?:(?:Kernel c|C)ommand line: |bootalloc: boot .*(cmdline="))(.*)$""");

    private static readonly Regex s_quotePrefix = new(@"^[\s>|:]+");

    private static readonly Regex s_announcement = new(@"e820 map has ([0-9]{1,4}) items");

    private static readonly Regex s_seaBiosRow = new(@"^\W*[0-9]+: (?<a>[0-9a-fA-F]{8,16}) - (?<b>[0-9a-fA-F]{8,16}) = (?<t>[0-9]{1,9})\b");

    private static readonly Regex s_smapRow = new(
        @"SMAP type=(?<t>[0-9a-fA-F]{1,8}) base=(?:0x)?(?<a>[0-9a-fA-F]{8,16}) .*?len=(?:0x)?(?<n>[0-9a-fA-F]{8,16})\b");

    private static readonly Regex s_iomemRow = new(@"^(?<i>\s*)(?<a>[0-9a-fA-F]{8,16})-(?<b>[0-9a-fA-F]{8,16}) : (?<t>\S.*)$");

    private static readonly Regex s_holdLine = new(
        """bootalloc: hold stage=\w+ name="(?<t>[^"]*)" start=(?<a>[0-9a-f]{1,16}) end=(?<b>[0-9a-f]{1,16})""");

    private static readonly Regex s_mapLine = new(@"^(?:0x)?(?<a>[0-9a-fA-F]{1,16})\s+(?:0x)?(?<b>[0-9a-fA-F]{1,16})\s+(?<t>\S.*)$");
}
