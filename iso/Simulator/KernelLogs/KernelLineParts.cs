using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.KernelLogs;

/// <summary>A line of a kernel's log.</summary>
/// <param name="Number">From 1, in the file.</param>
/// <param name="Text">Without what printk, daemons and terminals put before it.</param>
/// <param name="Cut">The line has no end: the capture stopped, or the machine was reset in the middle of it.</param>
public readonly record struct KernelLine(int Number, string Text, bool Cut = false);

/// <summary>Linux's version.</summary>
/// <param name="Full">As the log spells it: "6.1.0-50-686", "2.6.34".</param>
public readonly record struct LinuxVersion(string Full)
{
    /// <summary>Its numbers: "6.1.0", "2.6.34".</summary>
    public string Numbers => s_numbersOnly.Match(Full).Value;

    /// <summary>What tells it from its neighbors: "6.1", "2.6.34".</summary>
    public string Series
        => Numbers.StartsWith("2.", StringComparison.Ordinal) ? Numbers : string.Join('.', Numbers.Split('.').Take(2));

    /// <summary>The line begins a boot of Linux.</summary>
    public static bool Begins(string text)
        => text.StartsWith("Linux version ", StringComparison.Ordinal) && Find(text) != null;

    /// <summary>The version that a line names; null for none.</summary>
    public static LinuxVersion? Find(string text)
        => s_line.Match(text) is { Success: true } line ? new LinuxVersion(line.Groups[1].Value) : null;

    private static readonly Regex s_line = new(@"\bLinux version (\d{1,4}\.\d{1,4}\S{0,80})");

    private static readonly Regex s_numbersOnly = new(@"^[0-9]{1,4}(?:\.[0-9]{1,5})*");
}

/// <summary>A row of a memory map: [Start, End) in bytes.</summary>
/// <param name="Source">Who printed it, as "BIOS-e820" or "user".</param>
/// <param name="Start">First byte.</param>
/// <param name="End">End, exclusive; 2^64 is 2^64-1 here.</param>
/// <param name="Type">As printed, without parentheses.</param>
/// <param name="TypeNumber">The number of its type in e820.</param>
public sealed record MapRow(string Source, ulong Start, ulong End, string Type, uint TypeNumber);

/// <summary>A zone as its line gives it: [Start, End) in page frame numbers; both 0 for an empty zone.</summary>
public sealed record ZoneRange(string Name, ulong Start, ulong End);

/// <summary>The line <c>Memory:</c>, in kB.</summary>
/// <param name="Available">What was handed over.</param>
/// <param name="Total">The kernel's total, on old x86-64 and ours with holes.</param>
/// <param name="Parts">The parts in parentheses: their names and kB.</param>
public sealed record MemoryLine(ulong Available, ulong Total, IReadOnlyList<KeyValuePair<string, ulong>> Parts)
{
    /// <summary>A part, kB; null when the line does not have it.</summary>
    public ulong? Part(string name) => Parts.Any(p => p.Key == name) ? Parts.First(p => p.Key == name).Value : null;
}
