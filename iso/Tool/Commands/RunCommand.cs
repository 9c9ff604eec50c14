using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// <c>bootalloc run</c>: one boot of one variant, on any machine, with any kernel command line and any lines for its shell.
/// </summary>
public static class RunCommand
{
    private const int DefaultSeconds = 60;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> variant = new("--variant") { Description = "The variant to boot.", HelpName = "variant", Required = true };
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string> emulator = Choice("--emulator", "The emulator.", [.. EmulatorList.Words]);
        Option<string> memory = new("--memory")
        {
            Description = "RAM, such as 64M or 8G.",
            HelpName = "size",
            DefaultValueFactory = _ => "128M",
        };
        Option<string?> cpu = new("--cpu")
        {
            Description = "CPU model by the emulator's own name, such as pentium3 or p3_katmai.",
            HelpName = "model",
        };
        Option<string> type = Choice("--machine", "Machine type.", [.. EmulatorList.All.SelectMany(e => e.Can.MachineTypes).Distinct()]);
        Option<string> medium = Choice("--as", "What the machine boots from; with kernel, QEMU loads it without an image.",
            [.. MediumWords.All]);
        Option<string?> protocol = new("--protocol")
        {
            Description = "How the loader hands over: multiboot2 or multiboot1.",
            HelpName = "protocol",
        };
        protocol.AcceptOnlyFromAmong("multiboot2", "multiboot1");
        Option<string?> append = new("--append") { Description = "Kernel command line, such as \"mem=64M selftest\".", HelpName = "words" };
        Option<string?> module = new("--module") { Description = "A file to hand over as a boot module.", HelpName = "file" };
        Option<string[]> commands = new("--command") { Description = "A line for the kernel's shell; may be repeated.", HelpName = "line" };
        Option<string?> log = new("--log") { Description = "The boot log; by default iso/out/run-<variant>.log.", HelpName = "file" };
        Option<string?> screen = new("--screen") { Description = "Save the screen at the end as .png, .ppm or .txt.", HelpName = "file" };
        Option<int?> timeout = new("--timeout")
        {
            Description = $"Seconds until the machine is ended by force ({DefaultSeconds}; a day with --window or --shell).",
            HelpName = "seconds",
        };
        Option<bool> window = new("--window") { Description = "Show the machine's screen and leave it running." };
        Option<bool> shell = new("--shell") { Description = "Type to the kernel's shell over the serial port until poweroff or Ctrl-C." };
        Option<int?> menu = new("--menu")
        {
            Description = "Boot the image with the menu and choose this entry, counted from 1.",
            HelpName = "line",
        };
        Option<bool> icount = new("--icount") { Description = "Use instructions as the clock: two equal runs give equal logs (QEMU)." };
        Option<string> accel = Choice("--accel", "How QEMU executes code.", "tcg", "kvm");
        Option<bool> quiet = new("--quiet") { Description = "Do not print the log." };
        Option<string?> cosmos = SharedOptions.Cosmos();
        Argument<string[]> more = new("qemu-arguments")
        {
            Description = "After --: further arguments for QEMU, such as -s -S to wait for a debugger.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Limit(menu, 20);
        Limit(timeout, 86400);

        Command command = new("run", "Boot one variant and print its boot log.")
        {
            variant, toolchain, emulator, memory, cpu, type, medium, protocol, append, module, commands, log, screen, timeout, window,
                shell, menu,
            icount, accel, quiet, cosmos, more,
        };
        command.SetAction((parsed, cancel) =>
        {
            RunOptions options = new()
            {
                Variant = parsed.GetRequiredValue(variant),
                Toolchain = parsed.GetRequiredValue(toolchain),
                Machine = new MachineOptions
                {
                    Emulator = EmulatorList.Find(parsed.GetRequiredValue(emulator))!,
                    MemoryBytes = MemorySize.Parse(parsed.GetRequiredValue(memory)),
                    Cpu = parsed.GetValue(cpu),
                    Type = parsed.GetRequiredValue(type),
                    Medium = Enum.Parse<BootMedium>(parsed.GetRequiredValue(medium), ignoreCase: true),
                    InstructionClock = parsed.GetValue(icount),
                    HostCpu = parsed.GetRequiredValue(accel) == "kvm",
                    Window = parsed.GetValue(window),
                    MoreArguments = parsed.GetValue(more) ?? [],
                },
                Protocol = parsed.GetValue(protocol) is { } name ? Enum.Parse<BootProtocol>(name, ignoreCase: true) : null,
                Append = parsed.GetValue(append) ?? "",
                Module = parsed.GetValue(module),
                Commands = parsed.GetValue(commands) ?? [],
                Log = parsed.GetValue(log),
                Screen = parsed.GetValue(screen),
                Seconds = parsed.GetValue(timeout),
                Menu = parsed.GetValue(menu),
                Shell = parsed.GetValue(shell),
                Quiet = parsed.GetValue(quiet),
            };
            return RunAsync(new Workplace(), options, cancel);
        });
        return command;
    }

