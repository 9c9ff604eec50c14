using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Testing;

/// <summary>
/// Runs every test project (tests/*/*.Tests.csproj, *.Suites.csproj): builds all of them first, then runs one after the other, since each
/// uses all processors by itself. The figures come from the result files, never from text for people.
/// </summary>
public sealed class TestRun(ProjectFolder project, Output output)
{
    private static readonly TimeSpan s_buildLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_testLimit = TimeSpan.FromMinutes(90);

    // A suite is a kernel to build and to boot, twice for each test.
    private static readonly TimeSpan s_suitesLimit = TimeSpan.FromHours(3);
    private static readonly TimeSpan s_sign = TimeSpan.FromSeconds(20);

    /// <summary>Runs the projects with these names, or all when there are none.</summary>
    /// <exception cref="BadInputException">There is no such project, or none at all.</exception>
    public Task<TestTotals> RunAsync(IReadOnlyList<string> names, string? filter, CancellationToken cancel)
        => output.JobAsync("tests", job => RunAsync(job, Find(names), filter, cancel));

    private async Task<TestTotals> RunAsync(Job job, IReadOnlyList<string> projects, string? filter, CancellationToken cancel)
    {
        job.Expect(2 * projects.Count, "steps");
        List<string> built = [];
        TestTotals totals = default;
        bool all = projects.Count > 1 && await BuildTogetherAsync(projects, cancel);
        foreach (string file in projects)
        {
            if (all || await BuildAsync(file, cancel))
            {
                built.Add(file);
            }
            else
            {
                totals += new TestTotals(0, 1, 0);
            }

            job.Advance();
        }

        foreach (string file in built)
        {
            totals += await TestAsync(job, file, filter, cancel);
            job.Advance();
        }

        return totals;
    }

    private static bool IsTestProject(string file) => NameOf(file).EndsWith(".Tests", StringComparison.Ordinal) || IsSuites(NameOf(file));

