using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Scenarios;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The recorded history: each scenario simulated in every variant, and how scenario files are read.</summary>
public sealed partial class ScenarioTests
{
    private const string Least = """
        title: A small machine
        linux: It booted.
        source: nowhere
        map:
          0000000000000000 000000000009fc00 usable
          0000000000100000 0000000001000000 usable
        boot: none
        boot-note: for a test
        expect: ok
        """;

    public static TheoryData<string> Names
        => [.. ScenarioCommand.Files(ProjectFolder.Find()).Select(f => Path.GetFileNameWithoutExtension(f))];

    // Expect every variant to do what the scenario says, and each scenario to say where what Linux did is known from.
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryVariantDoesAsExpected(string name)
    {
        Scenario scenario = Scenario.Load(ProjectFolder.Find().At("iso", "scenarios", name + Scenario.Extension));

        IReadOnlyList<ScenarioResult> results = ScenarioRun.Simulate(scenario);

        Assert.Equal(4, results.Count);
        Assert.Empty(results.SelectMany(r => r.Missed.Select(m => $"{r.Variant}: {m}")));
        Assert.Contains(scenario.Expectations, e => e.Kind != ExpectationKind.Ok);
        Assert.NotEmpty(scenario.Here);
        Assert.True(scenario.Expectations.Count(e => e.Runs.HasFlag(ScenarioRuns.Boot) && e.Kind != ExpectationKind.Ok) != 0
            || scenario.Boot == null);
        Assert.Contains(results, r => r.Log.Lines.Any(l => scenario.Show.Any(s => l.Text.Contains(s, StringComparison.Ordinal))));
    }

    // Expect each source to be one that can be looked up (a mail by subject and date, a commit, a file of Linux, a boot of ours), or to say
    // that none was found; and the files of ours that it names to be there.
    [Theory]
    [MemberData(nameof(Names))]
    public void ASourceCanBeLookedUpOrSaysThatNoneWasFound(string name)
    {
        string source = Scenario.Load(ProjectFolder.Find().At("iso", "scenarios", name + Scenario.Extension)).Source;

        Assert.Matches("\"[^\"]+\".* linux-(mm|kernel), [0-9]{1,2} [A-Z][a-z]+ 20[0-9]{2}|commit [0-9a-f]{12}, \"|Linux 2\\.6\\.34, "
            + "[a-z0-9_/]+\\.c\\b|we booted it: |none was found that can be looked up", source);
        Assert.DoesNotContain("the facts about", source, StringComparison.Ordinal);
        foreach (Match file in DataFile().Matches(source))
        {
            Assert.True(File.Exists(ProjectFolder.Find().At(file.Value)), file.Value);
        }
    }

    // Expect every line that a scenario quotes from a log of Linux to stand in that log, where the scenario says.
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryQuotedLineStandsInItsLog(string name)
    {
        string file = ProjectFolder.Find().At("iso", "scenarios", name + Scenario.Extension);

        Assert.Empty(ScenarioRun.CheckLogs(ProjectFolder.Find(), Scenario.Load(file), file));
    }

    // Expect the two faults of the final 2.6.34 to be shown by logs of our own boots of it, and our chain not to have them there.
    [Theory]
    [InlineData("scratch-list-full", "Memory: 0k/40000k available", "5286 pages are handed over; Linux 2.6.34 has 0")]
    [InlineData("goal-not-dropped", "sparsemem memory map backing failed", "5461 pages are handed over; Linux 2.6.34 prints no 'Memory:'")]
    public void OurChainHandsOverWhereLinuxDied(string name, string quoted, string remark)
    {
        string file = ProjectFolder.Find().At("iso", "scenarios", name + Scenario.Extension);
        Scenario scenario = Scenario.Load(file);

        ScenarioResult result = ScenarioRun.SimulateAsLinux(scenario, scenario.Logs[0].Find(ProjectFolder.Find(), file));

        Assert.Empty(result.Missed);
        Assert.Contains(scenario.Logs[0].Lines, l => l.Text.Contains(quoted, StringComparison.Ordinal));
        Assert.Contains(result.Remarks, r => r.StartsWith(remark, StringComparison.Ordinal));
        Assert.Contains(scenario.Expectations, e => e.Runs == ScenarioRuns.LinuxMachine);
    }

