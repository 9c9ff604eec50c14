using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Emulators;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>A line of a table of machines.</summary>
/// <param name="Name">As it is called in the table.</param>
/// <param name="Machine">The PC.</param>
/// <param name="Options">Kernel options.</param>
/// <param name="Text">The line itself: what a kept result is a result of.</param>
public sealed record MatrixMachine(string Name, MachineOptions Machine, string Options, string Text)
{
    private const int Columns = 7;

    /// <summary>Reads a table.</summary>
    /// <exception cref="BadInputException">It cannot be read, or a line is no machine.</exception>
    public static IReadOnlyList<MatrixMachine> Load(string file)
    {
        try
        {
            return Read(file, File.ReadAllLines(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read: {error.Message}");
        }
    }

    /// <summary>Reads the lines of a table.</summary>
    /// <exception cref="BadInputException">A line is no machine, two have one name, or there is none.</exception>
    public static IReadOnlyList<MatrixMachine> Read(string file, IReadOnlyList<string> lines)
    {
        List<MatrixMachine> machines = [];
        for (int i = 0; i < lines.Count; i++)
        {
            string text = lines[i].Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            MatrixMachine machine = Parse($"{file}:{i + 1}", text);
            if (machines.Exists(m => m.Name == machine.Name))
            {
                throw new BadInputException($"{file}:{i + 1}: expected a name that no other machine has, found '{machine.Name}' again");
            }

            machines.Add(machine);
        }

        return machines.Count != 0 ? machines : throw new BadInputException($"{file}:{lines.Count}: expected machines ('NAME EMULATOR MEMORY CPU MACHINE AS OPTIONS'), found none");
    }

    /// <summary>Reads one line.</summary>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="text">The line.</param>
    /// <exception cref="BadInputException">It is no machine.</exception>
    public static MatrixMachine Parse(string place, string text)
    {
        string[] fields = text.Split([' ', '\t'], Columns, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != Columns)
        {
            throw new BadInputException($"{place}: expected 'NAME EMULATOR MEMORY CPU MACHINE AS OPTIONS' (- for a default), found {fields.Length} columns");
        }

        if (!fields[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || fields[0][0] == '.')
        {
            throw new BadInputException($"{place}: expected a name of letters, digits, '-', '_' and '.', found '{fields[0]}'");
        }

        EmulatorKind emulator = Choice<EmulatorKind>(fields[1], "an emulator");
        if (fields[4] is not ("pc" or "q35"))
        {
            throw new BadInputException($"{place}: expected a machine pc or q35, found '{fields[4]}'");
        }

        BootMedium medium = Choice<BootMedium>(fields[5], "what it boots from");
        if (emulator == EmulatorKind.Bochs && medium == BootMedium.Kernel)
        {
            throw new BadInputException($"{place}: expected cd or disk for Bochs, found '{fields[5]}'");
        }

        ulong memory;
        try
        {
            memory = MemorySize.Parse(fields[2]);
        }
        catch (BadInputException error)
        {
            throw new BadInputException($"{place}: {error.Message}");
        }

        MachineOptions machine = new()
        {
            Emulator = emulator,
            MemoryBytes = memory,
            Cpu = fields[3] == "-" ? null : fields[3],
            Type = fields[4],
            Medium = medium,
            InstructionClock = emulator == EmulatorKind.Qemu,
            SendOnly = emulator == EmulatorKind.Qemu,
        };
        string options = fields[6] == "-" ? "" : string.Join(' ', fields[6].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return new MatrixMachine(fields[0], machine, options, string.Join(' ', [.. fields[..6], options]));

        T Choice<T>(string value, string what)
            where T : struct, Enum
            => Enum.TryParse(value, ignoreCase: true, out T choice) && value.All(char.IsAsciiLetter)
                ? choice
                : throw new BadInputException($"{place}: expected {what} ({string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}), found '{value}'");
    }
}
