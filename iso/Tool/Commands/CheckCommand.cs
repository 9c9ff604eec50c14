using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Report;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc check</c>: what is installed, what is missing, how to get it.</summary>
public static partial class CheckCommand
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("check", "Shows what is installed, what is missing and how to get it.") { cosmos };
        command.SetAction((_, cancel) => RunAsync(new Workplace(), cancel));
        return command;
    }

    /// <summary>Prints the table.</summary>
    /// <returns>3 when something that the embedded toolchain or QEMU needs is missing.</returns>
    public static async Task<int> RunAsync(Workplace place, CancellationToken cancel)
    {
        (string Job, IReadOnlyList<Need> Needs)[] jobs =
        [
            ("kernel", Needs.Needs.Kernel), ("image", Needs.Needs.Iso), ("QEMU", Needs.Needs.Qemu), ("Bochs", Needs.Needs.Bochs),
        ];
        List<TableLine> lines = [new TableLine(["all", "dotnet", $".NET SDK {await VersionAsync(Dotnet.Program, "--version", cancel)}", Dotnet.Program], false)];
        foreach ((string job, IReadOnlyList<Need> needs) in jobs)
        {
            foreach (Need need in needs)
            {
                string? found = place.Machine.Find(need.What);
                string version = found == null ? "MISSING" : need.VersionOption == null ? "there" : await VersionAsync(found, need.VersionOption, cancel);
                lines.Add(new TableLine([job, need.What.Split('/')[^1], version, found ?? $"package {need.Package}"], found == null));
            }
        }

        foreach (Need need in Needs.Needs.Browser)
        {
            string? found = place.Machine.Find(need.What);
            lines.Add(new TableLine(["page test", need.What, found == null ? "not there (optional)" : "there", found ?? $"package {need.Package}"], false));
        }

        KitSearch search = CosmosKit.Search();
        string state = search.Kit != null ? "there" : search.Broken ? "NOT USABLE (optional)" : "not there (optional)";
        lines.Add(new TableLine(["cosmos", "Cosmos kit", state, search.Folder], search.Broken));
        foreach (string version in search.Kit?.Versions() ?? [])
        {
            string[] words = version.Split(' ', 2);
            lines.Add(new TableLine(["cosmos", words[0], words[1], Path.Combine(search.Folder, "Packages")], false));
        }

        foreach (Need need in Needs.Needs.Cosmos)
        {
            string? found = place.Machine.Find(need.What);
            string version = found == null ? "not there (optional)" : await VersionAsync(found, need.VersionOption!, cancel);
            lines.Add(new TableLine(["cosmos", need.What, version, found ?? $"package {need.Package}"], false));
        }

        place.Output.Table(4, ["for", "what", "version", "where"], lines);

        IReadOnlyList<Need> missing = place.Machine.Missing(jobs.SelectMany(j => j.Needs));
        place.Output.Line("toolchain cosmos: " + Cosmos(search, place.Machine.Missing(Needs.Needs.Cosmos)));

        if (missing.Count == 0)
        {
            place.Output.Verdict(true, "everything that the embedded toolchain and the emulators need is installed");
            return ExitStatus.Done;
        }

        place.Output.Verdict(false, "missing; as root: " + Machine.InstallLine(missing));
        return ExitStatus.ToolMissing;
    }

    /// <summary>What the cosmos toolchain lacks, and where to get it.</summary>
    public static string Cosmos(KitSearch search, IReadOnlyList<Need> missing)
    {
        string tools = missing.Count == 0 ? "" : $"{string.Join(", ", missing.Select(n => n.What))} missing; as root: {Machine.InstallLine(missing)}";
        return search.Problem == null && missing.Count == 0 ? "everything it needs is there"
            : string.Join("; and ", new[] { search.Problem, tools }.Where(t => !string.IsNullOrEmpty(t)));
    }

    [GeneratedRegex(@"\b\d+\.\d+[^\s,)]*")]
    private static partial Regex Version();

    private static async Task<string> VersionAsync(string program, string option, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(program, [option], s_limit, cancel);
        return result.Output.Split('\n').Select(l => Version().Match(l)).FirstOrDefault(m => m.Success)?.Value ?? "there";
    }
}
