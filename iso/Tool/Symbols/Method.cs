using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>A compiled method, as the compiler's debug information describes it.</summary>
/// <param name="Symbol">Its name for the linker.</param>
/// <param name="Start">The address of its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="File">Its source file; null without lines.</param>
/// <param name="Lines">Where the code of a source line begins, by address.</param>
/// <param name="Variables">Parameters and locals.</param>
public sealed record Method(
    string Symbol, uint Start, uint Length, string? File, IReadOnlyList<LineRow> Lines, IReadOnlyList<Variable> Variables)
{
    /// <summary>The address after its last byte.</summary>
    public uint End => Start + Length;
}

/// <summary>The code of a source line begins.</summary>
/// <param name="Address">The address.</param>
/// <param name="Line">The line, counted from 1.</param>
public readonly record struct LineRow(uint Address, uint Line);

/// <summary>A parameter or a local.</summary>
/// <param name="Name">As in C#.</param>
/// <param name="IsParameter">A parameter.</param>
/// <param name="Type">A CodeView type index.</param>
/// <param name="Places">Where its value is, while it is somewhere.</param>
public sealed record Variable(string Name, bool IsParameter, uint Type, IReadOnlyList<Place> Places);

/// <summary>Where a value is during some instructions.</summary>
/// <param name="Start">The address of the first.</param>
/// <param name="End">The address after the last.</param>
/// <param name="Register">A register by DWARF's number: eax ecx edx ebx esp ebp esi edi.</param>
/// <param name="Offset">In memory, so many bytes from where the register points; null: in the register.</param>
public readonly record struct Place(uint Start, uint End, int Register, int? Offset);
