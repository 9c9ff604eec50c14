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
        List<(string File, Scenario Scenario)> loaded = [.. files.Select(f => (f, Scenario.Load(f)))];
        List<Scenario> scenarios = [.. loaded.Select(l => l.Scenario)];
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
        foreach ((string file, Scenario scenario) in loaded)
        {
            IReadOnlyList<string> notInLog = ScenarioRun.CheckLogs(place.Project, scenario, file);
            IReadOnlyList<ScenarioResult> found = await RunAsync(place, file, scenario, built, cancel);
            foreach (string line in ScenarioText.Lines(scenario, found, boots: !simulateOnly || scenario.Boot == null))
            {
                place.Output.Line(line);
            }

            foreach (string line in notInLog.Concat(ScenarioText.Missed(found)))
            {
                place.Output.Verdict(false, line);
            }

            place.Output.Line("");
            results += found.Count;
            missed += found.Count(r => r.Missed.Count != 0) + notInLog.Count;
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
        Workplace place, string file, Scenario scenario, IReadOnlyList<BuiltVariant> built, CancellationToken cancel)
    {
        List<ScenarioResult> results = [.. ScenarioRun.Simulate(scenario)];
        if (scenario.Expectations.Any(e => e.Runs == ScenarioRuns.LinuxMachine))
        {
            results.Add(ScenarioRun.SimulateAsLinux(scenario, scenario.Logs[0].Find(place.Project, file)));
        }

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
}
