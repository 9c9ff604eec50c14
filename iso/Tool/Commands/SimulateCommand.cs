using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc simulate</c>: a variant's stages on the host, on any memory map; prints the boot log.</summary>
public static class SimulateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> variant = new("--variant") { Description = "The variant whose stages run.", HelpName = "variant", Required = true };
        Option<string> e820 = new("--e820") { Description = "The memory map.", HelpName = "file", Required = true };
        Option<string?> kernel = new("--kernel") { Description = "The kernel image's addresses, end exclusive.", HelpName = "start-end" };
        Option<string[]> module = new("--module")
        {
            Description = "A boot module's addresses, end exclusive; may be repeated.",
            HelpName = "start-end",
        };
        Option<string> append = new("--append")
        {
            Description = "Kernel command line, such as \"mem=64M memmap=1M$16M\".",
            HelpName = "words",
            DefaultValueFactory = _ => "",
        };
        Command command = new("simulate", "Run a variant's stages on the host, on any memory map, and print the boot log.")
        {
            variant, e820, kernel, module, append,
        };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(variant),
            parsed.GetRequiredValue(e820),
            parsed.GetValue(kernel),
            parsed.GetValue(module) ?? [],
            parsed.GetValue(append)!));
        return command;
    }

    /// <summary>Runs the simulation and prints its log.</summary>
    /// <returns>1 when the boot panicked or its books do not balance.</returns>
    public static int Run(string variant, string e820, string? kernel, string[] modules, string append)
    {
        FirmwareMap map = FirmwareMap.Load(e820);
        SimulationOptions options = new SimulationOptions
        {
            CommandLine = append,
        }.From(map);
        if (kernel != null)
        {
            options = options with { Kernel = Range("--kernel", kernel) };
        }

        if (modules.Length != 0)
        {
            options = options with { Modules = [.. modules.Select(module => Range("--module", module))] };
        }

        using Simulation simulation = Simulation.Run(variant, map, options);
        foreach (string line in simulation.Log)
        {
            Console.Out.Write($"[    0.000000] {line}\n");
        }

        Console.Out.Write($"[    0.000000] simulate: {map.Summary}\n");
        return simulation.Panic == null && simulation.Healthy ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static (ulong Start, ulong End) Range(string option, string text)
    {
        string[] ends = text.Split('-');
        if (ends.Length == 2 && TryAddress(ends[0], out ulong start) && TryAddress(ends[1], out ulong end) && start < end)
        {
            return (start, end);
        }

        throw new BadInputException(
            $"{option}: expected START-END in bytes, hexadecimal with 0x or decimal, END exclusive and above START (such as "
                + $"0x100000-0x140000), "
            + $"found '{text}'");
    }

    private static bool TryAddress(string text, out ulong address)
        => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out address);
}
