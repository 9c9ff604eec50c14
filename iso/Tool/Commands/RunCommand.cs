using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// <c>bootalloc run</c>: one boot of one variant, or of an image by its menu, on any machine, with any kernel command line and any lines
/// for its shell.
/// </summary>
public static class RunCommand
{
    private const int DefaultSeconds = 60;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> variant = SharedOptions.Variant("The variant to boot.");
        Argument<string[]> words = new("variant")
        {
            Description = "The variant to boot, as with --variant. After --: further arguments for QEMU, such as -s -S to wait for a "
                + "debugger.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> image = new("--image")
        {
            Description = "Instead, boot this image, such as iso/out/bootalloc.img, by its menu: the entry of --menu, or the first.",
            HelpName = "file",
        };
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string> emulator = Choice("--emulator", "The emulator.", [.. EmulatorList.Words]);
        Option<string?> memory = new("--memory")
        {
            Description = "RAM, such as 64M or 8G; by default 128M, in DOSBox all of the 63M that it can have.",
            HelpName = "size",
        };
        Option<string?> cpu = new("--cpu")
        {
            Description = "CPU model by the emulator's own name, such as pentium3, p3_katmai, or pentium_slow.",
            HelpName = "model",
        };
        Option<string> type = Choice("--machine", "Machine type.", [.. EmulatorList.All.SelectMany(e => e.Can.MachineTypes).Distinct()]);
        Option<string?> medium = new("--as")
        {
            Description = "What the machine boots from, by default a CD, in DOSBox a disk; with kernel, QEMU loads it without an image. "
                + "An --image of a floppy's size is a floppy, a folder is the network's.",
            HelpName = string.Join('|', MediumWords.All),
        };
        medium.AcceptOnlyFromAmong([.. MediumWords.All]);
        Option<string?> protocol = new("--protocol")
        {
            Description = "How the loader hands over: multiboot2 or multiboot1.",
            HelpName = "protocol",
        };
        protocol.AcceptOnlyFromAmong("multiboot2", "multiboot1");
        Option<string?> append = new("--append") { Description = "Kernel command line, such as \"mem=64M selftest\".", HelpName = "words" };
        Option<string?> module = new("--module") { Description = "A file to hand over as a boot module.", HelpName = "file" };
        Option<string?> disk = new("--disk")
        {
            Description = "A file that becomes a further hard disk (master of the secondary channel); the machine may write to it.",
            HelpName = "file",
        };
        Option<string[]> commands = new("--command") { Description = "A line for the kernel's shell; may be repeated.", HelpName = "line" };
        Option<string?> log = new("--log")
        {
            Description = "The boot log; by default a new file in iso/out/runs.",
            HelpName = "file",
        };
        Option<string?> screen = new("--screen") { Description = "Save the screen at the end as .png, .ppm or .txt.", HelpName = "file" };
        Option<int?> timeout = new("--timeout")
        {
            Description = $"Seconds until the machine is ended by force ({DefaultSeconds}; a day with --window, --vnc, or --shell).",
            HelpName = "seconds",
        };
        Option<bool> window = new("--window") { Description = "Show the machine's screen in a window and leave it running." };
        Option<bool> vnc = new("--vnc")
        {
            Description = "Show the screen to a VNC viewer on this machine, by 127.0.0.1 only, and leave it running (QEMU).",
        };
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
        Limit(menu, 20);
        Limit(timeout, 86400);

        Command command = new(
            "run",
            "Boot one variant, or an image, and print its boot log. Without a variant: nobootmem, in a window, or, where there is no "
                + "display, with its shell on this terminal.")
        {
            words, variant, image, toolchain, emulator, memory, cpu, type, medium, protocol, append, module, disk, commands, log, screen,
            timeout, window, vnc, shell, menu, icount, accel, quiet, cosmos,
        };
        command.SetAction((parsed, cancel) =>
        {
            (IReadOnlyList<string> names, IReadOnlyList<string> more) = SplitAtDashes(parsed);
            MachineOptions machine = new()
            {
                Emulator = EmulatorList.Find(parsed.GetRequiredValue(emulator))!,
                Cpu = parsed.GetValue(cpu),
                Type = parsed.GetRequiredValue(type),
                Disk = parsed.GetValue(disk),
                InstructionClock = parsed.GetValue(icount),
                HostCpu = parsed.GetRequiredValue(accel) == "kvm",
                Screen = ScreenOf(parsed.GetValue(window), parsed.GetValue(vnc)),
                MoreArguments = more,
            };
            machine = parsed.GetValue(memory) is { } size ? machine with { MemoryBytes = MemorySize.Parse(size) } : machine;
            machine = parsed.GetValue(medium) is { } word ? machine with { Medium = MediumWords.Find(word)!.Value }
                : parsed.GetValue(image) is { } file && RunOptions.MediumOf(file) is var itsOwn
                    && machine.Emulator.Can.Media.Contains(itsOwn)
                    ? machine with { Medium = itsOwn }
                : machine;
            RunOptions options = new()
            {
                Variant = VariantOf(names, parsed.GetValue(variant)),
                Image = parsed.GetValue(image),
                Toolchain = parsed.GetRequiredValue(toolchain),
                Machine = machine,
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
            return RunAsync(new Workplace(), options.WithDefaults(), cancel);
        });
        return command;

        // What stands before --, and what stands behind it: the parser takes both for values of the one argument.
        (IReadOnlyList<string>, IReadOnlyList<string>) SplitAtDashes(ParseResult parsed)
        {
            string[] all = parsed.GetValue(words) ?? [];
            int behind = parsed.Tokens.Reverse().TakeWhile(t => t.Type != TokenType.DoubleDash).Count();
            behind = parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash) ? behind : 0;
            return (all[..^behind], all[^behind..]);
        }
    }

