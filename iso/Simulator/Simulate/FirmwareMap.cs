using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Simulator.Simulate;

/// <summary>One entry of a firmware's map: [Start, End) in bytes, type as in e820.</summary>
public readonly record struct FirmwareEntry(ulong Start, ulong End, uint Type);

/// <summary>
/// A firmware's memory map from a text: the project's map files (<c>START END TYPE</c>, hexadecimal, END exclusive), or a
/// pasted Linux boot log, whose <c>BIOS-e820:</c> lines are picked out, the older form (END exclusive) and the newer (<c>[mem A-B]</c>, B
/// inclusive) alike.
/// </summary>
public sealed partial class FirmwareMap
{
    private static readonly Dictionary<string, uint> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["usable"] = 1,
        ["reserved"] = 2,
        ["acpi"] = 3,
        ["ACPI data"] = 3,
        ["nvs"] = 4,
        ["ACPI NVS"] = 4,
        ["unusable"] = 5,
        ["pmem"] = 7,
        ["persistent (type 7)"] = 7,
        ["persistent (type 12)"] = 12,
        ["soft reserved"] = 2,
    };

    /// <summary>The entries, in the order of the text.</summary>
    public List<FirmwareEntry> Entries { get; } = [];

    /// <summary>
    /// The words <c>mem=</c> and <c>memmap=</c> of a pasted log's kernel command line, or of lines of their own; empty for none.
    /// </summary>
    public string Options { get; private set; } = "";

    /// <summary>Reads a map.</summary>
    /// <param name="file">Name for error messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="BadInputException">A line of a map file is none, or there is no entry at all.</exception>
    public static FirmwareMap Read(string file, TextReader text)
    {
        FirmwareMap map = new();
        int number = 0;
        bool pasted = false;
        List<(int Number, string Line)> others = [];
        while (text.ReadLine() is { } line)
        {
            number++;
            line = line.TrimEnd();
            if (OldLine().Match(line) is { Success: true } old)
            {
                pasted = true;
                map.Add(file, number, old, inclusive: false);
            }
            else if (NewLine().Match(line) is { Success: true } recent)
            {
                pasted = true;
                map.Add(file, number, recent, inclusive: true);
            }
            else if (CommandLine().Match(line) is { Success: true } command)
            {
                pasted = true;
                map.TakeOptions(command.Groups[1].Value);
            }
            else
            {
                others.Add((number, line));
            }
        }

        // Other lines are noise in a pasted log, and entries in a map file.
        foreach ((int at, string line) in pasted ? [] : others)
        {
            map.AddLine(file, at, line);
        }

        if (map.Entries.Count == 0)
        {
            throw new BadInputException(
                $"{file}:{number}: expected a memory map ('START END TYPE' lines or a Linux boot log with BIOS-e820: lines),"
                    + " found no entry");
        }

        return map;
    }

    private void AddLine(string file, int number, string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return;
        }

        if (line.StartsWith("mem=", StringComparison.Ordinal) || line.StartsWith("memmap=", StringComparison.Ordinal))
        {
            TakeOptions(line);
            return;
        }

        Match match = MapLine().Match(line);
        if (!match.Success)
        {
            throw new BadInputException(
                $"{file}:{number}: expected 'START END TYPE' in hexadecimal, END exclusive (as '0000000000100000 0000000008000000"
                    + $" usable'), found '{line}'");
        }

        Add(file, number, match, inclusive: false);
    }

    private void Add(string file, int number, Match match, bool inclusive)
    {
        ulong start = ulong.Parse(match.Groups["start"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        ulong end = ulong.Parse(match.Groups["end"].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (inclusive && end != ulong.MaxValue)
        {
            end++;
        }

        string type = match.Groups["type"].Value;
        if (end < start)
        {
            throw new BadInputException($"{file}:{number}: expected an end at or above the start, found {start:x} and {end:x}");
        }

        Entries.Add(new FirmwareEntry(start, end, TypeNumber(type) ?? throw new BadInputException(
            $"{file}:{number}: expected a type (usable, reserved, acpi, nvs, unusable, pmem or 'type N'), found '{type}'")));
    }

    private static uint? TypeNumber(string type)
    {
        if (s_types.TryGetValue(type, out uint number))
        {
            return number;
        }

        return type.StartsWith("type ", StringComparison.Ordinal)
            && uint.TryParse(type.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            ? number
            : null;
    }

    private void TakeOptions(string line)
    {
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("mem=", StringComparison.Ordinal) || word.StartsWith("memmap=", StringComparison.Ordinal))
            {
                Options = Options.Length == 0 ? word : $"{Options} {word}";
            }
        }
    }

    [GeneratedRegex(@"BIOS-(?:e820|e801|88): (?<start>[0-9a-fA-F]{1,16}) - (?<end>[0-9a-fA-F]{1,16}) \((?<type>[^)]*(?:\([^)]*\))?)\)")]
    private static partial Regex OldLine();

    [GeneratedRegex(@"BIOS-(?:e820|e801|88): \[mem 0x(?<start>[0-9a-fA-F]{1,16})-0x(?<end>[0-9a-fA-F]{1,16})\] (?<type>.*)$")]
    private static partial Regex NewLine();

    [GeneratedRegex(@"(?:Kernel c|C)ommand line: (.*)$")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^(?:0x)?(?<start>[0-9a-fA-F]{1,16})\s+(?:0x)?(?<end>[0-9a-fA-F]{1,16})\s+(?<type>\S.*)$")]
    private static partial Regex MapLine();
}
