using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>docs/story.md: its log lines and figures are those of the recorded logs, and its pictures and references are there.</summary>
public sealed partial class StoryTests
{
    private static string Text { get; } = File.ReadAllText(ProjectFolder.Find().At("docs", "story.md"));

    // Expect every quoted line in a log of ours, or in one of the Linux that we booted.
    [Fact]
    public void EveryQuotedLineStandsInALog()
    {
        HashSet<string> lines = [.. Logs().SelectMany(File.ReadLines).Select(l => Stamp().Replace(l, "").TrimEnd())];
        string[] quoted = [.. Blocks("log").SelectMany(b => b.Split('\n', StringSplitOptions.RemoveEmptyEntries))];

        Assert.True(quoted.Length > 30);
        Assert.Equal([], quoted.Except(lines));
    }

    // Expect the comparison as `compare` begins with it.
    [Fact]
    public async Task TheComparisonIsTheToolsOwn()
    {
        CommandRun run = await CommandRun.RunAtWidthAsync(80, ["compare", .. ChainTests.Recorded().Logs.Select(l => l.Name)]);

        Assert.Equal(run.Output[..run.Output.IndexOf("\n\n", StringComparison.Ordinal)], Assert.Single(Blocks("compare")).TrimEnd());
    }

    // Expect each figure of the text, so far as it has groups of digits, in a quoted line or in the comparison.
    [Fact]
    public void EveryFigureIsQuoted()
    {
        string quoted = string.Join('\n', Blocks("log").Concat(new ChainVerdict(ChainTests.Recorded()).Sentences))
            .Replace(",", "", StringComparison.Ordinal);
        HashSet<string> known = [.. Number().Matches(quoted).Select(m => m.Value)];
        string prose = Block().Replace(Text, "");
        string[] figures = [.. Figure().Matches(prose).Select(m => m.Value.Replace(",", "", StringComparison.Ordinal))];

        Assert.True(figures.Length >= 3);
        Assert.Equal([], figures.Except(known));
    }

    // Expect every reference in the list below, and every picture, page, and scenario that is named.
    [Fact]
    public void ReferencesPicturesAndScenariosAreThere()
    {
        ProjectFolder project = ProjectFolder.Find();
        string list = Text[Text.IndexOf("\n## Sources", StringComparison.Ordinal)..];
        foreach (Match reference in Reference().Matches(Text))
        {
            Assert.Contains($"\n{reference.Groups[1].Value}. ", list, StringComparison.Ordinal);
        }

        foreach (Match link in Link().Matches(Text))
        {
            Assert.True(File.Exists(project.At("docs", link.Groups[1].Value)), link.Groups[1].Value);
        }

        foreach (Match scenario in Scenario().Matches(Text))
        {
            Assert.True(File.Exists(project.At("iso", "scenarios", scenario.Groups[1].Value + ".scenario")), scenario.Value);
        }

        Assert.Contains("(docs/story.md)", File.ReadAllText(project.At("README.md")), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Logs()
        => Directory.GetFiles(RecordedLogTests.Folder, "chain-128m-*.log")
            .Concat(Directory.GetFiles(ProjectFolder.Find().At("tests", "Data", "golden-real", "logs"), "*.log"));

    private static IEnumerable<string> Blocks(string kind)
        => Block().Matches(Text).Where(m => m.Groups[1].Value == kind).Select(m => m.Groups[2].Value);

    [GeneratedRegex("^```([a-z]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^\\[ *[0-9]+\\.[0-9]+\\] ")]
    private static partial Regex Stamp();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("\\b[0-9]{1,3}(,[0-9]{3})+\\b")]
    private static partial Regex Figure();

    [GeneratedRegex("\\[([0-9]+)\\]\\(#sources\\)")]
    private static partial Regex Reference();

    [GeneratedRegex("\\]\\(([a-z-]+\\.(?:png|md))\\)")]
    private static partial Regex Link();

    [GeneratedRegex("cenario \\[?`([a-z0-9-]+)`")]
    private static partial Regex Scenario();
}