    /// <summary>Boots a variant, which is built if needed, or an image.</summary>
    /// <returns>1 when the boot was not good, 124 when it did not end.</returns>
    public static async Task<int> RunAsync(Workplace place, RunOptions options, CancellationToken cancel)
    {
        if (options.Variant != null && options.Image != null)
        {
            throw new BadInputException($"run: expected a variant or --image, found both: '{options.Variant}' and '{options.Image}'");
        }

        return options.Image != null ? await RunImageAsync(place, options, cancel) : await RunVariantAsync(place, options, cancel);
    }

    private static async Task<int> RunVariantAsync(Workplace place, RunOptions options, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.Named(options.Toolchain);
        Variant variant = Variant.Named(place.Project, options.Variant!, toolchain);
        options.Check(toolchain);
        BuiltVariant built = await place.Output.JobAsync(
            $"build {variant.Name}{toolchain.Suffix}",
                _ => new VariantBuild(place.Project, place.Programs).BuildAsync(variant, toolchain, cancel));

        using TemporaryFolder work = new();
        BootSource source = options.Menu != null || options.UsesMenuImage(toolchain)
            ? new BootSource(built.Iso)
            : await BootSource.MakeAsync(place.Programs, options.Machine.Medium, built.Kernel, options.Entry(), work, cancel);
        return await BootAsync(place, options, source, variant.Name, built.FileName, options.MenuLine(toolchain), cancel);
    }

    // Without --menu the menu is left to run out.
    private static async Task<int> RunImageAsync(Workplace place, RunOptions options, CancellationToken cancel)
    {
        options.CheckImage();
        string name = Path.GetFileName(options.Image!);
        return await BootAsync(place, options, new BootSource(options.Image!), name, name, options.Menu - 1, cancel);
    }

    private static async Task<int> BootAsync(
        Workplace place, RunOptions options, BootSource source, string name, string fileName, int? line, CancellationToken cancel)
    {
        string file = options.Log ?? RunLogs.Make(place.Project, fileName, options.Machine);
        try
        {
            return await BootAsync(place, options, source, name, line, file, cancel);
        }
        finally
        {
            RunLogs.DropEmpty(file);
        }
    }

    private static async Task<int> BootAsync(
        Workplace place, RunOptions options, BootSource source, string name, int? line, string logFile, CancellationToken cancel)
    {
        BootRequest request = new()
        {
            Machine = options.Machine with { SendOnly = options.SendOnly },
            Source = source,
            LogFile = logFile,
            MenuKeys = line is { } number ? MenuKeys.Choose(number) : null,
            Commands = options.Commands,
            Keyboard = options.Shell,
            PowerOff = !options.LeaveRunning,
            TimeLimit = TimeSpan.FromSeconds(options.Seconds ?? (options.LeaveRunning ? 86400 : DefaultSeconds)),
            ScreenFile = options.Screen,
            ScreenAt = address => place.Output.Progress($"the screen is at {address}, for a VNC viewer; Ctrl-C ends the machine"),
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
            throw new TimeOutException($"{name}: no end after {after} s, the emulator was ended; log: {log}");
        }

        IReadOnlyList<string> problems = options.LeaveRunning && result.End == BootEnd.Reset ? [] : result.Problems();
        if (problems.Count != 0)
        {
            throw new FailedException($"{name}: {string.Join("; ", problems)}; log: {log}");
        }

        place.Output.Progress($"{name}: good boot{Speed(result)}; log: {log}");
        return ExitStatus.Done;
    }

    private static string Speed(BootResult result)
        => result.TimeToShell is { } time ? string.Create(CultureInfo.InvariantCulture, $", shell after {time.TotalSeconds:0.00} s") : "";

    private static MachineScreen ScreenOf(bool window, bool vnc)
        => window && vnc ? throw new BadInputException("--window and --vnc exclude each other")
            : window ? MachineScreen.Window
            : vnc ? MachineScreen.Vnc
            : MachineScreen.None;

    private static string? VariantOf(IReadOnlyList<string> words, string? option)
    {
        IReadOnlyList<string> all = option == null ? words : [.. words, option];
        return all.Count <= 1
            ? all.FirstOrDefault()
            : throw new BadInputException(
                $"run: expected one variant, found {all.Count}: {string.Join(", ", all.Select(PastedText.Quote))}; "
                + "arguments for QEMU stand behind --");
    }

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
