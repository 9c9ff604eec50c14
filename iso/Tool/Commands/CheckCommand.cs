using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Web;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc check</c>: what is installed, what is missing, how to get it.</summary>
public static class CheckCommand
{
    private const long LargestImage = 256 << 20;
    private const string Optional = "not installed (optional)";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>What the tests of the report page need, to see it as a browser shows it.</summary>
    public static IReadOnlyList<Need> Browser { get; } = [new("chromium", "chromium")];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> cosmos = SharedOptions.Cosmos();
        Option<string?> image = new("--image")
        {
            Description = "Instead, decode the kernels in an ELF file or a disk image, and name what is newer than a 486.",
            HelpName = "file",
        };
        Command command = new("check", "Show what is installed, what is missing, and how to get it.") { cosmos, image };
        command.SetAction((result, cancel) => result.GetValue(image) is { } file
            ? Task.FromResult(ShowCode(new Workplace(), file))
            : RunAsync(new Workplace(), cancel));
        return command;
    }

    /// <summary>Decodes the kernels in a file and prints what is newer than a 486.</summary>
    /// <returns>1 when anything is.</returns>
    public static int ShowCode(Workplace place, string file)
    {
        int newer = 0;
        foreach (CodeImage kernel in CodeProof.Kernels(file, BytesOf(file)))
        {
            CodeProof proof = CodeProof.Of(kernel);
            newer += proof.Newer.Count;
            foreach (string line in proof.Newer)
            {
                place.Output.Line(line);
            }

            place.Output.Verdict(proof.Newer.Count == 0, $"{file}: {proof}");
        }

        return newer == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static byte[] BytesOf(string file)
    {
        using Stream input = InputFile.Open(file, LargestImage);
        using MemoryStream bytes = new();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Prints the table.</summary>
    /// <returns>3 when something that the embedded toolchain or an emulator needs is missing.</returns>
    public static async Task<int> RunAsync(Workplace place, CancellationToken cancel)
    {
        (string Job, IReadOnlyList<Need> Needs)[] jobs =
        [
            ("kernel", NativeAotToolchain.KernelNeeds), ("image", CombinedImages.Needs), .. EmulatorList.All.Select(e => (e.Name, e.Needs)),
        ];
        string sdk = $".NET SDK {await VersionAsync(Dotnet.Program, "--version", cancel)}";
        List<TableLine> lines = [new TableLine(["all", "dotnet", sdk, Dotnet.Program], false)];
        foreach ((string job, IReadOnlyList<Need> needs) in jobs)
        {
            foreach (Need need in needs)
            {
                lines.Add(await LineAsync(place.Programs, job, need, "MISSING", cancel));
            }
        }

        foreach ((string emulator, Need need) in EmulatorList.All.SelectMany(e => e.WindowNeeds.Select(n => (e.Name, n))))
        {
            lines.Add(await LineAsync(place.Programs, emulator + " --window", need, Optional, cancel));
        }

        foreach (Need need in (IEnumerable<Need>)[.. WebCommand.Needs, .. V86Package.Needs])
        {
            lines.Add(await LineAsync(place.Programs, "web", need, Optional, cancel));
        }

        foreach (Need need in DebugCommand.Needs)
        {
            lines.Add(await LineAsync(place.Programs, "debug", need, Optional, cancel));
        }

        foreach (Need need in Browser)
        {
            // Its version is not asked for: that takes a browser seconds.
            lines.Add(await LineAsync(place.Programs, "page test", need with { VersionOption = null }, Optional, cancel));
        }

        foreach ((string test, IReadOnlyList<Need> needs) in TestCommand.Witnesses)
        {
            foreach (Need need in needs)
            {
                lines.Add(await LineAsync(place.Programs, test, need, Optional, cancel));
            }
        }

        KitSearch search = CosmosKit.Search();
        string state = search.Kit != null ? "installed" : search.Broken ? "NOT USABLE (optional)" : Optional;
        lines.Add(new TableLine(["cosmos", "Cosmos kit", state, search.Folder], search.Broken));
        foreach (string version in search.Kit?.Versions() ?? [])
        {
            string[] words = version.Split(' ', 2);
            lines.Add(new TableLine(["cosmos", words[0], words[1], Path.Combine(search.Folder, "Packages")], false));
        }

        foreach (Need need in Toolchain.Cosmos.Needs)
        {
            lines.Add(await LineAsync(place.Programs, "cosmos", need, Optional, cancel));
        }

        place.Output.Table(4, ["for", "what", "version", "where"], lines);

        IReadOnlyList<Need> missing = place.Programs.Missing(jobs.SelectMany(j => j.Needs));
        place.Output.Line("toolchain cosmos: " + Cosmos(search, place.Programs.Missing(Toolchain.Cosmos.Needs)));
        if (missing.Count == 0)
        {
            place.Output.Verdict(true, "everything that the embedded toolchain and the emulators need is installed");
            return ExitStatus.Done;
        }

        place.Output.Verdict(false, "missing; as root: " + InstalledPrograms.InstallLine(missing));
        return ExitStatus.ToolMissing;
    }

    /// <summary>What toolchain cosmos lacks, and where to get it.</summary>
    public static string Cosmos(KitSearch search, IReadOnlyList<Need> missing)
    {
        string tools = missing.Count == 0
            ? ""
            : $"{string.Join(", ", missing.Select(n => n.What))} missing; as root: {InstalledPrograms.InstallLine(missing)}";
        return search.Problem == null && missing.Count == 0
            ? "everything it needs is installed"
            : string.Join("; and ", new[] { search.Problem, tools }.Where(t => !string.IsNullOrEmpty(t)));
    }

    private static async Task<TableLine> LineAsync(
        InstalledPrograms programs, string job, Need need, string missing, CancellationToken cancel)
    {
        string? found = programs.Find(need.What);
        string version = found == null
            ? missing
            : need.VersionOption == null ? "installed"
            : await VersionAsync(found, need.VersionOption, cancel);
        return new TableLine(
            [job, Path.GetFileName(need.What), version, found ?? $"package {need.Package}"], found == null && missing != Optional);
    }

    private static readonly Regex s_version = new(@"\b\d+\.\d+[^\s,)]*");

    private static async Task<string> VersionAsync(string program, string option, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(program, [option], s_limit, cancel);
        return result.Output.Split('\n').Select(l => s_version.Match(l)).FirstOrDefault(m => m.Success)?.Value ?? "installed";
    }
}
