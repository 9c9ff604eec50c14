using System;
using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A boot, and what to do with it.</summary>
public sealed record BootRequest
{
    /// <summary>The PC.</summary>
    public required MachineOptions Machine { get; init; }

    /// <summary>What it boots.</summary>
    public required BootSource Source { get; init; }

    /// <summary>Where the log goes.</summary>
    public required string LogFile { get; init; }

    /// <summary>Keys to press when the boot menu appears, by QEMU's names; null when there is no menu or it may time out.</summary>
    public IReadOnlyList<string>? MenuKeys { get; init; }

    /// <summary>Keys to press at the shell's first prompt, enter last; may be empty.</summary>
    public IReadOnlyList<string> ShellKeys { get; init; } = [];

    /// <summary>Lines for the shell, each sent when the prompt appears.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Send poweroff after the commands. Otherwise the machine has to end by itself.</summary>
    public bool PowerOff { get; init; } = true;

    /// <summary>How long the machine may take, from its start to its end.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where to save the screen when the commands are done, or before the machine is ended by force; null for nowhere.</summary>
    public string? ScreenFile { get; init; }

    /// <summary>A folder for the screen after each command, as 00.txt, 01.txt, and so on; null for none.</summary>
    public string? ScreensFolder { get; init; }

    /// <summary>The user types to the shell on this program's terminal.</summary>
    public bool Keyboard { get; init; }

    /// <summary>Receives the address where a VNC viewer finds the screen, if there is one; may be null.</summary>
    public Action<string>? ScreenAt { get; init; }

    /// <summary>Receives what the machine sends, as it arrives; may be null.</summary>
    public Action<string>? Live { get; init; }
}
