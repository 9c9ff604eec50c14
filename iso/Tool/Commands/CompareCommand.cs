using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc compare</c>: boot logs side by side.</summary>
public static class CompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("log") { Description = "Boot logs.", Arity = new ArgumentArity(2, 1000) };
        Option<string?> html = new("--html") { Description = "Also write the comparison as a page.", HelpName = "file" };
        Command command = new("compare", "Checks boot logs and prints them side by side.") { files, html };
        command.SetAction(parsed => Run(new Output(), parsed.GetRequiredValue(files), parsed.GetValue(html)));
        return command;
    }

    /// <summary>Compares.</summary>
    /// <returns>1 when one of the boots was not good.</returns>
    public static int Run(Output output, string[] files, string? html)
    {
        Comparison comparison = new([.. files.Select(BootLog.Load)]);
        ComparisonTable.Print(output, comparison);
        if (html != null)
        {
            File.WriteAllText(html, HtmlReport.Make(comparison));
        }

        bool good = true;
        foreach (BootLog log in comparison.Logs)
        {
            IReadOnlyList<string> problems = BootLogChecks.Check(log);
            foreach (string problem in problems)
            {
                output.Verdict(false, $"{log.Name}: {problem}");
                good = false;
            }
        }

        return good ? ExitStatus.Done : ExitStatus.Failed;
    }
}
