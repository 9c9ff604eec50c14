using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Scenarios;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The recorded history: each scenario simulated in every variant, and how scenario files are read.</summary>
public sealed class ScenarioTests
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
        Assert.Contains(results, r => r.Log.Lines.Any(l => scenario.Show.Any(s => l.Text.Contains(s, StringComparison.Ordinal))));
    }

    // Expect each kind of expectation to fail where it should: a check that cannot fail checks nothing.
    [Theory]
    [InlineData("panic Out of memory", "there was no panic")]
    [InlineData("says no such line", "no line of the log does")]
    [InlineData("silent stage name=buddy", "found 'bootalloc: stage name=buddy")]
    [InlineData("keeps 0x200000-0x201000", "is handed over")]
    [InlineData("frees 0xff000-0x101000", "100000-140000 is kept by TEXT DATA BSS")]
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
}
