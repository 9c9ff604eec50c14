using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Scenarios;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc scenario</c>: regressions of 2.6.34 to watch.</summary>
public static class ScenarioCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> names = new("scenario")
        {
            Description = "Names of scenarios (iso/scenarios), or files; without any, lists the scenarios.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> all = new("--all") { Description = "All of the project's scenarios." };
        Option<bool> simulate = new("--simulate") { Description = "Only simulate; boot nothing." };
        Command command = new("scenario", "Show a regression of 2.6.34: what Linux did, and what each variant does, simulated and booted.")
        {
            names, all, simulate,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(), parsed.GetValue(names) ?? [], parsed.GetValue(all), parsed.GetValue(simulate), cancel));
        return command;
    }

    /// <summary>The project's scenarios.</summary>
    public static IReadOnlyList<string> Files(ProjectFolder project)
        => [.. Directory.EnumerateFiles(project.At("iso", "scenarios"), "*" + Scenario.Extension).Order(StringComparer.Ordinal)];

    /// <summary>Runs scenarios.</summary>
    /// <returns>1 when a variant did not do what was expected.</returns>
    public static async Task<int> RunAsync(Workplace place, string[] names, bool all, bool simulateOnly, CancellationToken cancel)
    {
        IEnumerable<string> files = (all ? Files(place.Project) : []).Concat(names.Select(n => Find(place.Project, n)));
        List<Scenario> scenarios = [.. files.Select(Scenario.Load)];
        if (scenarios.Count == 0)
        {
            IEnumerable<Scenario> listed = Files(place.Project).Select(Scenario.Load);
            place.Output.Table(2, ["scenario", "shows"], listed.Select(s => new TableLine([s.Name, s.Title], false)));
            return ExitStatus.Done;
        }

        IReadOnlyList<BuiltVariant> built = [];
        if (!simulateOnly && scenarios.Exists(s => s.Boot != null))
        {
            IEnumerable<Need> emulators = scenarios.Where(s => s.Boot != null).SelectMany(s => s.Boot!.Machine.Emulator.Needs);
            Toolchain toolchain = Toolchain.NativeAot;
            await place.Programs.ProvideAsync([.. emulators.Concat(toolchain.Needs).Distinct()], cancel);
            built = await BuildCommand.BuildAsync(place, Variant.All(place.Project, toolchain), toolchain, cancel);
        }

        int missed = 0;
        int results = 0;
        foreach (Scenario scenario in scenarios)
        {
            IReadOnlyList<ScenarioResult> found = await RunAsync(place, scenario, built, cancel);
            Print(place.Output, scenario, found, simulateOnly);
            results += found.Count;
            missed += found.Count(r => r.Missed.Count != 0);
        }

        string result = missed == 0 ? "all as expected" : $"{missed} not as expected";
        place.Output.Verdict(missed == 0, $"{scenarios.Count} scenarios, {results} runs: {result}");
        return missed == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static string Find(ProjectFolder project, string name)
    {
        string own = project.At("iso", "scenarios", name + Scenario.Extension);
        return File.Exists(name) ? name
            : File.Exists(own) ? own
            : throw new BadInputException(
                $"scenario '{name}': expected a file, or one of "
                    + $"{string.Join(", ", Files(project).Select(Path.GetFileNameWithoutExtension))}");
    }

    private static async Task<IReadOnlyList<ScenarioResult>> RunAsync(
        Workplace place, Scenario scenario, IReadOnlyList<BuiltVariant> built, CancellationToken cancel)
    {
        List<ScenarioResult> results = [.. ScenarioRun.Simulate(scenario)];
        if (scenario.Boot != null && built.Count != 0)
        {
            ScenarioResult[] booted = new ScenarioResult[built.Count];
            ParallelOptions limit = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
            await Parallel.ForAsync(0, built.Count, limit, async (i, stop) =>
            {
                string log = Path.Combine(place.Project.Out, "scenarios", $"{scenario.Name}@{built[i].Variant.Name}.log");
                booted[i] = await ScenarioRun.BootAsync(place.Programs, scenario, built[i], log, stop);
            });
            results.AddRange(booted);
        }

        return results;
    }

    private static void Print(Output output, Scenario scenario, IReadOnlyList<ScenarioResult> results, bool simulateOnly)
    {
        output.Line($"== {scenario.Name}: {scenario.Title}");
        output.Paragraph("Linux:   ", scenario.Linux);
        output.Paragraph("Source:  ", scenario.Source);
        output.Paragraph("Here:    ", scenario.Here);
        if (!simulateOnly || scenario.Boot == null)
        {
            string machine = scenario.Boot == null ? "none" : scenario.Boot.Text[(scenario.Name.Length + 1)..].Trim();
            output.Paragraph("Boot:    ", $"{machine}. {scenario.BootNote}".Trim());
        }

        foreach (bool booted in new[] { false, true })
        {
            // Variants with the same outcome are shown once.
            foreach (IGrouping<string, ScenarioResult> group in results.Where(r => r.Booted == booted).GroupBy(r => Outcome(scenario, r)))
            {
                output.Line($"  {(booted ? "booted" : "simulated")}, {string.Join(", ", group.Select(r => r.Variant))}: {group.Key}");
            }
        }

        foreach (ScenarioResult result in results)
        {
            foreach (string fault in result.Missed)
            {
                output.Verdict(false, $"  {(result.Booted ? "booted" : "simulated")}, {result.Variant}: {fault}");
            }
        }

        output.Line("");
    }

    private static string Outcome(Scenario scenario, ScenarioResult result)
    {
        BootLog log = result.Log;
        string end = log.Panic != null ? $"panic: {log.Panic["message"]}"
            : log.Done != null ? $"boot {log.Done["status"]}, {log.Accounted?["free_pages"] ?? "?"} pages handed over"
            : "no end";
        IEnumerable<LogLine> shown = log.Lines.Where(l => scenario.Show.Any(s => l.Text.Contains(s, StringComparison.Ordinal)));
        return string.Concat([end, .. shown.Select(l => "\n      " + l.Text)]);
    }
}
