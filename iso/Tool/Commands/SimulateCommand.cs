using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.LinuxLogs;
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
        Option<string?> e820 = new("--e820") { Description = "The memory map.", HelpName = "file" };
        Option<string?> linux = new("--as-linux")
        {
            Description = "A Linux boot log: run on its machine, with its options and reservations; of 2.6.34, compare the hand-over.",
            HelpName = "log",
        };
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
            variant, e820, linux, kernel, module, append,
        };
        command.Validators.Add(parsed =>
        {
            if ((parsed.GetResult(e820) == null) == (parsed.GetResult(linux) == null))
            {
                parsed.AddError("simulate: expected --e820 FILE or --as-linux LOG");
            }
            else if (parsed.GetResult(linux) != null && (parsed.GetResult(kernel) != null || parsed.GetResult(module) != null))
            {
                parsed.AddError("--as-linux: kernel and modules are those of the log; --kernel and --module do not go with it");
            }
        });
        command.SetAction(parsed => parsed.GetValue(linux) is { } log
            ? RunAsLinux(parsed.GetRequiredValue(variant), log, parsed.GetValue(append)!)
            : Run(
                parsed.GetRequiredValue(variant),
                parsed.GetValue(e820)!,
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
        Print([.. simulation.Log, $"simulate: {map.Summary}"]);
        return simulation.Panic == null && simulation.Healthy ? ExitStatus.Done : ExitStatus.Failed;
    }

    /// <summary>Runs a variant on the machine of a Linux log; prints the boot log, and where it is Linux's.</summary>
    /// <returns>1 when the boot panicked, its books do not balance, or the hand-over is not Linux's.</returns>
    public static int RunAsLinux(string variant, string file, string append)
    {
        LinuxBootLog log = LinuxBootLog.Load(file);
        using Simulation simulation = LinuxMachine.Run(variant, log, append, out List<string> verdict, out bool same);
        Print([.. simulation.Log, $"simulate: {log.Map.Summary}", .. verdict.Select(v => $"simulate: {v}")]);
        return simulation.Panic == null && simulation.Healthy && same ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.Out.Write($"[    0.000000] {line}\n");
        }
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
