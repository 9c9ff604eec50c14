using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>A row of a memory map: [Start, End) in bytes.</summary>
/// <param name="Source">Who printed it, as "BIOS-e820" or "user".</param>
/// <param name="Start">First byte.</param>
/// <param name="End">End, exclusive; 2^64 is 2^64-1 here.</param>
/// <param name="Type">As printed, without parentheses.</param>
public sealed record MapRow(string Source, ulong Start, ulong End, string Type);

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
