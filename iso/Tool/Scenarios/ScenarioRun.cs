using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator.Simulate;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>The result of a scenario in one variant.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Booted">It booted in an emulator; otherwise it was simulated.</param>
/// <param name="Log">The log.</param>
/// <param name="Missed">Expectations that were not met, and why; empty when all were.</param>
public sealed record ScenarioResult(string Variant, bool Booted, BootLog Log, IReadOnlyList<string> Missed);

/// <summary>Runs scenarios and compares the results with what they expect.</summary>
public static class ScenarioRun
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs a scenario on the host, in every variant.</summary>
    public static IReadOnlyList<ScenarioResult> Simulate(Scenario scenario)
    {
        List<ScenarioResult> results = [];
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, scenario.Map(), scenario.Simulation());
            BootLog log = BootLog.Parse($"{scenario.Name}, {variant}, simulated", string.Concat(simulation.Log.Select(l => l + "\n")));
            results.Add(new ScenarioResult(variant, false, log, Check(scenario, variant, log, booted: false)));
        }

        return results;
    }

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
        return new ScenarioResult(built.Variant.Name, true, result.Log, Check(scenario, built.Variant.Name, result.Log, booted: true));
    }

    /// <summary>Expectations of a variant that a log does not meet.</summary>
    public static IReadOnlyList<string> Check(Scenario scenario, string variant, BootLog log, bool booted)
        => [.. scenario.Expectations
            .Where(e => (e.Variant == null || e.Variant == variant) && (booted ? e.Booted : e.Simulated))
            .Select(e => (e.Source, Fault: Fault(e, log))).Where(x => x.Fault != null).Select(x => $"expected {x.Source}: {x.Fault}")];

    private static string? Fault(Expectation expectation, BootLog log)
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
                return log.Lines.Any(l => Has(l.Text, expectation.Text)) ? null : "no line of the log does";
            case ExpectationKind.Silent:
                return log.Lines.FirstOrDefault(l => Has(l.Text, expectation.Text)) is { } line ? $"found '{line.Text}'" : null;
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