    // The scenario's own figure: of the 11 random boots without a bitmap, 6 have an allocation for a node that found nothing.
    [Fact]
    public void TheGoalIsNotDroppedInSixOfElevenTraces()
    {
        string[] traces = Directory.GetFiles(ProjectFolder.Find().At("tests", "Data", "golden-real", "nobootmem"), "rnd*.trace");

        Assert.Equal(11, traces.Length);
        Assert.Equal(6, traces.Count(t => File.ReadLines(t).Zip(File.ReadLines(t).Skip(1))
            .Any(pair => pair.First.StartsWith("bm_alloc_node ", StringComparison.Ordinal) && pair.Second == "= none")));
    }

    // Expect a quoted line that stands elsewhere, or not at all, to be named with what stands there.
    [Theory]
    [InlineData("  2: two", "")]
    [InlineData("  2: two\n  3:   three", "")]
    [InlineData("  2: Two", "a.log:2: expected 'Two', found 'two'")]
    [InlineData("  1: two", "a.log:1: expected 'two', found 'one'")]
    [InlineData("  3: three", "a.log:3: expected 'three', found 'three'")]
    [InlineData("  9: four", "a.log:9: expected 'four', found 'the log's end'")]
    public void AQuotedLineThatIsNotThereIsReported(string quoted, string fault)
    {
        Scenario scenario = Read(Least + "\nlog: a.log\n" + quoted);

        Assert.Equal(fault, string.Join('\n', scenario.Logs[0].Check("one\r\ntwo  \r\n  three\r\n")));
    }

    // Expect lines of at most 80 characters, also where a log's line or an option has more, and nothing lost in them.
    [Theory]
    [MemberData(nameof(Names))]
    public void EightyColumnsAreEnough(string name)
    {
        string file = ProjectFolder.Find().At("iso", "scenarios", name + Scenario.Extension);
        Scenario scenario = Scenario.Load(file);

        IReadOnlyList<string> lines = ScenarioText.Lines(scenario, ScenarioRun.Simulate(scenario), boots: true);

        Assert.DoesNotContain(lines, l => l.Length > ScenarioText.Columns || l.TrimEnd() != l);
        string text = string.Concat(lines.SelectMany(l => l.Split(' ')));
        foreach (string part in (string[])[scenario.Linux, scenario.Here, scenario.Source, scenario.BootNote,
            scenario.Boot?.KernelOptions ?? "", .. scenario.Logs.SelectMany(l => l.Lines).Select(l => l.Text)])
        {
            Assert.Contains(string.Concat(part.Split(' ')), text, StringComparison.Ordinal);
        }
    }

    // Expect each of the 14 regressions to have a scenario that is there, or a sentence.
    [Fact]
    public void EachRegressionHasAScenarioOrASentence()
    {
        string[] rows = [.. File.ReadLines(ProjectFolder.Find().At("docs", "scenarios.md"))];
        foreach (int number in Enumerable.Range(1, 14))
        {
            string[] cells = Assert.Single(rows, r => r.StartsWith($"| {number} |", StringComparison.Ordinal)).Trim('|').Split('|');
            string shown = cells[2].Trim();
            if (shown.StartsWith('`'))
            {
                Assert.True(File.Exists(ProjectFolder.Find().At("iso", "scenarios", shown.Trim('`') + Scenario.Extension)), shown);
            }
            else
            {
                Assert.EndsWith(".", shown);
            }
        }
    }

