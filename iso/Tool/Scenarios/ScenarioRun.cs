using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.LinuxLogs;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>The result of a scenario in one variant.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Run">What it ran in.</param>
/// <param name="Log">The log.</param>
/// <param name="Missed">Expectations that were not met, and why; empty when all were.</param>
/// <param name="Remarks">How it compares with the log of Linux; empty unless it ran on that log's machine.</param>
public sealed record ScenarioResult(
    string Variant, ScenarioRuns Run, BootLog Log, IReadOnlyList<string> Missed, IReadOnlyList<string> Remarks);

/// <summary>Runs scenarios and compares the results with what they expect.</summary>
public static class ScenarioRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a scenario on the host, in every variant.</summary>
    public static IReadOnlyList<ScenarioResult> Simulate(Scenario scenario)
    {
        List<ScenarioResult> results = [];
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, scenario.Map(), scenario.Simulation());
            BootLog log = BootLog.Parse($"{scenario.Name}, {variant}, simulated", string.Concat(simulation.Log.Select(l => l + "\n")));
            results.Add(Result(scenario, variant, ScenarioRuns.Simulation, log, []));
        }

        return results;
    }

    /// <summary>
    /// Runs the variant that models the Linux of a scenario's first log on that log's machine, with that Linux's own reservations.
    /// </summary>
    /// <param name="scenario">One with a log, of a Linux that lists its early reservations.</param>
    /// <param name="log">The log's path.</param>
    /// <exception cref="BadInputException">The log cannot be read.</exception>
    public static ScenarioResult SimulateAsLinux(Scenario scenario, string log)
    {
        LinuxBootLog linux = LinuxBootLog.Load(log);
        using Simulation simulation = LinuxMachine.Run(linux.Variant, linux, "", out List<string> verdict, out _);
        BootLog ours = BootLog.Parse(
            $"{scenario.Name}, {linux.Variant}, as Linux", string.Concat(simulation.Log.Select(l => l + "\n")));
        return Result(scenario, linux.Variant, ScenarioRuns.LinuxMachine, ours, verdict);
    }

    /// <summary>Lines that the scenario shows of logs and that do not stand there; empty when all do.</summary>
    /// <param name="project">The project, which has the logs.</param>
    /// <param name="scenario">The scenario.</param>
    /// <param name="file">Its file.</param>
    /// <exception cref="BadInputException">A log cannot be read.</exception>
    public static IReadOnlyList<string> CheckLogs(ProjectFolder project, Scenario scenario, string file)
        => [.. scenario.Logs.SelectMany(l => l.Check(PastedText.Load(l.Find(project, file))))];

    /// <summary>Boots a scenario in one variant.</summary>
    /// <param name="programs">What is installed.</param>
    /// <param name="scenario">One with a <see cref="Scenario.Boot"/>.</param>
    /// <param name="built">The built variant.</param>
    /// <param name="logFile">Where its log goes.</param>
    /// <param name="cancel">Ends the emulator.</param>
    public static async Task<ScenarioResult> BootAsync(
        InstalledPrograms programs, Scenario scenario, BuiltVariant built, string logFile, CancellationToken cancel)
    {
        MachineOptions options = scenario.Boot!.Machine;
        using TemporaryFolder work = new();
        BootProtocol protocol = options.Medium == BootMedium.Kernel ? BootProtocol.Multiboot1 : BootProtocol.Multiboot2;
        BootEntry entry = new(protocol, $"{scenario.Boot.KernelOptions} poweroff".Trim(), null);
        BootSource source = await BootSource.MakeAsync(programs, options.Medium, built.Kernel, entry, work, cancel);
        BootRequest request = new() { Machine = options, Source = source, LogFile = logFile, TimeLimit = s_limit };
        BootResult result = await new BootSession(programs).RunAsync(request, cancel);
        return Result(scenario, built.Variant.Name, ScenarioRuns.Boot, result.Log, []);
    }

    private static ScenarioResult Result(Scenario scenario, string variant, ScenarioRuns run, BootLog log, IReadOnlyList<string> remarks)
    {
        IReadOnlyList<string> texts = [.. log.Lines.Select(l => l.Text), .. remarks];
        IEnumerable<string> missed = scenario.Expectations
            .Where(e => (e.Variant == null || e.Variant == variant) && e.Runs.HasFlag(run))
            .Select(e => (e.Source, Fault: Fault(e, log, texts))).Where(x => x.Fault != null)
            .Select(x => $"expected {x.Source}: {x.Fault}");
        return new ScenarioResult(variant, run, log, [.. missed], remarks);
    }

    private static string? Fault(Expectation expectation, BootLog log, IReadOnlyList<string> texts)
    {
        switch (expectation.Kind)
        {
            case ExpectationKind.Ok:
                IReadOnlyList<string> problems = BootLogChecks.Check(log);
                return problems.Count == 0 ? null : string.Join("; ", problems);
            case ExpectationKind.Panic:
                return log.Panic == null ? "there was no panic"
                    : Has(log.Panic["message"] ?? "", expectation.Text) ? null
                    : $"it panicked with {log.Panic["message"]}";
            case ExpectationKind.Says:
                return texts.Any(t => Has(t, expectation.Text)) ? null : "no line of the log does";
            case ExpectationKind.Silent:
                return texts.FirstOrDefault(t => Has(t, expectation.Text)) is { } text ? $"found '{text}'" : null;
            case ExpectationKind.Places:
                MemoryMove[] held = [.. log.History.Moves.Where(m => m.Taken && m.Owner == expectation.Text)];
                return held.Length == 0 ? "it held nothing"
                    : held.FirstOrDefault(m => m.Start < expectation.Start || expectation.End < m.End) is { } outside
                        ? $"it held {outside.Start:x}-{outside.End:x}"
                        : null;
            default:
                if (log.History.Last == null || log.Stage("buddy") == null)
                {
                    return "the boot did not get that far";
                }

                if (log.History.End is not { } last)
                {
                    return "the log does not record the holders of memory";
                }

                MemoryUse wrong = expectation.Kind == ExpectationKind.Keeps ? MemoryUse.Free : MemoryUse.Held;
                MemorySegment? found = last.Segments.FirstOrDefault(
                    s => s.IsRam && s.Use == wrong && s.Start < expectation.End && expectation.Start < s.End);
                return found == null ? null
                    : $"{found.Start:x}-{found.End:x} is {(found.Use == MemoryUse.Free ? "handed over" : $"kept by {found.Owner}")}";
        }
    }

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.Ordinal);
}
