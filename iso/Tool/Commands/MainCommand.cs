using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// <c>bootalloc</c> without a command, the main job: builds every variant, boots each from an ISO as a user would (the menu's first
/// entry, then the shell), tests and measures it, compares the logs and writes the report. Instructions are the machines' clock, so ticks
/// can be compared and are the same every time.
/// </summary>
public static class MainCommand
{
    /// <summary>Does the job. A boot of which everything is the same as at the last good one is not repeated, unless asked for.</summary>
    /// <returns>1 when a boot was not good, 124 when one did not end.</returns>
    public static async Task<int> RunAsync(Workplace place, string toolchainName, bool fresh, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.Named(toolchainName);
        BuiltImages? combined = null;
        (IReadOnlyList<BuiltVariant> built, BootResult[] boots) = await place.Output.JobAsync("bootalloc", async job =>
        {
            IReadOnlyList<Need> more = toolchain.HasCombinedImages ? CombinedImages.Needs : [];
            await place.Programs.ProvideAsync([.. toolchain.Needs, .. more, .. EmulatorList.Default.Needs], cancel);
            IReadOnlyList<Variant> variants = Variant.All(place.Project, toolchain);
            IReadOnlyList<BuiltVariant> made = await BuildCommand.BuildAsync(place, variants, toolchain, cancel);
            combined = await BuildCommand.CombineAsync(place, made, toolchain, cancel);
            job.Expect(made.Count, "boots");
            job.Reach(0);
            return (made, await BootAsync(place, job, made, fresh, cancel));
        });

        Comparison comparison = new([.. boots.Select(b => b.Log)]);
        ComparisonTable.Print(place.Output, comparison);
        string report = Path.Combine(place.Project.Out, $"report{toolchain.Suffix}.html");
        await File.WriteAllTextAsync(report, HtmlReport.Make(comparison), cancel);

        place.Output.Line("");
        foreach ((BuiltVariant variant, BootResult boot) in built.Zip(boots))
        {
            IReadOnlyList<string> problems = boot.Problems();
            string good = boot.Kept ? $"good boot, {KeptBoots.Reason}" : "good boot";
            string result = problems.Count == 0 ? good : string.Join("; ", problems);
            place.Output.Verdict(problems.Count == 0, $"{variant.Variant.Name}: {result}; log: {place.Project.Show(boot.LogFile)}");
        }

        place.Output.Line($"images: {string.Join(", ", built.Select(b => place.Project.Show(b.Iso)))}");
        if (combined != null)
        {
            place.Output.Line($"with every variant: {place.Project.Show(combined.Iso)}, {place.Project.Show(combined.Floppy)}");
        }

        place.Output.Line($"report: {place.Project.Show(report)}");
        return boots.Any(b => b.End == BootEnd.TimedOut) ? ExitStatus.TimedOut
            : boots.Any(b => b.Problems().Count != 0) ? ExitStatus.Failed
            : ExitStatus.Done;
    }

    // As many at once as there are processors: more would only slow each other down.
    private static async Task<BootResult[]> BootAsync(
        Workplace place, Job job, IReadOnlyList<BuiltVariant> built, bool fresh, CancellationToken cancel)
    {
        KeptBoots boots = new(place.Programs, fresh);
        BootResult[] results = new BootResult[built.Count];
        ParallelOptions limit = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        await Parallel.ForAsync(0, built.Count, limit, async (i, stop) =>
        {
            results[i] = await place.Output.StepAsync(
                $"boot {built[i].Variant.Name}",
                async step => await boots.RunAsync(await RequestAsync(place, built[i], stop) with { Live = step.Follow }, stop));
            job.Advance();
        });
        return results;
    }

    /// <summary>
    /// The same from an image with the same menu, kernel, and module whose GRUB starts sooner where instructions are the clock; the log is
    /// the same. An image that the toolchain makes itself stays.
    /// </summary>
    public static async Task<BootRequest> RequestAsync(Workplace place, BuiltVariant built, CancellationToken cancel)
    {
        if (built.Toolchain.MakesOwnImage)
        {
            return Request(built);
        }

        string image = Path.Combine(place.Project.Out, "icount", Path.GetFileName(built.Iso));
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        await GrubImage.UpdateAsync(
            place.Project, place.Programs, image, built.Kernel, built.Variant.Name, onlyMultiboot2: false, cancel,
            forInstructionClock: true);
        return Request(built) with { Source = new BootSource(image) };
    }

    /// <summary>The boot of an image with the menu: its first entry, then self-test and benchmark in the shell.</summary>
    public static BootRequest Request(BuiltVariant built) => new()
    {
        Machine = new MachineOptions { InstructionClock = true },
        Source = new BootSource(built.Iso),
        LogFile = Path.ChangeExtension(built.Iso, ".log"),
        MenuKeys = MenuKeys.Choose(0),
        Commands = ["selftest", "bench"],
        TimeLimit = built.Toolchain.BenchLimit,
    };
}