    private static bool IsSuites(string name) => name.EndsWith(".Suites", StringComparison.Ordinal);

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);

    /// <summary>The project files with these names, or all when there are none.</summary>
    /// <exception cref="BadInputException">There is no such project, or none at all.</exception>
    public IReadOnlyList<string> Find(IReadOnlyList<string> names)
    {
        string tests = project.At("tests");
        string[] all = Directory.Exists(tests)
            ? [.. Directory.GetDirectories(tests).SelectMany(d => Directory.GetFiles(d, "*.csproj")).Where(IsTestProject)
                .OrderBy(NameOf, StringComparer.Ordinal)]
            : [];
        foreach (string name in names)
        {
            if (!Array.Exists(all, p => NameOf(p) == name))
            {
                throw new BadInputException($"no test project '{name}': expected one of {string.Join(", ", all.Select(NameOf))}");
            }
        }

        string[] wanted = [.. all.Where(p => names.Count == 0 || names.Contains(NameOf(p)))];
        return wanted.Length != 0 ? wanted : throw new BadInputException($"{tests}: expected test projects */*.Tests.csproj, found none");
    }

    // One run of MSBuild and one process with the compiler for all: a third less time than one by one. Those are for when it fails, to say
    // which project does not build, and to run the others.
    private async Task<bool> BuildTogetherAsync(IReadOnlyList<string> projects, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(project.Out, "tests.lock"), cancel);
        using TemporaryFolder folder = new();
        string together = folder.File("tests.proj");
        XElement items = new("ItemGroup", projects.Select(p => new XElement("TestProject", new XAttribute("Include", p))));
        await File.WriteAllTextAsync(
            together,
            new XElement(
                "Project", new XAttribute("DefaultTargets", "Build"), items, Target("Restore", "false"), Target("Build", "true"))
                .ToString(),
            cancel);
        ChildResult result = await output.StepAsync(
            "build tests",
            _ => Dotnet.RunAsync(
                ["build", together, "-c", "Release", "-v", "quiet", .. Dotnet.OneCompiler()], s_buildLimit * projects.Count, cancel));
        return result.ExitStatus == 0;

        static XElement Target(string name, string parallel)
        {
            XElement build = new(
                "MSBuild",
                new XAttribute("Projects", "@(TestProject)"), new XAttribute("Targets", name), new XAttribute("BuildInParallel", parallel));
            return new XElement("Target", new XAttribute("Name", name), build);
        }
    }

    private async Task<bool> BuildAsync(string file, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(project.Out, "tests.lock"), cancel);
        ChildResult result = await output.StepAsync(
            $"build {NameOf(file)}",
            _ => Dotnet.RunAsync(["build", file, "-c", "Release", "-v", "quiet"], s_buildLimit, cancel));
        if (result.ExitStatus == 0)
        {
            return true;
        }

        output.Line($"{NameOf(file)} does not build:");
        output.Line(result.Output);
        return false;
    }

    // Runs one project and watches its output; the totals are those of its result file, and whatever is odd about that counts as a failure.
    private async Task<TestTotals> TestAsync(Job job, string file, string? filter, CancellationToken cancel)
    {
        string name = NameOf(file);
        using Step step = job.Begin($"test {name}");
        using TemporaryFolder results = new();
        List<string> arguments =
        [
            "test", file, "-c", "Release", "--no-build", "--no-restore",
            "--logger", "trx;LogFileName=results.trx", "--logger", "console;verbosity=normal", "--results-directory", results.Path,
        ];
        if (filter != null)
        {
            arguments.AddRange(["--filter", filter]);
        }

        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan last = TimeSpan.Zero;
        int seen = 0;

        // For people only: a sign of life, and each failure as it happens.
        void Watch(string line)
        {
            string text = line.TrimStart();
            bool failed = text.StartsWith("Failed ", StringComparison.Ordinal) && text.EndsWith(']');
            if (failed)
            {
                output.Progress($"{name}: {text}");
            }

            if (failed || (text.StartsWith("Passed ", StringComparison.Ordinal) && text.EndsWith(']')))
            {
                seen++;
            }

            step.Tell($"{seen} tests so far");
            if (!output.IsLive && clock.Elapsed - last > s_sign)
            {
                last = clock.Elapsed;
                output.Progress($"{name}: {seen} tests so far, {clock.Elapsed.TotalSeconds:0} s");
            }
        }

        TimeSpan limit = IsSuites(name) ? s_suitesLimit : s_testLimit;
        ChildResult result = await Dotnet.RunAsync(arguments, limit, cancel, Watch);
        TrxFile? trx = TrxFile.Load(results.File("results.trx"));
        TestTotals totals = trx?.Totals ?? default;
        if (trx != null)
        {
            Show(name, trx);
        }

        string? trouble =
            result.TimedOut ? $"not finished after {limit.TotalMinutes:0} minutes: ended by force"
            : trx == null ? "no results"
            : totals.Failed == 0 && (result.ExitStatus != 0 || trx.Errors.Count != 0)
                ? $"the test host failed: {trx.Errors.FirstOrDefault() ?? result.LastLine}"
            : totals.Passed + totals.Failed + totals.Skipped == 0 && filter == null ? "no test ran"
            : null;
        if (trouble != null)
        {
            output.Line($"{name}: {trouble}");
            if (trx == null)
            {
                output.Line(result.Output);
            }

            totals += new TestTotals(0, 1, 0);
        }

        output.Line(string.Create(CultureInfo.InvariantCulture, $"{name}: {totals} ({clock.Elapsed.TotalSeconds:0.0} s)"));
        return totals;
    }

    private void Show(string project, TrxFile trx)
    {
        foreach (TestRemark failure in trx.Failures)
        {
            output.Line($"{project}: FAILED {failure.Name}");
            output.Line(Indent(failure.Message));
            output.Line(Indent(failure.Where));
        }

        // The table: each suite has printed its row.
        if (IsSuites(project))
        {
            foreach (string row in trx.Printed.Order(StringComparer.Ordinal))
            {
                output.Line(row);
            }
        }

        foreach (IGrouping<string, TestRemark> reason in trx.Skips.GroupBy(s => s.Message))
        {
            string which = reason.First().Name + (reason.Count() > 1 ? ", ..." : "");
            output.Line($"{project}: SKIPPED {reason.Count()}: {reason.Key} ({which})");
        }
    }

    private static string Indent(string text) => "    " + text.ReplaceLineEndings("\n    ");
}
