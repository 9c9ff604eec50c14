using System;
using System.Globalization;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.KernelLogs;

/// <summary>What a line of a Linux log with memblock=debug reports.</summary>
public enum MemblockAction
{
    /// <summary>A memory region of a dump; also memblock_add.</summary>
    Add,

    /// <summary>memblock_remove.</summary>
    Remove,

    /// <summary>A reservation of a dump; also memblock_reserve.</summary>
    Reserve,

    /// <summary>memblock_free, memblock_phys_free.</summary>
    Free,

    /// <summary>memblock_phys_alloc_range: one attempt.</summary>
    AllocRange,

    /// <summary>memblock_alloc_try_nid and its kin, memblock_virt_alloc_try_nid before 5.0: tried again without the lower bound.</summary>
    AllocTry,

    /// <summary>A list was doubled.</summary>
    Doubled,
}

/// <summary>One operation that Linux reported, or one region of a list that it printed.</summary>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Action">What was done.</param>
/// <param name="Name">Linux's name for it.</param>
/// <param name="Start">First byte of the range; of an allocation, the lowest byte that it may have.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Max">Of an allocation: first byte that it may not have; 0 for up to the limit.</param>
/// <param name="Align">Of an allocation: alignment in bytes. Of a doubled list: the entries it then has.</param>
/// <param name="Flags">Of a dumped region: its flags.</param>
/// <param name="Node">Of an allocation: the node that it is for; -1 for any.</param>
/// <param name="Caller">The function that called; empty when the line does not say.</param>
public readonly record struct MemblockLine(
    int Number, MemblockAction Action, string Name, ulong Start, ulong Size, ulong Max = 0, ulong Align = 0, uint Flags = 0, long Node = -1,
    string Caller = "")
{
    private const string RangeText = @"\[(?:mem )?0x(?<a>[0-9a-f]{1,16})\s*-\s*0x(?<b>[0-9a-f]{1,16})\]";

    // Pages that left memblock long before.
    private static readonly string[] s_ignored = ["memblock_free_late", "__memblock_free_late", "memblock_physmem_add", "memblock_discard"];

    /// <summary>It is an allocation.</summary>
    public bool IsAllocation => Action is MemblockAction.AllocRange or MemblockAction.AllocTry;

    /// <summary>It is a region of a dump, not an operation.</summary>
    public bool IsDumped => Name.EndsWith(']');

    /// <summary>Of a dumped region: its index in the list; -1 of others.</summary>
    public int DumpIndex
        => IsDumped && int.TryParse(Name.AsSpan(Name.IndexOf('x', StringComparison.Ordinal) + 1).TrimEnd(']'),
            NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int index) ? index : -1;

    /// <summary>End of the range, exclusive.</summary>
    public ulong End => Start + Size;

    /// <summary>Reads a line.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="text">A line without what printk puts before it.</param>
    /// <param name="expected">For a line about memblock that cannot be read: what it should have been; null otherwise.</param>
    /// <returns>Null for any other line, and for one that cannot be read.</returns>
    public static MemblockLine? Parse(int number, string text, out string? expected)
    {
        expected = null;
        if (ReadRegion(number, text) is { } dumped)
        {
            return dumped;
        }

        if (s_region.IsMatch(text) || s_regionMark.IsMatch(text))
        {
            expected = "memory[0xN] [0xFIRST-0xLAST], 0xSIZE bytes flags: 0xN, or the same of reserved";
        }
        else if (s_doubling.Match(text) is { Success: true } doubled)
        {
            return Ranged(number, doubled, MemblockAction.Doubled, doubled.Groups["list"].Value, out expected) is { } line
                ? line with { Align = Decimal(doubled, "n", ref expected) }
                : null;
        }
        else if (s_operation.Match(text) is { Success: true } operation && Array.IndexOf(s_ignored, operation.Groups["name"].Value) < 0)
        {
            string name = operation.Groups["name"].Value;
            MemblockLine? line = name.Contains("alloc", StringComparison.Ordinal)
                ? Allocation(number, text, name, out expected)
                : Range(number, text, name, out expected);
            return expected == null ? line : null;
        }

        return null;
    }

    /// <summary>Reads a region of a dump; null for any other line.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="text">A line without what printk puts before it.</param>
    public static MemblockLine? ReadRegion(int number, string text)
        => text.Contains("[0x", StringComparison.Ordinal) && s_region.Match(text) is { Success: true } region
            ? Ranged(number, region, region.Groups["list"].Value == "memory" ? MemblockAction.Add : MemblockAction.Reserve,
                region.Groups["name"].Value, out _)
            : null;

    /// <summary>The sums of both lists, in bytes, at the head of a dump; null for any other line.</summary>
    public static (ulong Memory, ulong Reserved)? ReadSums(string text)
        => s_sumsLine.Match(text) is { Success: true } sums ? (Hex(sums, "m"), Hex(sums, "r")) : null;

    /// <summary>The line above a dump.</summary>
    public static bool BeginsDump(string text) => text.Contains("MEMBLOCK configuration", StringComparison.Ordinal);

    private static MemblockLine? Allocation(int number, string text, string name, out string? expected)
    {
        expected = null;
        Match match = s_request.Match(text);
        if (!match.Success)
        {
            expected = $"{name}: N bytes align=0xN [nid=N] from=0xADDRESS max_addr=0xADDRESS";
            return null;
        }

        MemblockAction action = name.Contains("_nid", StringComparison.Ordinal) ? MemblockAction.AllocTry : MemblockAction.AllocRange;
        long node = match.Groups["nid"].Success ? long.Parse(match.Groups["nid"].ValueSpan, CultureInfo.InvariantCulture) : -1;
        return new MemblockLine(number, action, name, Hex(match, "from"), Decimal(match, "n", ref expected), Hex(match, "max"),
            Hex(match, "align"), Node: node, Caller: match.Groups["caller"].Value);
    }

    private static MemblockLine? Range(int number, string text, string name, out string? expected)
    {
        MemblockAction? action = name.TrimStart('_') switch
        {
            "memblock_add" or "memblock_add_node" => MemblockAction.Add,
            "memblock_remove" => MemblockAction.Remove,
            "memblock_reserve" => MemblockAction.Reserve,
            "memblock_free" or "memblock_phys_free" or "memblock_free_early" => MemblockAction.Free,
            _ => null,
        };
        Match match = s_rangeForm.Match(text);
        if (action != null && match.Success)
        {
            return Ranged(number, match, action.Value, name, out expected) is { } line
                ? line with { Caller = match.Groups["caller"].Value }
                : null;
        }

        expected = action == null ? "an operation that replay knows (add, remove, reserve, free, alloc)" : $"{name}: [0xFIRST-0xLAST]";
        return null;
    }

    // Ranges are printed with their last byte; an empty one ends below its start.
    private static MemblockLine? Ranged(int number, Match match, MemblockAction action, string name, out string? expected)
    {
        ulong start = Hex(match, "a");
        ulong size = Hex(match, "b") + 1 - start;
        bool good = size <= ulong.MaxValue - start;
        expected = good ? null : "a last byte at or above the first";
        return good ? new MemblockLine(number, action, name, start, size, Flags: match.Groups["f"].Success ? (uint)Hex(match, "f") : 0)
            : null;
    }

    private static ulong Decimal(Match match, string group, ref string? expected)
    {
        if (!ulong.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
        {
            expected = "a number below 2^64";
        }

        return value;
    }

    private static ulong Hex(Match match, string group) => RowForm.Hexadecimal(match.Groups[group].Value);

    private static readonly Regex s_region = new(@"(?<name>\b(?<list>memory|reserved)\[0x[0-9a-f]+\])\s*" + RangeText
        + @", 0x[0-9a-f]+ bytes.*?(?: flags: 0x(?<f>[0-9a-f]{1,8}))?$");

    private static readonly Regex s_sumsLine = new(@"\bmemory size = 0x(?<m>[0-9a-f]{1,16}) reserved size = 0x(?<r>[0-9a-f]{1,16})$");

    private static readonly Regex s_regionMark = new(@"^\s*(?:memory|reserved)\[0x");

    private static readonly Regex s_doubling = new(@"\bmemblock: (?<list>memory|reserved) is doubled to (?<n>[0-9]{1,19}) at " + RangeText);

    private static readonly Regex s_operation = new(@"(?<![A-Za-z0-9])(?<name>_*memblock_[a-z_]+):(?= |$)");

    private static readonly Regex s_rangeForm = new(@":\s+" + RangeText + @"(?: (?:flags )?(?:0x)?[0-9a-f]+(?= |$))?(?: (?<caller>\S+))?");

    private static readonly Regex s_request = new(
        @": (?<n>[0-9]{1,20}) bytes align=0x(?<align>[0-9a-f]{1,16})(?: nid=(?<nid>-?[0-9]{1,10}))?"
        + @" from=0x(?<from>[0-9a-f]{1,16}) max_addr=0x(?<max>[0-9a-f]{1,16})\b(?:.* (?<caller>\S+))?");
}
