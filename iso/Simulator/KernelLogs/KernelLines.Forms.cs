using System;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.KernelLogs;

/// <content>The forms of the lines, old and new.</content>
public sealed partial class KernelLines
{
    private static (ulong Start, ulong End) Pages(Match row)
    {
        if (row.Groups["empty"].Success)
        {
            return (0, 0);
        }

        if (row.Groups["mem"].Success)
        {
            return (Hex(row, "from") >> PageShift, (Hex(row, "to") + 1) >> PageShift);
        }

        bool hex = row.Groups["from"].Value.StartsWith("0x", StringComparison.Ordinal);
        return hex ? (Hex(row, "from"), Hex(row, "to")) : (Number(row, "from"), Number(row, "to"));
    }

    private static ulong Number(Match match, int group) => Number(match.Groups[group].ValueSpan);

    private static ulong Number(Match match, string group) => Number(match.Groups[group].ValueSpan);

    private static ulong Number(ReadOnlySpan<char> text)
        => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : 0;

    private static ulong Hex(Match match, int group) => Hex(match.Groups[group].ValueSpan);

    private static ulong Hex(Match match, string group) => Hex(match.Groups[group].ValueSpan);

    private static ulong Hex(ReadOnlySpan<char> text)
    {
        text = text.StartsWith("0x") ? text[2..] : text;
        return ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) ? value : 0;
    }

    private static readonly Regex s_rowHead = new(@"^\s*(BIOS-\w{1,8}|user|modified|extended|Xen): (?=\[|[0-9a-f]{8})");

    private static readonly Regex s_commandLineRow = new(@"^(?:Kernel command|Command) line: ?");

    private static readonly Regex s_lowRamRow = new(@"^\s*mapped low ram: 0 - ([0-9a-f]{1,16})\b");

    private static readonly Regex s_zoneHead = new(@"^Zone (?:PFN )?ranges:");

    private static readonly Regex s_zoneRow = new(@"^\s*(?<name>DMA|DMA32|Normal|HighMem|Movable|Device)\s+"
        + @"(?:(?<empty>empty)|(?<mem>\[mem )0x(?<from>[0-9a-f]{1,16})-0x(?<to>[0-9a-f]{1,16})\]"
        + @"|(?<from>0x[0-9a-f]{1,16}|\d{1,12}) -> (?<to>0x[0-9a-f]{1,16}|\s*\d{1,12}))\s*$");

    private static readonly Regex s_activeHead = new(@"^(?:early_node_map\[\d+\] active PFN ranges|Early memory (?:node|PFN) ranges)");

    private static readonly Regex s_activeRow = new(
        @"^\s*(?:node +)?\d+: +(?:(?<mem>\[mem )0x(?<from>[0-9a-f]{1,16})-0x(?<to>[0-9a-f]{1,16})\]"
        + @"|(?<from>0x[0-9a-f]{1,16}|\d{1,12}) -> (?<to>0x[0-9a-f]{1,16}|\s*\d{1,12}))\s*$");

    private static readonly Regex s_memoryRow = new(@"^Memory: (\d{1,12})[kK]/(\d{1,12})[kK] available \((.*)\)\s*$");

    private static readonly Regex s_partRow = new(@"(\d{1,12})[kK] ([A-Za-z][A-Za-z -]*)");

    private static readonly Regex s_lastPfnRow = new(@"^(?:e820: )?last_pfn = 0x([0-9a-f]{1,13}) max_arch_pfn = 0x([0-9a-f]{1,13})");

    private static readonly Regex s_nodePagesRow = new(@"^On node (\d{1,4}) totalpages: (\d{1,12})\s*$");

    private static readonly Regex s_zonePagesRow = new(@"^\s*(\w+) zone: (\d{1,12}) pages(?:,.*| (used for memmap|reserved))?\s*$");

    private static readonly Regex s_earlyRow = new(
        @"^\s*(?:\((\d{1,6})(?:/(\d{1,6}))? early reservations\) ==> bootmem|Subtract \((\d{1,6}) early reservations\))");

    private static readonly Regex s_hashRow = new(@"^(\S+(?: cache)?) hash table entries: \d+ \(order: -?\d+, (\d{1,12}) bytes");

    private static readonly Regex s_takenOutRow = new(
        @"^(?:e820 (?:update|remove) range: |e820: (?:update|remove) \[mem 0x)([0-9a-f]{1,16})( - |-0x)([0-9a-f]{1,16})"
        + @"[ \]]+\(?usable\b(?!\)? ==> \(?usable)");

    private static readonly Regex s_ramDiskRow = new(@"^RAMDISK: (?:\[mem 0x)?([0-9a-f]{1,16})( - |-0x)([0-9a-f]{1,16})");

    private static readonly Regex s_bounceRow = new(@"^software IO TLB at phys 0x([0-9a-f]{1,16}) - ");

    private static readonly Regex s_mappedRow = new(@"^\s*\[[0-9a-f]{16}-[0-9a-f]{16}\] PMD -> \[([0-9a-f]{16})-([0-9a-f]{16})\] on node");

    private static readonly Regex s_perCpuRow = new(@"^(?:PERCPU|percpu): Embedded \d+ pages/cpu @?([0-9a-f]{8,16}) ");
}
