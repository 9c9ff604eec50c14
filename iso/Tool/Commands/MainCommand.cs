using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// <c>bootalloc</c> without a command, the main job: builds every variant, boots each from its ISO just as people would (the menu's
/// first line, then the shell), tests and measures it, compares the logs and writes the report. Instructions are the machines' clock, so ticks
/// can be compared and are the same every time.
/// </summary>
public static class MainCommand
{
    // Cosmos's loader reads an image of many megabytes, and its own heap takes a billion instructions for the benchmark.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_cosmosLimit = TimeSpan.FromSeconds(600);

    /// <summary>Does the job.</summary>
    /// <returns>1 when a boot was not good, 124 when one never ended.</returns>
    public static async Task<int> RunAsync(Workplace place, string toolchainName, CancellationToken cancel)
    {
        Toolchain toolchain = SharedOptions.ReadToolchain(toolchainName);
        await place.Machine.ProvideAsync([.. Needs.Needs.Of(toolchain), .. Needs.Needs.Qemu], cancel);
        IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, Variant.All(place.Project, toolchain), toolchain, cancel);

        BootSession session = new(place.Machine);
        BootResult[] boots = await place.Output.DoAsync(
            "boot " + string.Join(", ", built.Select(b => b.Variant.Name)),
            () => BootAsync(session, built, cancel));

        Comparison comparison = new([.. boots.Select(b => b.Log)]);
        ComparisonTable.Print(place.Output, comparison);
        string report = Path.Combine(place.Project.Out, $"report{toolchain.Suffix()}.html");
        await File.WriteAllTextAsync(report, HtmlReport.Make(comparison), cancel);

        place.Output.Line("");
        foreach ((BuiltVariant variant, BootResult boot) in built.Zip(boots))
        {
            IReadOnlyList<string> problems = boot.Problems();
            string log = place.Project.Show(boot.LogFile);
            place.Output.Verdict(
                problems.Count == 0,
                problems.Count == 0 ? $"{variant.Variant.Name}: good boot; log: {log}" : $"{variant.Variant.Name}: {string.Join("; ", problems)}; log: {log}");
        }

        place.Output.Line($"images: {string.Join(", ", built.Select(b => place.Project.Show(b.Iso)))}");
        place.Output.Line($"report: {place.Project.Show(report)}");
        return boots.Any(b => b.End == BootEnd.TimedOut) ? ExitStatus.TimedOut
            : boots.Any(b => b.Problems().Count != 0) ? ExitStatus.Failed
            : ExitStatus.Done;
    }

    // As many at once as there are processors: more would only slow each other down.
    private static async Task<BootResult[]> BootAsync(BootSession session, IReadOnlyList<BuiltVariant> built, CancellationToken cancel)
    {
        BootResult[] results = new BootResult[built.Count];
        ParallelOptions limit = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        await Parallel.ForAsync(0, built.Count, limit, async (i, stop) => results[i] = await session.RunAsync(Request(built[i]), stop));
        return results;
    }

    /// <summary>The boot of a released image: the menu's first line, then self-test and benchmark in the shell.</summary>
    public static BootRequest Request(BuiltVariant built) => new()
    {
        Machine = new MachineOptions { InstructionClock = true },
        Source = new BootSource(built.Iso),
        LogFile = Path.ChangeExtension(built.Iso, ".log"),
        MenuKeys = MenuKeys.Choose(0),
        Commands = ["selftest", "bench"],
        TimeLimit = built.Toolchain == Toolchain.Cosmos ? s_cosmosLimit : s_limit,
    };
}
