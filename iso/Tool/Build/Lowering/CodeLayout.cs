using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>Where things lie in an image that is to be lowered.</summary>
/// <param name="Start">The first byte of the compiler's code.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="Room">The first byte of the room for thunks.</param>
/// <param name="RoomEnd">The byte after its last.</param>
/// <param name="Registers">The address of eight times 16 bytes that stand for xmm0 to xmm7.</param>
/// <param name="Functions">The addresses of the compiler's functions, sorted.</param>
public sealed record CodeLayout(uint Start, uint End, uint Room, uint RoomEnd, uint Registers, IReadOnlyList<uint> Functions)
{
    private const string CodeSection = ".managedcode$I";
    private const string RoomSection = ".managedcode$Z";
    private const string RegistersSymbol = "xmm_file";

    /// <summary>
    /// Reads the layout from the map that ld writes. A long name stands on a line of its own there, its figures on the next.
    /// </summary>
    /// <exception cref="FailedException">The map lacks something.</exception>
    public static CodeLayout Parse(string map)
    {
        (uint Start, uint End) code = default;
        (uint Start, uint End) room = default;
        uint registers = 0;
        List<(string Name, uint Address)> symbols = [];
        string before = "";
        foreach (string line in map.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 1)
            {
                before = words[0];
                continue;
            }

            if (words.Length >= 3 && words[0].StartsWith('.'))
            {
                (before, words) = (words[0], words[1..]);
            }

            if (words.Length >= 2 && Number(words[0]) is { } first)
            {
                if (before is CodeSection or RoomSection && Number(words[1]) is { } size)
                {
                    (before == CodeSection ? ref code : ref room) = (first, first + size);
                }
                else if (words.Length == 2)
                {
                    symbols.Add((words[1], first));
                    registers = words[1] == RegistersSymbol ? first : registers;
                }
            }

            before = "";
        }

        if (code.Start == 0 || room.Start == 0 || registers == 0)
        {
            throw new FailedException(
                $"the linker's map: expected {CodeSection}, {RoomSection} and {RegistersSymbol}, found {code.Start:x}, {room.Start:x} and "
                + $"{registers:x}");
        }

        SortedSet<uint> functions = [code.Start];
        foreach ((string _, uint address) in symbols)
        {
            if (address >= code.Start && address < code.End)
            {
                functions.Add(address);
            }
        }

        return new CodeLayout(code.Start, code.End, room.Start, room.End, registers, [.. functions]);
    }

    /// <summary>True for an address in the compiler's code.</summary>
    public bool Holds(uint address) => address >= Start && address < End;

    private static uint? Number(string word)
        => word.StartsWith("0x", StringComparison.Ordinal)
            && uint.TryParse(word.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint number) ? number : null;
}
