using System;
using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A boot and what to do with it.</summary>
public sealed record BootRequest
{
    /// <summary>The PC.</summary>
    public required MachineOptions Machine { get; init; }

    /// <summary>What it boots.</summary>
    public required BootSource Source { get; init; }

    /// <summary>Where the log goes.</summary>
    public required string LogFile { get; init; }

    /// <summary>Keys to press when the boot menu shows, by QEMU's names; null when there is no menu or it may run out.</summary>
    public IReadOnlyList<string>? MenuKeys { get; init; }

    /// <summary>Keys to press at the shell's first prompt, the last of them enter; none for not.</summary>
    public IReadOnlyList<string> ShellKeys { get; init; } = [];

    /// <summary>Lines for the shell, each sent when its prompt stands there.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Send poweroff after the commands. Without it the machine has to end by itself.</summary>
    public bool PowerOff { get; init; } = true;

    /// <summary>How long the machine may take, from its start to its end.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Save the screen there when the commands are done, or before the machine is ended by force; null for not.</summary>
    public string? ScreenFile { get; init; }

    /// <summary>Receives what the machine sends, as it comes; null for nobody.</summary>
    public Action<string>? Live { get; init; }
}

/// <summary>Keys for the boot menu.</summary>
public static class MenuKeys
{
    /// <summary>Chooses a line, from 0.</summary>
    public static IReadOnlyList<string> Choose(int line)
    {
        List<string> keys = [];
        for (int i = 0; i < line; i++)
        {
            keys.Add("down");
        }

        keys.Add("ret");
        return keys;
    }
}

/// <summary>How a boot ended.</summary>
public enum BootEnd
{
    /// <summary>The kernel switched the machine off.</summary>
    PoweredOff,

    /// <summary>The kernel stopped for good and said why (a panic, a CPU that is too old).</summary>
    Stopped,

    /// <summary>The machine was reset: on command, or by a triple fault.</summary>
    Reset,

    /// <summary>The time was over; the emulator has been ended.</summary>
    TimedOut,

    /// <summary>The emulator itself failed.</summary>
    EmulatorFailed,
}
