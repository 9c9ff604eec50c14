using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Symbols;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc addr2line</c>: the methods and lines of addresses, such as a panic's frames.</summary>
public static class Addr2lineCommand
{
    private const int MostAddresses = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>What it needs beside the kernel.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [new("addr2line", "binutils")];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> addresses = new("address")
        {
            Description = "Hexadecimal, with or without 0x. What follows a call is taken for a return address: the call's line is shown.",
            Arity = new ArgumentArity(0, MostAddresses),
        };
        Option<string?> variant = SharedOptions.Variant("The variant; by default the log's, or nobootmem.");
        Option<string?> log = new("--log") { Description = "Take the frames of the panic in this boot log.", HelpName = "file" };
        Command command = new("addr2line", "Name the methods and lines of addresses, such as the frames that a panic prints.")
        {
            addresses, variant, log,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(), parsed.GetValue(addresses) ?? [], parsed.GetValue(variant), parsed.GetValue(log), cancel));
        return command;
    }

    /// <summary>Prints a line for each address; builds the variant if needed.</summary>
    public static async Task<int> RunAsync(
        Workplace place, IReadOnlyList<string> words, string? variant, string? logFile, CancellationToken cancel)
    {
        if (words.Count == 0 == (logFile == null))
        {
            throw new BadInputException("addr2line: expected addresses or --log FILE" + (logFile == null ? "" : ", found both"));
        }

        List<uint> given = [.. words.Select(Parse)];
        BootLog? log = logFile == null ? null : LogOf(logFile);
        Variant chosen = Variant.Named(place.Project, variant ?? log?.Boot?["variant"] ?? Variant.DefaultName, Toolchain.NativeAot);
        await place.Programs.ProvideAsync(Needs, cancel);
        BuiltVariant built = await place.Output.JobAsync(
            $"build {chosen.Name}",
            _ => new VariantBuild(place.Project, place.Programs).BuildAsync(chosen, Toolchain.NativeAot, cancel));
        if (log != null && !IsOf(log, built.Kernel))
        {
            place.Output.Progress(
                $"{logFile}: the kernel in the log has another size than the one built here: the lines below are right only for this one");
        }

        string symbols = NativeAotToolchain.SymbolsOf(place.Project, chosen);
        List<Frame> frames = log != null ? FramesOf(logFile!, log) : FramesOf(given, symbols, built.Kernel);
        foreach (string line in await NameAsync(place, symbols, frames, cancel))
        {
            place.Output.Line(line);
        }

        return ExitStatus.Done;
    }

    private static async Task<List<string>> NameAsync(
        Workplace place, string symbols, IReadOnlyList<Frame> frames, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(
            place.Programs.Get("addr2line"),
            ["-f", "-e", symbols, .. frames.Select(f => f.LookAt.ToString("x", CultureInfo.InvariantCulture))], s_limit, cancel);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (result.ExitStatus != 0 || lines.Length < 2 * frames.Count)
        {
            throw new FailedException($"addr2line: {result.LastLine}");
        }

        List<string> named = [];
        for (int i = 0; i < frames.Count; i++)
        {
            string method = lines[2 * i] == "??" ? "no code of this kernel" : lines[2 * i];
            string source = lines[(2 * i) + 1];
            source = source.StartsWith(place.Project.Root + "/", StringComparison.Ordinal)
                ? source[(place.Project.Root.Length + 1)..] : source;
            string at = source.StartsWith('?') || source.EndsWith(":?", StringComparison.Ordinal) ? "" : $" at {source}";
            named.Add($"#{i,-2} {frames[i].Address:x8} {method}{at}{(frames[i].Kind == "maybe" ? " (maybe)" : "")}");
        }

        return named;
    }

    private static BootLog LogOf(string file)
    {
        BootLog? log = BootCapture.Load(file, true).Kept.LastOrDefault(l => l.Facts.Any(IsFrame));
        if (log == null)
        {
            throw new BadInputException($"{file}: expected a boot log with a panic's frames (bootalloc: frame ...), found none");
        }

        return log.Boot?["toolchain"] is null or "nativeaot"
            ? log
            : throw new BadInputException(
                $"{file}: a kernel of toolchain {log.Boot["toolchain"]}: only nativeaot's have symbol files; docs/debugging.md says what "
                + "names Cosmos's addresses");
    }

    private static bool IsFrame(Fact fact) => fact.Kind == "frame" && fact.Address("address") is <= uint.MaxValue;

    private static List<Frame> FramesOf(string name, BootLog log)
    {
        List<Frame> frames = [];
        foreach (Fact fact in log.Facts.Where(IsFrame))
        {
            frames.Add(new Frame((uint)fact.Address("address")!.Value, fact["kind"] ?? "return"));
        }

        return frames.Count <= MostAddresses ? frames : throw new BadInputException($"{name}: more than {MostAddresses} frames");
    }

    private static List<Frame> FramesOf(List<uint> addresses, string symbols, string kernel)
    {
        SymbolTable table = SymbolTable.Read(symbols);
        CodeImage image = new(kernel, File.ReadAllBytes(kernel));
        return [.. addresses.Select(a => new Frame(a, FollowsCall(table, image, a) ? "return" : "fault"))];
    }

    // Decodes the method from its beginning: whether its instruction before the address is a call.
    private static bool FollowsCall(SymbolTable table, CodeImage image, uint address)
    {
        if (table.At(address - 1) is not { } method)
        {
            return false;
        }

        byte[] code = image.At(method.Start, (int)method.Bytes).ToArray();
        Iced.Intel.Decoder decoder = Iced.Intel.Decoder.Create(32, code, method.Start);
        Instruction last = default;
        while (decoder.IP < address)
        {
            last = decoder.Decode();
        }

        return decoder.IP == address && last.FlowControl is FlowControl.Call or FlowControl.IndirectCall;
    }

    private static bool IsOf(BootLog log, string kernel)
    {
        Fact? image = log.Accounts.FirstOrDefault(a => a["name"] == "TEXT DATA BSS");
        return image?.Address("end") is not { } end || end == KernelFile.Read(kernel).End;
    }

    private static uint Parse(string word)
    {
        ReadOnlySpan<char> digits = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word.AsSpan(2) : word;
        return uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint address)
            ? address
            : throw new BadInputException($"addr2line: expected a hexadecimal address below 4 GiB, found {PastedText.Quote(word)}");
    }

    private readonly record struct Frame(uint Address, string Kind)
    {
        // The call itself, whose line may not be that of the instruction behind it.
        public uint LookAt => Kind == "fault" ? Address : Address - 1;
    }
}
