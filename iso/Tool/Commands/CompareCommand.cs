using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Report.Page;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc compare</c>: boot logs side by side.</summary>
public static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("log")
        {
            Description = "Boot logs or serial captures, or folders with such *.log files; of several boots in one file, the last one that "
                + "ended counts.",
            Arity = new ArgumentArity(1, 1000),
        };
        Option<string?> html = new("--html") { Description = "Also write the comparison as an HTML page.", HelpName = "file" };
        Option<bool> json = new("--json") { Description = "Print JSON instead of tables." };
        Option<bool> each = new("--each-boot") { Description = "Compare every boot in each file, not only the last." };
        Command command = new("compare", "Check boot logs and print them side by side.") { files, html, json, each };
        command.SetAction(parsed => Run(
            new Output(), parsed.GetRequiredValue(files), parsed.GetValue(html), parsed.GetValue(json), parsed.GetValue(each)));
        return command;
    }

    /// <summary>Compares.</summary>
    /// <returns>1 when one of the boots was not good.</returns>
    public static int Run(Output output, string[] files, string? html, bool json = false, bool each = false)
    {
        List<BootCapture> captures = [.. files.SelectMany(LogsIn).Select(f => BootCapture.Load(f, each))];
        Comparison comparison = new([.. captures.SelectMany(c => c.Kept)]);
        if (comparison.Logs.Count < 2)
        {
            throw new BadInputException(
                $"compare: expected at least two boots (two files, or one with several boots and --each-boot), found one in {files[0]}");
        }

        if (html != null)
        {
            File.WriteAllText(html, HtmlReport.Make(comparison));
        }

        if (json)
        {
            output.Line(ComparisonJson.Make(comparison, captures));
        }
        else
        {
            Print(output, comparison, captures, each);
        }

        return captures.Any(c => c.BadBoots != 0) ? ExitStatus.Failed : ExitStatus.Done;
    }

    // Of a folder, the logs in it, in the order of their names.
    private static IEnumerable<string> LogsIn(string name)
    {
        if (!Directory.Exists(name))
        {
            return [name];
        }

        string[] logs = [.. Directory.EnumerateFiles(name, "*.log").Order(StringComparer.Ordinal)];
        return logs.Length != 0 ? logs
            : throw new BadInputException($"{name}: expected a file, or a folder with boot logs (*.log), found a folder without any");
    }

    private static void Print(Output output, Comparison comparison, List<BootCapture> captures, bool each)
    {
        ComparisonTable.Print(output, comparison);
        foreach (BootCapture capture in captures)
        {
            if (capture.Boots > 1 && !each)
            {
                BootLog chosen = capture.Chosen;
                output.Line($"{capture.Name}: {capture.Boots} boots; using boot {chosen.Boots}, lines "
                    + $"{chosen.FirstLine}-{chosen.LastLine}");
            }
            else if (capture.Chosen.Boots == 0)
            {
                output.Line($"{capture.Name}: the beginning of the boot is missing (no line 'bootalloc: boot ...')");
            }

            foreach (BootLog log in capture.Kept.Where(l => l.LinesDropped != 0))
            {
                string dropped = $"{log.LinesDropped} lines of boot {log.Boots} were left out";
                output.Line($"{capture.Name}: {dropped}; only the first {BootLogReader.MostLines} of a boot are kept");
            }

            foreach (BootSummary bad in capture.Bad)
            {
                string which = capture.Boots > 1 ? $"boot {bad.Number} (lines {bad.FirstLine}-{bad.LastLine}): " : "";
                foreach (string problem in bad.Problems)
                {
                    output.Verdict(false, $"{capture.Name}: {which}{problem}");
                }
            }

            if (capture.BadBoots > capture.Bad.Count)
            {
                output.Verdict(false, $"{capture.Name}: {capture.BadBoots - capture.Bad.Count} more boots were not good");
            }
        }
    }
}
