using System.Collections.Generic;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>What one operation gave: listing rows, then at most one result line. Log lines are collected by the machine.</summary>
public sealed class TraceResults
{
    /// <summary>Rows, printed as <c>- row</c>.</summary>
    public List<string> Rows { get; } = [];

    /// <summary>Return value(s), printed as <c>= fields</c>; null for none.</summary>
    public string? Value { get; set; }

    /// <summary>Adds a row.</summary>
    public void Row(string fields) => Rows.Add(fields);

    /// <summary>A 64-bit number the way traces write it: 0x, lower-case, no leading zeros.</summary>
    public static string Hex(ulong value) => $"0x{value:x}";

    /// <summary>An address the way traces write it: as <see cref="Hex"/>, or "none".</summary>
    public static string Address(ulong address) => address == PhysicalAddress.None ? "none" : Hex(address);
}
