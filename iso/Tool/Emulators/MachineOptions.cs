using System;
using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Programs that play a PC.</summary>
public enum EmulatorKind
{
    /// <summary>qemu-system-i386.</summary>
    Qemu,

    /// <summary>Bochs.</summary>
    Bochs,
}

/// <summary>As what the machine sees the image.</summary>
public enum BootMedium
{
    /// <summary>A CD.</summary>
    Cd,

    /// <summary>A hard disk.</summary>
    Disk,

    /// <summary>A USB stick.</summary>
    Usb,

    /// <summary>Not at all: QEMU loads the kernel itself, by multiboot 1.</summary>
    Kernel,
}

/// <summary>A PC to boot on.</summary>
public sealed record MachineOptions
{
    /// <summary>Bytes in a MiB.</summary>
    public const ulong MiB = 1 << 20;

    /// <summary>Which emulator.</summary>
    public EmulatorKind Emulator { get; init; } = EmulatorKind.Qemu;

    /// <summary>Bytes of RAM, a multiple of 1 MiB.</summary>
    public ulong MemoryBytes { get; init; } = 128 * MiB;

    /// <summary>CPU model by the emulator's own name; null for its default.</summary>
    public string? Cpu { get; init; }

    /// <summary>QEMU's machine type: pc or q35.</summary>
    public string Type { get; init; } = "pc";

    /// <summary>How the image is attached.</summary>
    public BootMedium Medium { get; init; } = BootMedium.Cd;

    /// <summary>Instructions are the clock: the same boot gives the same log, time stamps included. QEMU only.</summary>
    public bool InstructionClock { get; init; }

    /// <summary>COM1 only sends, and never makes the machine wait: with <see cref="InstructionClock"/> what makes two logs equal. QEMU only.</summary>
    public bool SendOnly { get; init; }

    /// <summary>Use the host's CPU (KVM) instead of translation. QEMU only.</summary>
    public bool HostCpu { get; init; }

    /// <summary>Show the machine's screen.</summary>
    public bool Window { get; init; }

    /// <summary>More arguments for QEMU, as its manual has them.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    /// <summary>RAM in MiB.</summary>
    public ulong MemoryMiB => MemoryBytes / MiB;

    /// <summary>The longest an emulator may live, whatever happens to the tool.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);
}