    // Expect each kind of expectation to fail where it should: a check that cannot fail checks nothing.
    [Theory]
    [InlineData("panic Out of memory", "there was no panic")]
    [InlineData("says no such line", "no line of the log does")]
    [InlineData("silent stage name=buddy", "found 'bootalloc: stage name=buddy")]
    [InlineData("keeps 0x200000-0x201000", "is handed over")]
    [InlineData("frees 0xff000-0x101000", "100000-140000 is kept by TEXT DATA BSS")]
    [InlineData("places 0x100000-0x13ffff TEXT DATA BSS", "it held 100000-140000")]
    [InlineData("places 0x100001-0x140000 TEXT DATA BSS", "it held 100000-140000")]
    [InlineData("places 0-0x1000000 RAMDISK", "it held nothing")]
    [InlineData("bootmem says hold stage=lmb", "no line of the log does")]
    public void AnUnmetExpectationIsReported(string expectation, string fault)
    {
        IReadOnlyList<ScenarioResult> results = ScenarioRun.Simulate(Read(Least + "\nexpect: " + expectation));

        string missed = Assert.Single(results.Single(r => r.Variant == "bootmem").Missed);
        Assert.StartsWith($"expected {expectation}: ", missed);
        Assert.Contains(fault, missed, StringComparison.Ordinal);
        Assert.Equal(
            expectation.StartsWith("bootmem", StringComparison.Ordinal), results.Single(r => r.Variant == "nobootmem").Missed.Count == 0);
    }

    [Theory]
    [InlineData("title: A", "titel: A", "x.scenario:1: expected one of the keys title")]
    [InlineData("title: A small machine", "A small machine", "x.scenario:1: expected 'key: value', found 'A small machine'")]
    [InlineData("source: nowhere", "", "x.scenario:9: expected at least the keys")]
    [InlineData("boot-note: for a test", "", "x.scenario:9: expected 'boot:")]
    [InlineData("expect: ok", "expect: good", "x.scenario:9: expected '[VARIANT] ok'")]
    [InlineData("expect: ok", "expect: ok always", "x.scenario:9: expected '[VARIANT] ok'")]
    [InlineData("expect: ok", "expect: keeps 0x2000-0x1000", "x.scenario:9: expected START-END")]
    [InlineData("boot: none", "ebda-segment: 70000", "x.scenario:7: expected a number up to 65535")]
    [InlineData("boot: none", "boot: vmware 8M - pc cd -", "x.scenario:7: expected an emulator")]
    [InlineData("expect: ok", "expect: places 0x1000-0x2000", "x.scenario:9: expected 'places START-END NAME'")]
    [InlineData("expect: ok", "log-expect: ok", "x.scenario:9: expected 'log: FILE' for the key log-expect")]
    [InlineData("expect: ok", "expect: ok\nlog: a.log", "x.scenario:10: expected lines 'NUMBER: TEXT', indented, below 'log: a.log'")]
    [InlineData("expect: ok", "log: a.log\n  12 text", "x.scenario:10: expected 'NUMBER: TEXT', a line of the log below line 0")]
    [InlineData("expect: ok", "log: a.log\n  12: text\n  12: text", "x.scenario:11: expected 'NUMBER: TEXT', a line of the log below")]
    [InlineData("boot: none", "mp-table: 1 2", "x.scenario:7: expected 'mp-table:")]
    [InlineData("  0000000000100000 0000000001000000 usable", "  0000000000100000 usable", "expected 'START END TYPE'")]
    public void AWrongLineIsNamed(string old, string replacement, string message)
    {
        Assert.Contains(old, Least, StringComparison.Ordinal);
        Assert.Contains(message,
            Assert.Throws<BadInputException>(() => Read(Least.Replace(old, replacement, StringComparison.Ordinal))).Message,
            StringComparison.Ordinal);
    }

    private static Scenario Read(string text) => Scenario.Read("x.scenario", text.Split('\n'));

    [GeneratedRegex("tests/Data/[a-z0-9/_.-]+\\.(log|trace)")]
    private static partial Regex DataFile();
}
