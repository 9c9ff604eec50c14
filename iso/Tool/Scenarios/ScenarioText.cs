using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>
/// A scenario and its results as lines of at most <see cref="Columns"/> characters: what Linux did and printed, then what we do and print.
/// </summary>
public static class ScenarioText
{
    /// <summary>Most characters of a line.</summary>
    public const int Columns = 80;

    private const string FoldIndent = "  ";

    /// <summary>The lines, without those about expectations that were not met.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="results">Its results.</param>
    /// <param name="boots">The machine of its boot is shown.</param>
    public static IReadOnlyList<string> Lines(Scenario scenario, IReadOnlyList<ScenarioResult> results, bool boots)
    {
        List<string> lines = [];
        Fold(lines, "", $"== {scenario.Name}: {scenario.Title}");
        Fold(lines, "Linux:   ", scenario.Linux);
        foreach (LogExcerpt log in scenario.Logs)
        {
            Fold(lines, "  Linux's own lines, ", log.File + ":");
            int digits = log.Lines[^1].Number.ToString(CultureInfo.InvariantCulture).Length;
            foreach ((int number, string text) in log.Lines)
            {
                Fold(lines, "    " + number.ToString(CultureInfo.InvariantCulture).PadLeft(digits) + "  ", text);
            }
        }

        Fold(lines, "Source:  ", scenario.Source);
        Fold(lines, "Here:    ", scenario.Here);
        if (boots)
        {
            string machine = scenario.Boot == null ? "none" : scenario.Boot.Text[(scenario.Name.Length + 1)..].Trim();
            Fold(lines, "Boot:    ", $"{machine}. {scenario.BootNote}".Trim());
        }

        foreach (ScenarioRuns run in new[] { ScenarioRuns.Simulation, ScenarioRuns.LinuxMachine, ScenarioRuns.Boot })
        {
            // Variants with the same outcome are shown once.
            foreach (IGrouping<string, ScenarioResult> group in results.Where(r => r.Run == run)
                .GroupBy(r => string.Join('\n', Outcome(scenario, r))))
            {
                string[] outcome = [.. Outcome(scenario, group.First())];
                Fold(lines, "  ", $"{Name(run)}, {string.Join(", ", group.Select(r => r.Variant))}: {outcome[0]}");
                foreach (string text in outcome.Skip(1))
                {
                    Fold(lines, "      ", text);
                }
            }
        }

        return lines;
    }

    /// <summary>Expectations that were not met, a line each; empty when all were.</summary>
    public static IReadOnlyList<string> Missed(IReadOnlyList<ScenarioResult> results)
    {
        List<string> lines = [];
        foreach (ScenarioResult result in results)
        {
            foreach (string fault in result.Missed)
            {
                Fold(lines, "  ", $"{Name(result.Run)}, {result.Variant}: {fault}");
            }
        }

        return lines;
    }

    private static string Name(ScenarioRuns run) => run switch
    {
        ScenarioRuns.Simulation => "simulated",
        ScenarioRuns.LinuxMachine => "simulated with Linux's reservations",
        _ => "booted",
    };

    // How it ended, then the log's lines to show, then the comparison with Linux.
    private static IEnumerable<string> Outcome(Scenario scenario, ScenarioResult result)
    {
        BootLog log = result.Log;
        string end = log.Panic != null ? $"panic: {log.Panic["message"]}"
            : log.Done != null ? $"boot {log.Done["status"]}, {log.Accounted?["free_pages"] ?? "?"} pages handed over"
            : result.Run == ScenarioRuns.LinuxMachine ? "up to the hand-over"
            : "no end";
        IEnumerable<string> shown = log.Lines.Select(l => l.Text)
            .Where(t => scenario.Show.Any(s => t.Contains(s, StringComparison.Ordinal)));
        return [end, .. shown, .. result.Remarks];
    }

    // At blanks, a long word at its commas or anywhere; further lines are indented as far as the text, those of a log two more.
    private static void Fold(List<string> lines, string label, string text)
    {
        string start = label;
        string rest = text.TrimEnd();
        while (rest.Length != 0)
        {
            int room = Columns - start.Length;
            int end = rest.Length;
            if (end > room)
            {
                int indent = end - rest.TrimStart().Length;
                int blank = rest.LastIndexOf(' ', room, room - indent);
                int comma = rest.LastIndexOf(',', room - 1, room - indent - 1) + 1;
                end = blank > 0 ? blank : comma > 0 ? comma : room;
            }

            lines.Add(start + rest[..end].TrimEnd());
            rest = rest[end..].Trim();
            start = new string(' ', label.Length) + (label.TrimEnd().EndsWith(':') ? "" : FoldIndent);
        }
    }
}
