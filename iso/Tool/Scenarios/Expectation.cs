using System;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>What a scenario expects of a boot.</summary>
public enum ExpectationKind
{
    /// <summary>A good boot: the books balance and the self-tests pass.</summary>
    Ok,

    /// <summary>A panic whose message contains this text.</summary>
    Panic,

    /// <summary>The log contains this text.</summary>
    Says,

    /// <summary>The log does not contain this text.</summary>
    Silent,

    /// <summary>No page of RAM in the range is handed over.</summary>
    Keeps,

    /// <summary>Every page in the range is handed over.</summary>
    Frees,

    /// <summary>The owner of this name held memory, all of it inside the range.</summary>
    Places,
}

/// <summary>What a variant did a scenario in.</summary>
[Flags]
public enum ScenarioRuns
{
    /// <summary>A simulation on the host.</summary>
    Simulation = 1,

    /// <summary>A simulation on the machine of the scenario's log, with that Linux's own reservations.</summary>
    LinuxMachine = 2,

    /// <summary>A boot in an emulator.</summary>
    Boot = 4,
}

/// <summary>One expectation.</summary>
/// <param name="Variant">The variant it applies to; null for all.</param>
/// <param name="Runs">What it applies to.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The text or the owner's name, if one is expected.</param>
/// <param name="Start">First byte of the range, if a range is expected.</param>
/// <param name="End">End of the range, exclusive.</param>
/// <param name="Source">The expectation as written in the file.</param>
public sealed record Expectation(
    string? Variant, ScenarioRuns Runs, ExpectationKind Kind, string Text, ulong Start, ulong End, string Source);
