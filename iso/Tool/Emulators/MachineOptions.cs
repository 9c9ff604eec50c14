using System;
using System.Collections.Generic;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A PC to boot on.</summary>
public sealed record MachineOptions
{
    /// <summary>Bytes in a MiB.</summary>
    public const ulong MiB = 1 << 20;

    private readonly ulong? _memoryBytes;
    private readonly BootMedium? _medium;

    /// <summary>What emulates it.</summary>
    public IEmulator Emulator { get; init; } = EmulatorList.Default;

    /// <summary>RAM in bytes, a multiple of 1 MiB; by default 128 MiB, or as much as the emulator can give.</summary>
    public ulong MemoryBytes { get => _memoryBytes ?? ulong.Min(128 * MiB, Emulator.Can.MostMemoryBytes); init => _memoryBytes = value; }

    /// <summary>CPU model by the emulator's own name; null for its default.</summary>
    public string? Cpu { get; init; }

    /// <summary>Machine type by the emulator's own name: pc or q35.</summary>
    public string Type { get; init; } = "pc";

    /// <summary>How the image is attached; by default the first way that the emulator knows.</summary>
    public BootMedium Medium { get => _medium ?? Emulator.Can.Media[0]; init => _medium = value; }

    /// <summary>The network card that boots by PXE, by the emulator's own name; only for <see cref="BootMedium.Network"/>.</summary>
    public string Card { get; init; } = "rtl8139";

    /// <summary>Executed instructions are the clock: the same boot gives the same log, time stamps included.</summary>
    public bool InstructionClock { get; init; }

    /// <summary>
    /// The image of a further hard disk, the master of the secondary channel, which the machine may write to; null for none.
    /// </summary>
    public string? Disk { get; init; }

    /// <summary>
    /// COM1 only sends and never makes the machine wait: with <see cref="InstructionClock"/>, this makes two logs equal to the byte.
    /// </summary>
    public bool SendOnly { get; init; }

    /// <summary>Use the host's CPU (KVM) instead of translating code.</summary>
    public bool HostCpu { get; init; }

    /// <summary>Where a person sees the machine's screen.</summary>
    public MachineScreen Screen { get; init; }

    /// <summary>What has to be installed for this machine.</summary>
    public IReadOnlyList<Need> Needs
        => Screen == MachineScreen.Window ? [.. Emulator.Needs, .. Emulator.WindowNeeds] : Emulator.Needs;

    /// <summary>Further arguments for the emulator, as in its manual.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>RAM in MiB.</summary>
    public ulong MemoryMiB => MemoryBytes / MiB;

    /// <summary>The longest that the emulator may run, whatever happens to the tool.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Refuses what the emulator cannot do.</summary>
    /// <exception cref="BadInputException">It cannot emulate this machine.</exception>
    public void Check() => Emulator.Can.Check(Emulator.Name, this);
}
