using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>
/// The boot log of a Linux with memblock=debug, 4.x to 6.x: its lists as the first dump has them, and every operation after it. Of several
/// boots in one text the last one with a dump counts.
/// </summary>
public sealed partial class MemblockLog
{
    /// <summary>A part of the line above a dump.</summary>
    internal const string DumpMark = "MEMBLOCK configuration";

    // Pages that left memblock long before.
    private static readonly string[] s_ignored = ["memblock_free_late", "__memblock_free_late", "memblock_physmem_add", "memblock_discard"];

    private ulong? _memoryBytes;
    private ulong? _reservedBytes;

    private MemblockLog(string file)
    {
        File = file;
    }

    /// <summary>Its name, for messages.</summary>
    public string File { get; }

    /// <summary>Linux's version as <c>6.1</c> or <c>2.6.34</c>; empty when the log does not say.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Line of the first dump, from 1.</summary>
    public int DumpLine { get; private set; }

    /// <summary>First address that an allocation without an upper bound may not have, in bytes; 2^64-1 when the log does not say.</summary>
    public ulong Limit { get; private set; } = ulong.MaxValue;

    /// <summary>The dumped regions, then the operations.</summary>
    public List<MemblockLine> Lines { get; } = [];

    /// <summary>Reads a log.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <exception cref="BadInputException">It has no dump, or a line about memblock cannot be read.</exception>
    public static MemblockLog Read(string file, string text)
    {
        MemblockLog log = new(file);
        MemblockLog? before = null;
        List<string> lines = PastedText.Lines(text);
        for (int i = 0; i < lines.Count; i++)
        {
            if (VersionLine().Match(lines[i]) is { Success: true } version)
            {
                before = log.DumpLine != 0 ? log : before;
                log = new MemblockLog(file) { Version = ShortVersion(version) };
            }

            log.Take(i + 1, lines[i]);
        }

        MemblockLog? dumped = log.DumpLine != 0 ? log : before;
        dumped?.CheckDump();
        return dumped ?? throw new BadInputException(
            $"{file}:{lines.Count}: expected a line 'MEMBLOCK configuration:' of a Linux booted with memblock=debug, found none");
    }

    /// <summary>True when the beginning of a text is a Linux boot log rather than a trace.</summary>
    public static bool IsLog(string beginning)
    {
        foreach (string line in beginning.Split('\n'))
        {
            if (line.Length > 1 && line[0] != '#')
            {
                return !line.StartsWith("trace ", StringComparison.Ordinal) && LogMark().IsMatch(beginning);
            }
        }

        return false;
    }

    /// <summary>The regions of the first dump.</summary>
    /// <param name="action"><see cref="MemblockAction.Add"/> for memory, <see cref="MemblockAction.Reserve"/> for reservations.</param>
    internal List<MemblockLine> Dumped(MemblockAction action) => Lines.FindAll(l => l.Action == action && IsDumped(l));

    private void Take(int number, string line)
    {
        if (LimitLine().Match(line) is { Success: true } limit)
        {
            Limit = RowForm.Hexadecimal(limit.Groups[1].Value);
        }
        else if (Limit == ulong.MaxValue && LastPage().Match(line) is { Success: true } last)
        {
            // x86-64 does not print the limit: all RAM is mapped.
            Limit = RowForm.Hexadecimal(last.Groups[1].Value) << 12;
        }
        else if (line.Contains(DumpMark, StringComparison.Ordinal))
        {
            DumpLine = DumpLine == 0 ? number : DumpLine;
        }
        else if (DumpLine != 0)
        {
            TakeOperation(number, line);
        }
    }

    private void TakeOperation(int number, string line)
    {
        if (Region().Match(line) is { Success: true } region)
        {
            // A later dump repeats what is known.
            if (Lines.Count == 0 || IsDumped(Lines[^1]))
            {
                bool memory = region.Groups["list"].Value == "memory";
                Lines.Add(Ranged(number, line, region, memory ? MemblockAction.Add : MemblockAction.Reserve, region.Groups["name"].Value));
            }
        }
        else if (Sums().Match(line) is { Success: true } sums)
        {
            _memoryBytes ??= Hex(sums, "m");
            _reservedBytes ??= Hex(sums, "r");
        }
        else if (RegionMark().IsMatch(line))
        {
            throw Damaged(number, line, "memory[0xN] [0xFIRST-0xLAST], 0xSIZE bytes flags: 0xN, or the same of reserved");
        }
        else if (Doubling().Match(line) is { Success: true } doubled)
        {
            Lines.Add(Ranged(number, line, doubled, MemblockAction.Doubled, doubled.Groups["list"].Value) with
            {
                Align = Number(number, line, doubled, "n"),
            });
        }
        else if (Operation().Match(line) is { Success: true } operation && Array.IndexOf(s_ignored, operation.Groups["name"].Value) < 0)
        {
            string name = operation.Groups["name"].Value;
            Lines.Add(name.Contains("alloc", StringComparison.Ordinal) ? Allocation(number, line, name) : Range(number, line, name));
        }
    }

    // Most dumps begin with the sums of their regions: a line that was lost shows.
    private void CheckDump()
    {
        CheckSum(MemblockAction.Add, "memory", _memoryBytes);
        CheckSum(MemblockAction.Reserve, "reserved", _reservedBytes);
    }

