using System;
using System.Collections.Generic;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>The result of a boot.</summary>
/// <param name="End">How it ended.</param>
/// <param name="GuestSucceeded">What the emulator's exit status says about the kernel; null when it says nothing.</param>
/// <param name="Log">The log, parsed.</param>
/// <param name="LogFile">Where the log is.</param>
/// <param name="Text">The log as text.</param>
/// <param name="Messages">What the emulator itself printed.</param>
/// <param name="TimeToShell">From the emulator's start, or from the choice in the menu, to the first prompt; null when there was
/// none.</param>
/// <param name="Time">From there to the end.</param>
public sealed record BootResult(
    BootEnd End, bool? GuestSucceeded, BootLog Log, string LogFile, string Text, string Messages, TimeSpan? TimeToShell, TimeSpan Time)
{
    /// <summary>There was no boot: the log is that of an earlier one (<see cref="KeptBoots"/>).</summary>
    public bool Kept { get; init; }

    /// <summary>Everything that is wrong with this boot; empty for a good one. The log decides, and the exit status has to agree.</summary>
    public IReadOnlyList<string> Problems()
    {
        List<string> wrong = [];
        switch (End)
        {
            case BootEnd.TimedOut:
                wrong.Add($"no end after {Time.TotalSeconds:0} s: ended by force");
                break;
            case BootEnd.Reset:
                wrong.Add("the machine was reset");
                break;
            case BootEnd.EmulatorFailed:
                wrong.Add(Messages.Trim().Length == 0 ? "the emulator ended by itself" : "the emulator: " + Messages.Trim());
                break;
        }

        wrong.AddRange(BootLogChecks.Check(Log));
        if (wrong.Count == 0 && GuestSucceeded == false)
        {
            wrong.Add("the log is good, but the kernel ended the emulator with its status for failure");
        }

        return wrong;
    }
}
