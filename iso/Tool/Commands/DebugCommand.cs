using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Symbols;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>What a debugging session is to be.</summary>
public sealed record DebugOptions
{
    /// <summary>The variant's name.</summary>
    public string Variant { get; init; } = Build.Variant.DefaultName;

    /// <summary>Methods, by the end of their names, or FILE.cs:LINE; none: the variant's Run.</summary>
    public IReadOnlyList<string> Breaks { get; init; } = [];

    /// <summary>gdb's commands; with any, gdb performs them and ends.</summary>
    public IReadOnlyList<string> Execute { get; init; } = [];

    /// <summary>Kernel command line.</summary>
    public string Append { get; init; } = "";

    /// <summary>Lines for the kernel's shell.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Show the machine's screen in a window.</summary>
    public bool Window { get; init; }

    /// <summary>Only the machine: a debugger comes from elsewhere.</summary>
    public bool NoGdb { get; init; }

    /// <summary>The longest that a session with <see cref="Execute"/> may take, in seconds.</summary>
    public int Seconds { get; init; } = 60;
}

/// <summary>
/// <c>bootalloc debug</c>: the image that ships, in QEMU, stopped before its first instruction, and gdb with C# lines. The two talk over a
/// socket in the file system; nothing listens on a port.
/// </summary>
public static class DebugCommand
{
    private const int SignalInterrupt = 2;
    private const nint Ignore = 1;
    private const string ServerName = "debug.gdb";

