using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>One line of machines.tsv.</summary>
public sealed record MachineRow(string Name, MachineOptions Machine, BootProtocol Protocol, bool Module, bool TooOld, bool StockHangs)
{
    private const int Columns = 9;
    private const string StockHangsWord = "stock-hangs";

    /// <summary>All lines.</summary>
    public static IReadOnlyList<MachineRow> All { get; } = Read(Path.Combine(AppContext.BaseDirectory, "machines.tsv"));

    /// <summary>All lines of a table.</summary>
    public static IReadOnlyList<MachineRow> Read(string file)
        => [.. File.ReadLines(file).Select((text, i) => (Text: text, Number: i + 1)).Where(l => l.Text.Length != 0 && l.Text[0] != '#')
            .Select(l => Parse(file, l.Number, l.Text))];

    private static MachineRow Parse(string file, int number, string text)
    {
        string[] fields = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != Columns)
        {
            throw new InvalidDataException($"{file}:{number}: expected {Columns} columns, found {fields.Length}");
        }

        MachineOptions machine = new()
        {
            Emulator = EmulatorList.Find(fields[1])!,
            MemoryBytes = MemorySize.Parse(fields[2]),
            Cpu = fields[3] == "-" ? null : fields[3],
            Type = fields[4],
            Medium = Enum.Parse<BootMedium>(fields[5], ignoreCase: true),
        };
        return new MachineRow(
            fields[0], machine, Enum.Parse<BootProtocol>(fields[6], ignoreCase: true), Choice(fields[7], "no", "yes"),
                fields[8] != StockHangsWord && Choice(fields[8], "ok", "too-old"), fields[8] == StockHangsWord);

        bool Choice(string value, string no, string yes)
            => value == yes
                || (value == no ? false : throw new InvalidDataException($"{file}:{number}: expected {no} or {yes}, found '{value}'"));
    }
}
