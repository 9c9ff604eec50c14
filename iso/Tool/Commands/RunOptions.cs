using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>What <c>bootalloc run</c> was asked for.</summary>
public sealed record RunOptions
{
    private const string PowerOffWord = "poweroff";

    /// <summary>The variant's name.</summary>
    public required string Variant { get; init; }

    /// <summary>The toolchain's name.</summary>
    public string Toolchain { get; init; } = "nativeaot";

    /// <summary>The PC.</summary>
    public MachineOptions Machine { get; init; } = new();

    /// <summary>How the loader hands over; null for the medium's own way.</summary>
    public BootProtocol? Protocol { get; init; }

    /// <summary>Kernel command line.</summary>
    public string Append { get; init; } = "";

    /// <summary>A boot module, or null.</summary>
    public string? Module { get; init; }

    /// <summary>Lines for the shell.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Log file, or null for the usual one.</summary>
    public string? Log { get; init; }

    /// <summary>Screen file, or null.</summary>
    public string? Screen { get; init; }

    /// <summary>Time limit, or null for the usual one.</summary>
    public int? Seconds { get; init; }

    /// <summary>The line, from 1, to choose from the released image's menu; null for an image that boots at once.</summary>
    public int? Menu { get; init; }

    /// <summary>Print nothing of the log.</summary>
    public bool Quiet { get; init; }

    /// <summary>A person types to the shell over the serial port.</summary>
    public bool Shell { get; init; }

    /// <summary>Nobody switches the machine off from here: a person is at its window or at its shell.</summary>
    public bool LeaveRunning => Shell || (Machine.Window && Commands.Count == 0);

    /// <summary>Nothing is said to the machine; it powers itself off.</summary>
    public bool SendOnly => Machine.InstructionClock && Commands.Count == 0 && Screen == null && !LeaveRunning && Menu == null;

    /// <summary>What the machine boots when it boots at once. One that nobody can speak to is told to power itself off.</summary>
    public BootEntry Entry()
    {
        bool powersOff = Append.Split(' ').Contains(PowerOffWord);
        string commandLine = SendOnly && !powersOff ? $"{Append} {PowerOffWord}".Trim() : Append;
        return new BootEntry(Protocol ?? BootProtocol.Multiboot2, commandLine, Module);
    }

    /// <summary>
    /// A Cosmos kernel boots as Cosmos's build made its image, unless something is to be handed to it that no line of that image's menu has: then the same kernel is put into one
    /// with GRUB.
    /// </summary>
    public bool AsReleased(Toolchain toolchain)
        => toolchain == Project.Toolchain.Cosmos && Entry() is { CommandLine: "", Module: null } && Protocol == null && Machine.Medium == BootMedium.Cd;

    /// <summary>
    /// The line of the released image's menu to press, from 0; null when the image has no menu, or the menu is left to run out: for a person at the window, and in
    /// Bochs, where nobody can press keys.
    /// </summary>
    public int? MenuLine(Toolchain toolchain)
        => Menu is { } line ? line - 1 : AsReleased(toolchain) && !LeaveRunning && Machine.Emulator == EmulatorKind.Qemu ? 0 : null;

    /// <summary>Refuses what does not go together.</summary>
    /// <exception cref="BadInputException">It does not.</exception>
    public void Check(Toolchain toolchain)
    {
        if (toolchain == Project.Toolchain.Cosmos && (Machine.Medium == BootMedium.Kernel || Protocol == BootProtocol.Multiboot1))
        {
            throw new BadInputException("--toolchain cosmos: a Cosmos kernel boots by multiboot 2 only: it goes with neither --as kernel nor --protocol multiboot1");
        }

        if (Menu != null && (Append.Length != 0 || Module != null))
        {
            throw new BadInputException("--menu boots the released image: it goes with neither --append nor --module");
        }

        if (Module != null && !File.Exists(Module))
        {
            throw new BadInputException($"{Module}: expected a file to hand over as a boot module, found none");
        }

        if (Machine.Medium == BootMedium.Kernel && (Menu != null || Protocol == BootProtocol.Multiboot2 || Machine.Emulator != EmulatorKind.Qemu))
        {
            throw new BadInputException("--as kernel: QEMU loads the kernel by multiboot 1: it goes with neither --protocol multiboot2 nor --menu nor Bochs");
        }

        if (Shell)
        {
            Keyboard.Check();
        }

        if (Shell && Quiet)
        {
            throw new BadInputException("--shell shows what the machine prints: it does not go with --quiet");
        }

        if (Menu != null && Machine.Emulator != EmulatorKind.Qemu)
        {
            throw new BadInputException("--menu: expected QEMU; nobody can press keys in Bochs from here");
        }

        if (Screen != null)
        {
            Emulators.Screen.CheckName(Screen);
            if (Machine.Emulator != EmulatorKind.Qemu)
            {
                throw new BadInputException("--screen: expected QEMU; Bochs has no way to save its screen");
            }
        }
    }
}