    // The fourth word of a line of /proc/net/unix: __SO_ACCEPTCON.
    private const int SocketFlags = 3;
    private const string Accepting = "00010000";
    private const string SymbolsName = "debug.symbols";

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    /// <summary>What a session needs beside the kernel and QEMU.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [new("gdb", "gdb")];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> variant = SharedOptions.Variant("The variant to debug (nobootmem).");
        Option<string[]> breaks = new("--break")
        {
            Description = "A breakpoint: a method by the end of its name, such as SlabHeap.Free, or FILE.cs:LINE; may be repeated; by "
                + "default the variant's Run.",
            HelpName = "method",
        };
        Option<string[]> execute = new("--execute")
        {
            Description = "A command for gdb; may be repeated; gdb performs them and ends.",
            HelpName = "command",
        };
        Option<string?> append = new("--append") { Description = "Kernel command line.", HelpName = "words" };
        Option<string[]> commands = new("--command") { Description = "A line for the kernel's shell; may be repeated.", HelpName = "line" };
        Option<bool> window = new("--window") { Description = "Show the machine's screen in a window; its keyboard is the kernel's." };
        Option<bool> noGdb = new("--no-gdb")
        {
            Description = $"Only start the machine, stopped, for a debugger from elsewhere (Visual Studio Code's): it waits at "
                + $"iso/out/{ServerName}.",
        };
        Option<int> timeout = new("--timeout")
        {
            Description = "With --execute: seconds until the session is ended by force (60).",
            HelpName = "seconds",
            DefaultValueFactory = _ => new DebugOptions().Seconds,
        };
        timeout.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value is < 1 or > 86400)
            {
                result.AddError($"--timeout: expected 1 to 86400, found {value}");
            }
        });
        Command command = new("debug", "Debug a kernel in QEMU with gdb: breakpoints, steps, and backtraces in lines of C#.")
        {
            variant, breaks, execute, append, commands, window, noGdb, timeout,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(),
            new DebugOptions
            {
                Variant = parsed.GetValue(variant) ?? Variant.DefaultName,
                Breaks = parsed.GetValue(breaks) ?? [],
                Execute = parsed.GetValue(execute) ?? [],
                Append = parsed.GetValue(append) ?? "",
                Commands = parsed.GetValue(commands) ?? [],
                Window = parsed.GetValue(window),
                NoGdb = parsed.GetValue(noGdb),
                Seconds = parsed.GetValue(timeout),
            },
            cancel));
        return command;
    }

    /// <summary>Builds the variant if needed, and debugs it.</summary>
    /// <returns>1 when gdb reports an error, 124 when a session with --execute does not end.</returns>
    public static async Task<int> RunAsync(Workplace place, DebugOptions options, CancellationToken cancel)
    {
        Variant variant = Variant.Named(place.Project, options.Variant, Toolchain.NativeAot);
        if (!options.NoGdb)
        {
            await place.Programs.ProvideAsync(Needs, cancel);
        }

        BuiltVariant built = await place.Output.JobAsync(
            $"build {variant.Name}",
            _ => new VariantBuild(place.Project, place.Programs).BuildAsync(variant, Toolchain.NativeAot, cancel));
        string symbols = NativeAotToolchain.SymbolsOf(place.Project, variant);
        SymbolTable table = SymbolTable.Read(symbols);
        List<string> breaks = [.. options.Breaks.Select(b => BreakAt(table, b))];
        if (breaks.Count == 0)
        {
            breaks.Add($"break '{RunOf(table)}'");
        }

        using TemporaryFolder work = new();
        string socket = options.NoGdb ? Path.Combine(place.Project.Out, ServerName) : work.File("gdb");
        File.Delete(socket);
        BootSession session = new(place.Programs);
        MachineOptions machine = new()
        {
            Medium = BootMedium.Kernel,
            Screen = options.Window ? MachineScreen.Window : MachineScreen.None,
            MoreArguments =
            [
                "-S", "-chardev", $"socket,path={socket.Replace(",", ",,", StringComparison.Ordinal)},server=on,wait=off,id=gdb",
                "-gdb", "chardev:gdb",
            ],
        };
        string log = RunLogs.Make(place.Project, built.FileName, machine);
        await using FileStream com1 = new(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        BootRequest request = new()
        {
            Machine = machine,
            Source = new BootSource(built.Kernel, options.Append),
            LogFile = work.File("boot.log"),
            Commands = options.Commands,
            PowerOff = false,
            TimeLimit = options.Execute.Count != 0 ? TimeSpan.FromSeconds(options.Seconds) : s_day,
            Live = text => Write(com1, text),
        };
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task<BootResult> boot = session.RunAsync(request, ending.Token);
        try
        {
            while (!Listens(socket) && !boot.IsCompleted)
            {
                await Task.Delay(s_look, cancel);
            }

            if (!Listens(socket))
            {
                throw new FailedException($"QEMU did not start: {(await boot).Messages}");
            }

            place.Output.Progress($"COM1 goes to {place.Project.Show(log)}; watch it in a second terminal with tail -f");
            if (options.NoGdb)
            {
                return await ServeAsync(place, symbols, socket, boot);
            }

            string script = work.File("commands.gdb");
            await File.WriteAllTextAsync(script, Script(socket, breaks, options), cancel);
            List<string> arguments = ["-q", symbols, "-x", script];
            return options.Execute.Count == 0
                ? await TalkAsync(place, arguments)
                : await ExecuteAsync(place, ["-nx", "-batch", .. arguments], request.TimeLimit, cancel);
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)boot).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            RunLogs.DropEmpty(log);
        }
    }

    [DllImport("libc")]
    private static extern nint signal(int number, nint handler);

    // The file is there before QEMU listens, and gdb tries just once. A look at the list of sockets does not take the one connection.
    private static bool Listens(string socket)
        => File.ReadLines("/proc/net/unix").Any(line => line.EndsWith(" " + socket, StringComparison.Ordinal)
            && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[SocketFlags] == Accepting);

    private static void Write(Stream log, string text)
    {
        log.Write(System.Text.Encoding.Latin1.GetBytes(text));
        log.Flush();
    }

    private static string BreakAt(SymbolTable table, string words)
    {
        int colon = words.LastIndexOf(':');
        if (colon > 0 && words[..colon].EndsWith(".cs", StringComparison.Ordinal))
        {
            return uint.TryParse(words.AsSpan(colon + 1), out uint line) && line > 0
                ? $"break {words[..colon]}:{line}"
                : throw new BadInputException($"--break: expected FILE.cs:LINE, found '{words}'");
        }

        return $"break '{table.Resolve(words)}'";
    }

    // An image has one variant.
    private static string RunOf(SymbolTable table) => table.Methods.Select(m => m.Name).First(
        n => n.StartsWith("CosmosBootAlloc.Configs.", StringComparison.Ordinal) && n.EndsWith("Variant.Run", StringComparison.Ordinal));

    private static string Script(string socket, IReadOnlyList<string> breaks, DebugOptions options)
    {
        // gdb gives up a packet that QEMU does not answer in 2 s, which a busy host may take.
        List<string> lines =
        [
            "set remotetimeout 300", "set confirm off", "set pagination off", "set architecture i386", $"target remote {socket}", .. breaks,
        ];
        if (options.Execute.Count == 0)
        {
            lines.Add("set pagination on");
            lines.Add("echo The machine is stopped before its first instruction. Type continue to run to the breakpoint\\n");
            lines.Add("echo (bt, next, step, info locals, print *this; quit ends the machine).\\n");
        }

        return string.Join('\n', [.. lines, .. options.Execute]) + "\n";
    }

    // gdb has the terminal; Ctrl-C is its own and stops the machine, not this program.
    private static async Task<int> TalkAsync(Workplace place, IEnumerable<string> arguments)
    {
        signal(SignalInterrupt, Ignore);
        using Process gdb = Process.Start(new ProcessStartInfo(place.Programs.Get("gdb"), arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = place.Project.Root,
        })!;
        await gdb.WaitForExitAsync(CancellationToken.None);
        return gdb.ExitCode == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static async Task<int> ExecuteAsync(Workplace place, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(
            place.Programs.Get("gdb"), arguments, limit, cancel, folder: place.Project.Root, line: place.Output.Line);
        return result.TimedOut ? throw new TimeOutException($"debug: no end after {limit.TotalSeconds:0} s, the session was ended")
            : result.ExitStatus == 0 ? ExitStatus.Done
            : throw new FailedException($"gdb: {result.LastLine}");
    }

    private static async Task<int> ServeAsync(Workplace place, string symbols, string socket, Task<BootResult> boot)
    {
        string link = Path.Combine(place.Project.Out, SymbolsName);
        File.Delete(link);
        File.CreateSymbolicLink(link, symbols);
        place.Output.Progress(
            $"QEMU waits for a debugger: target remote {place.Project.Show(socket)}, symbols {place.Project.Show(link)}; Ctrl-C ends it");
        try
        {
            await boot;
        }
        finally
        {
            File.Delete(socket);
        }

        return ExitStatus.Done;
    }
}
