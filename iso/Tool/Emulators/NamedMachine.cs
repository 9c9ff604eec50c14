using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A line in a table of machines: a PC with a name, and the kernel options to boot it with.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Machine">The PC.</param>
/// <param name="KernelOptions">The kernel command line.</param>
/// <param name="Text">The line itself: what a kept result is a result of.</param>
public sealed record NamedMachine(string Name, MachineOptions Machine, string KernelOptions, string Text)
{
    /// <summary>The columns, for messages.</summary>
    public const string Form = "NAME EMULATOR MEMORY CPU MACHINE AS OPTIONS";

    private const int Columns = 7;

    /// <summary>Reads a table.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or a line is not a machine.</exception>
    public static IReadOnlyList<NamedMachine> Load(string file)
    {
        return Read(file, InputFile.Table(file));
    }

    /// <summary>Reads the lines of a table.</summary>
    /// <exception cref="BadInputException">A line is not a machine, two have the same name, or there are none.</exception>
    public static IReadOnlyList<NamedMachine> Read(string file, IReadOnlyList<string> lines)
    {
        List<NamedMachine> machines = [];
        for (int i = 0; i < lines.Count; i++)
        {
            string text = lines[i].Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            NamedMachine machine = Parse($"{file}:{i + 1}", text);
            if (machines.Exists(m => m.Name == machine.Name))
            {
                throw new BadInputException($"{file}:{i + 1}: expected a name that no other machine has, "
                    + $"found '{PastedText.Quote(machine.Name)}' again");
            }

            machines.Add(machine);
        }

        return machines.Count != 0
            ? machines
            : throw new BadInputException($"{file}:{lines.Count}: expected machines ('{Form}'), found none");
    }

    /// <summary>Reads one line.</summary>
    /// <param name="place">Where it stands, for messages.</param>
    /// <param name="text">The line.</param>
    /// <exception cref="BadInputException">It is not a machine, or not one that its emulator can emulate.</exception>
    public static NamedMachine Parse(string place, string text)
    {
        string[] fields = text.Split([' ', '\t'], Columns, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != Columns)
        {
            throw new BadInputException($"{place}: expected '{Form}' (- for a default), found {fields.Length} columns");
        }

        if (!fields[0].All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || fields[0][0] == '.')
        {
            throw new BadInputException($"{place}: expected a name of letters, digits, '-', '_' and '.', "
                + $"found '{PastedText.Quote(fields[0])}'");
        }

        IEmulator emulator = EmulatorList.Find(fields[1])
            ?? throw new BadInputException($"{place}: expected an emulator ({string.Join(", ", EmulatorList.Words)}), "
                + $"found '{PastedText.Quote(fields[1])}'");
        BootMedium medium = MediumWords.Find(fields[5])
            ?? throw new BadInputException($"{place}: expected a boot medium ({string.Join(", ", MediumWords.All)}), "
                + $"found '{PastedText.Quote(fields[5])}'");
        try
        {
            MachineOptions machine = new()
            {
                Emulator = emulator,
                MemoryBytes = MemorySize.Parse(fields[2]),
                Cpu = fields[3] == "-" ? null : fields[3],
                Type = fields[4],
                Medium = medium,
                InstructionClock = emulator.Can.InstructionClock,
                SendOnly = emulator.Can.InstructionClock,
            };
            machine.Check();
            string options = fields[6] == "-" ? "" : string.Join(' ', fields[6].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            return new NamedMachine(fields[0], machine, options, string.Join(' ', [.. fields[..6], options]));
        }
        catch (BadInputException error)
        {
            throw new BadInputException($"{place}: {error.Message}");
        }
    }
}