    /// <summary>Builds what is needed and boots.</summary>
    /// <returns>1 when the boot was not good, 124 when it did not end.</returns>
    public static async Task<int> RunAsync(Workplace place, RunOptions options, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.Named(options.Toolchain);
        Variant variant = Variant.Named(place.Project, options.Variant, toolchain);
        options.Check(toolchain);
        BuiltVariant built = await place.Output.JobAsync(
            $"build {variant.Name}{toolchain.Suffix}",
                _ => new VariantBuild(place.Project, place.Programs).BuildAsync(variant, toolchain, cancel));

        using TemporaryFolder work = new();
        BootSource source = options.Menu != null || options.UsesMenuImage(toolchain)
            ? new BootSource(built.Iso)
            : await BootSource.MakeAsync(place.Programs, options.Machine.Medium, built.Kernel, options.Entry(), work, cancel);
        BootRequest request = new()
        {
            Machine = options.Machine with { SendOnly = options.SendOnly },
            Source = source,
            LogFile = options.Log ?? Path.Combine(place.Project.Out, $"run-{built.FileName}.log"),
            MenuKeys = options.MenuLine(toolchain) is { } line ? MenuKeys.Choose(line) : null,
            Commands = options.Commands,
            Keyboard = options.Shell,
            PowerOff = !options.LeaveRunning,
            TimeLimit = TimeSpan.FromSeconds(options.Seconds ?? (options.LeaveRunning ? 86400 : DefaultSeconds)),
            ScreenFile = options.Screen,
            Live = options.Quiet ? null : PlainWriter.WriteMachine,
        };
        BootResult result = await new BootSession(place.Programs).RunAsync(request, cancel);
        if (!options.Quiet)
        {
            Console.Out.WriteLine();
        }

        string log = place.Project.Show(result.LogFile);
        if (result.End == BootEnd.TimedOut)
        {
            string after = request.TimeLimit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
            throw new TimeOutException($"{variant.Name}: no end after {after} s, the emulator was ended; log: {log}");
        }

        IReadOnlyList<string> problems = options.LeaveRunning && result.End == BootEnd.Reset ? [] : result.Problems();
        if (problems.Count != 0)
        {
            throw new FailedException($"{variant.Name}: {string.Join("; ", problems)}; log: {log}");
        }

        place.Output.Progress($"{variant.Name}: good boot{Speed(result)}; log: {log}");
        return ExitStatus.Done;
    }

    private static string Speed(BootResult result)
        => result.TimeToShell is { } time ? string.Create(CultureInfo.InvariantCulture, $", shell after {time.TotalSeconds:0.00} s") : "";

    // The option's own converter refuses what is not a number; this checks the range.
    private static void Limit(Option<int?> option, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < 1 || value > most))
        {
            result.AddError($"{option.Name}: expected 1 to {most}, found {value}");
        }
    });

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        Option<string> option = new(name) { Description = description, DefaultValueFactory = _ => values[0] };
        return option.AcceptOnlyFromAmong(values);
    }
}
