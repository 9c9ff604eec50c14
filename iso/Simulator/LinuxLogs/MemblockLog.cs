using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.KernelLogs;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>
/// The boot log of a Linux with memblock=debug, 4.x to 6.x: its lists as the first dump has them, and every operation after it. Of several
/// boots in one text the last one with a dump counts.
/// </summary>
public sealed class MemblockLog
{
    private (ulong Memory, ulong Reserved)? _sums;

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
        List<string> lines = PastedText.Lines(text);
        for (int end = lines.Count; end > 0;)
        {
            int start = Math.Max(0, lines.FindLastIndex(end - 1, l => LinuxVersion.Find(l) != null));
            int dump = lines.FindIndex(start, end - start, MemblockLine.BeginsDump);
            if (dump >= 0)
            {
                MemblockLog log = new(file) { DumpLine = dump + 1 };
                log.Take(lines, start, end);
                return log;
            }

            end = start;
        }

        throw new BadInputException(
            $"{file}:{lines.Count}: expected a line 'MEMBLOCK configuration:' of a Linux booted with memblock=debug, found none");
    }

    /// <summary>True when the beginning of a text is a Linux boot log rather than a trace.</summary>
    public static bool IsLog(string beginning)
    {
        foreach (string line in beginning.Split('\n'))
        {
            if (line.Length > 1 && line[0] != '#')
            {
                return !line.StartsWith("trace ", StringComparison.Ordinal) && s_logMark.IsMatch(beginning);
            }
        }

        return false;
    }

    /// <summary>The regions of the first dump.</summary>
    /// <param name="action"><see cref="MemblockAction.Add"/> for memory, <see cref="MemblockAction.Reserve"/> for reservations.</param>
    internal List<MemblockLine> Dumped(MemblockAction action) => Lines.FindAll(l => l.Action == action && l.IsDumped);

    private void Take(List<string> lines, int start, int end)
    {
        KernelLines kernel = new(KernelLines.OfPasted(lines, start, end));
        Version = kernel.Version?.Series ?? "";

        // x86-64 does not print the limit: all RAM is mapped.
        Limit = kernel.MappedLowRam ?? kernel.LastPfn << 12 ?? ulong.MaxValue;
        foreach (KernelLine line in KernelLines.OfPasted(lines, DumpLine, end))
        {
            TakeOperation(line, lines[line.Number - 1]);
        }

        CheckSum(MemblockAction.Add, "memory", _sums?.Memory);
        CheckSum(MemblockAction.Reserve, "reserved", _sums?.Reserved);
    }

    private void TakeOperation(KernelLine line, string whole)
    {
        _sums ??= MemblockLine.ReadSums(line.Text);
        MemblockLine? found = MemblockLine.Parse(line.Number, line.Text, out string? expected);
        if (expected != null)
        {
            throw new BadInputException($"{File}:{line.Number}: expected {expected}, found '{PastedText.Quote(whole)}'");
        }

        if (found is { Node: > 0 } elsewhere)
        {
            throw new BadInputException($"{File}:{line.Number}: expected a machine of one node, found an allocation on node "
                + $"{elsewhere.Node}: '{PastedText.Quote(whole)}'");
        }

        // A later dump repeats what is known.
        if (found is { } operation && (!operation.IsDumped || Lines.Count == 0 || Lines[^1].IsDumped))
        {
            Lines.Add(operation);
        }
    }

    // Most dumps begin with the sums of their regions: a line that was lost shows.
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

    private static readonly Regex s_logMark = new(
        @"Linux version [0-9]|\bmemblock_[a-z_]+: |MEMBLOCK configuration|BIOS-provided physical RAM map");
}