    private void CheckSum(MemblockAction action, string list, ulong? expected)
    {
        ulong found = 0;
        foreach (MemblockLine line in Dumped(action))
        {
            found += line.Size;
        }

        if (expected != null && expected != found)
        {
            throw new BadInputException($"{File}:{DumpLine}: expected regions of 0x{expected:x} bytes in list '{list}' below, found "
                + $"0x{found:x}; a line is missing");
        }
    }

    private static bool IsDumped(MemblockLine line) => line.Name.EndsWith(']');

    private MemblockLine Allocation(int number, string line, string name)
    {
        Match match = Request().Match(line);
        if (!match.Success)
        {
            throw Damaged(number, line, $"{name}: N bytes align=0xN [nid=N] from=0xADDRESS max_addr=0xADDRESS");
        }

        if (match.Groups["nid"].Success && match.Groups["nid"].Value is not ("-1" or "0"))
        {
            throw new BadInputException($"{File}:{number}: expected a machine of one node, found an allocation on node "
                + $"{match.Groups["nid"].Value}: '{PastedText.Quote(line)}'");
        }

        MemblockAction action = name.Contains("_nid", StringComparison.Ordinal) ? MemblockAction.AllocTry : MemblockAction.AllocRange;
        return new MemblockLine(number, action, name, Hex(match, "from"), Number(number, line, match, "n"), Hex(match, "max"),
            Hex(match, "align"));
    }

    private MemblockLine Range(int number, string line, string name)
    {
        MemblockAction? action = name.TrimStart('_') switch
        {
            "memblock_add" or "memblock_add_node" => MemblockAction.Add,
            "memblock_remove" => MemblockAction.Remove,
            "memblock_reserve" => MemblockAction.Reserve,
            "memblock_free" or "memblock_phys_free" or "memblock_free_early" => MemblockAction.Free,
            _ => null,
        };
        Match match = RangeForm().Match(line);
        return action == null ? throw Damaged(number, line, "an operation that replay knows (add, remove, reserve, free, alloc)")
            : match.Success ? Ranged(number, line, match, action.Value, name)
            : throw Damaged(number, line, $"{name}: [0xFIRST-0xLAST]");
    }

    // Ranges are printed with their last byte; an empty one ends below its start.
    private MemblockLine Ranged(int number, string line, Match match, MemblockAction action, string name)
    {
        ulong start = Hex(match, "a");
        ulong size = Hex(match, "b") + 1 - start;
        ulong most = ulong.MaxValue - start;
        uint flags = match.Groups["f"].Success ? (uint)Hex(match, "f") : 0;
        return size <= most ? new MemblockLine(number, action, name, start, size, Flags: flags)
            : throw Damaged(number, line, "a last byte at or above the first");
    }

    private ulong Number(int number, string line, Match match, string group)
        => ulong.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value
            : throw Damaged(number, line, "a number below 2^64");

    private BadInputException Damaged(int number, string line, string expected)
        => new($"{File}:{number}: expected {expected}, found '{PastedText.Quote(line)}'");

    private static ulong Hex(Match match, string group) => RowForm.Hexadecimal(match.Groups[group].Value);

    // 6.1 of 6.1.0-50-686, 2.6.34 of 2.6.34.
    private static string ShortVersion(Match match)
        => match.Groups[1].Value is "2" ? match.Groups[0].Value["Linux version ".Length..] : $"{match.Groups[1]}.{match.Groups[2]}";

    private const string RangeText = @"\[(?:mem )?0x(?<a>[0-9a-f]{1,16})-0x(?<b>[0-9a-f]{1,16})\]";

    [GeneratedRegex(@"Linux version ([0-9]{1,3})\.([0-9]{1,3})(?:\.[0-9]{1,5})?")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"Linux version [0-9]|\bmemblock_[a-z_]+: |MEMBLOCK configuration|BIOS-provided physical RAM map")]
    private static partial Regex LogMark();

    [GeneratedRegex(@"\bmapped low ram: 0 - ([0-9a-f]{1,16})\b")]
    private static partial Regex LimitLine();

    [GeneratedRegex(@"\blast_pfn = 0x([0-9a-f]{1,13}) max_arch_pfn")]
    private static partial Regex LastPage();

    [GeneratedRegex(@"(?<name>\b(?<list>memory|reserved)\[0x[0-9a-f]+\])\s*" + RangeText
        + @", 0x[0-9a-f]+ bytes.*?(?: flags: 0x(?<f>[0-9a-f]{1,8}))?$")]
    private static partial Regex Region();

    [GeneratedRegex(@"\bmemory size = 0x(?<m>[0-9a-f]{1,16}) reserved size = 0x(?<r>[0-9a-f]{1,16})$")]
    private static partial Regex Sums();

    [GeneratedRegex(@"^(?:\[[^\]]*\])?\s*(?:memory|reserved)\[0x")]
    private static partial Regex RegionMark();

    [GeneratedRegex(@"\bmemblock: (?<list>memory|reserved) is doubled to (?<n>[0-9]{1,19}) at " + RangeText)]
    private static partial Regex Doubling();

    [GeneratedRegex(@"(?<![A-Za-z0-9])(?<name>_*memblock_[a-z_]+):(?= |$)")]
    private static partial Regex Operation();

    [GeneratedRegex(@":\s+" + RangeText)]
    private static partial Regex RangeForm();

    [GeneratedRegex(@": (?<n>[0-9]{1,20}) bytes align=0x(?<align>[0-9a-f]{1,16})(?: nid=(?<nid>-?[0-9]{1,10}))?"
        + @" from=0x(?<from>[0-9a-f]{1,16}) max_addr=0x(?<max>[0-9a-f]{1,16})\b")]
    private static partial Regex Request();
}
