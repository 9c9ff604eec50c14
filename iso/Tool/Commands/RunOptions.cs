using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Emulators;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>The options of <c>bootalloc run</c>.</summary>
public sealed record RunOptions
{
    private const string PowerOffWord = "poweroff";

    /// <summary>The variant's name; null with <see cref="Image"/>.</summary>
    public string? Variant { get; init; }

    /// <summary>An image with a menu, to boot as it is; null to boot a variant.</summary>
    public string? Image { get; init; }

    /// <summary>The toolchain's name.</summary>
    public string Toolchain { get; init; } = Build.Toolchain.All[0].Name;

    /// <summary>The PC.</summary>
    public MachineOptions Machine { get; init; } = new();

    /// <summary>How the loader hands over; null for the medium's default.</summary>
    public BootProtocol? Protocol { get; init; }

    /// <summary>The kernel command line.</summary>
    public string Append { get; init; } = "";

    /// <summary>A boot module, or null.</summary>
    public string? Module { get; init; }

    /// <summary>Lines for the shell.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>The log file, or null for the default one.</summary>
    public string? Log { get; init; }

    /// <summary>The screen file, or null.</summary>
    public string? Screen { get; init; }

    /// <summary>The time limit in seconds, or null for the default one.</summary>
    public int? Seconds { get; init; }

    /// <summary>The entry, from 1, to choose from the menu of the built image; null for an image that boots at once.</summary>
    public int? Menu { get; init; }

    /// <summary>Do not print the log.</summary>
    public bool Quiet { get; init; }

    /// <summary>The user types to the shell over the serial port.</summary>
    public bool Shell { get; init; }

    /// <summary>The machine is not switched off from here: a user sits at its window or its shell.</summary>
    public bool LeaveRunning => Shell || Machine.Screen != MachineScreen.None;

    /// <summary>
    /// The same with what a person wants who names neither variant nor image: the default variant, and, unless an option says what the boot
    /// is for, to sit at it: in a window where there is a display, else with the shell on the terminal if this is one.
    /// </summary>
    public RunOptions WithDefaults()
    {
        if (Variant != null || Image != null)
        {
            return this;
        }

        RunOptions named = this with { Variant = Build.Variant.DefaultName };
        bool hasPurpose = LeaveRunning || Commands.Count != 0 || Screen != null || Log != null || Seconds != null || Menu != null || Quiet
            || Machine.InstructionClock || Append.Split(' ').Contains(PowerOffWord);
        return hasPurpose ? named
            : HostDisplay.Exists ? named with { Machine = Machine with { Screen = MachineScreen.Window } }
            : named with { Shell = Keyboard.HasTerminal };
    }

    /// <summary>Nothing is sent to the machine; it powers itself off.</summary>
    public bool SendOnly
        => Machine.InstructionClock && Commands.Count == 0 && Screen == null && !LeaveRunning && Menu == null && Image == null;

    /// <summary>What a machine that boots at once boots. One that nothing can be sent to is told to power itself off.</summary>
    public BootEntry Entry()
    {
        bool powersOff = Append.Split(' ').Contains(PowerOffWord);
        string commandLine = SendOnly && !powersOff ? $"{Append} {PowerOffWord}".Trim() : Append;
        return new BootEntry(Protocol ?? BootProtocol.Multiboot2, commandLine, Module);
    }

    /// <summary>
    /// Boot the image as the toolchain made it, with its menu, although no entry was chosen. An image made at once, with GRUB, is needed
    /// only to pass something to the kernel that no entry of that menu passes.
    /// </summary>
    public bool UsesMenuImage(Toolchain toolchain)
        => toolchain.MakesOwnImage && Entry() is { CommandLine: "", Module: null } && Protocol == null && Machine.Medium == BootMedium.Cd;

    /// <summary>
    /// The menu entry to choose, from 0; null when the image has no menu, or when the menu may time out: for a user at the window, and
    /// where keys cannot be pressed.
    /// </summary>
    public int? MenuLine(Toolchain toolchain)
        => Menu is { } line ? line - 1 : UsesMenuImage(toolchain) && !LeaveRunning && Machine.Emulator.Can.Keys ? 0 : null;

    /// <summary>
    /// The medium that an image is for, unless another is asked for: a floppy if it has a floppy's size, the network if it is a folder,
    /// else a CD.
    /// </summary>
    public static BootMedium MediumOf(string image) => FileStatus.Of(image, follow: true)?.Kind switch
    {
        FileKind.Folder => BootMedium.Network,
        FileKind.File when new FileInfo(image).Length == Fat12Volume.Bytes => BootMedium.Floppy,
        _ => BootMedium.Cd,
    };

    /// <summary>Refuses what an image cannot be booted with.</summary>
    /// <exception cref="BadInputException">There is such an option, or no such file.</exception>
    public void CheckImage()
    {
        Machine.Check();
        if (Append.Length != 0 || Module != null || Protocol != null || Machine.Medium == BootMedium.Kernel)
        {
            throw new BadInputException(
                "--image boots by the image's own menu; --append, --module, --protocol, and --as kernel do not work with it");
        }

        if (Machine.Medium == BootMedium.Network)
        {
            if (!File.Exists(Path.Combine(Image!, TftpFolder.CoreName)))
            {
                throw new BadInputException(
                    $"{Image}: expected a folder with {TftpFolder.CoreName}, found none; './bootalloc netboot DIR' makes one");
            }
        }
        else if (FileStatus.Of(Image!, follow: true)?.Kind != FileKind.File)
        {
            throw new BadInputException($"{Image}: expected an image to boot, found no file; './bootalloc build' makes some in iso/out");
        }

        if (Machine.Medium == BootMedium.Floppy && new FileInfo(Image!).Length is var length && length != Fat12Volume.Bytes)
        {
            throw new BadInputException($"{Image}: expected a floppy's image of {Fat12Volume.Bytes} bytes, found {length}");
        }

        CheckUse();
    }

    /// <summary>Refuses options that exclude each other, and what the emulator cannot do.</summary>
    /// <exception cref="BadInputException">There is such an option.</exception>
    public void Check(Toolchain toolchain)
    {
        IEmulator emulator = Machine.Emulator;
        Machine.Check();
        if (Machine.Medium == BootMedium.Network && Menu != null)
        {
            throw new BadInputException("--menu: './bootalloc netboot DIR' makes a folder with the menu (--image DIR)");
        }

        if (Machine.Medium == BootMedium.Floppy && Menu != null)
        {
            throw new BadInputException("--menu: a variant's image with the menu is no floppy; iso/out/bootalloc.img is one (--image)");
        }

        if (!toolchain.HasMultiboot1 && (Machine.Medium == BootMedium.Kernel || Protocol == BootProtocol.Multiboot1))
        {
            throw new BadInputException(
                $"--toolchain {toolchain.Name}: its kernels boot by multiboot 2 only; --as kernel and --protocol multiboot1 do not work "
                    + $"with it");
        }

        if (toolchain.NeedsSse2 && !emulator.Can.Sse2)
        {
            throw new BadInputException(
                $"--toolchain {toolchain.Name}: its kernels need SSE2, which {emulator.Name}'s CPUs lack; use --emulator "
                    + $"{EmulatorList.Default.Word}");
        }

        if (Menu != null && (Append.Length != 0 || Module != null))
        {
            throw new BadInputException("--menu boots an image with options of its own; --append and --module do not work with it");
        }

        if (Module != null && FileStatus.Of(Module, follow: true)?.Kind != FileKind.File)
        {
            throw new BadInputException($"{Module}: expected a file to hand over as a boot module, found none");
        }

        if (Machine.Medium == BootMedium.Kernel && (Menu != null || Protocol == BootProtocol.Multiboot2))
        {
            throw new BadInputException(
                $"--as kernel: {emulator.Name} loads the kernel itself, by multiboot 1; --protocol multiboot2 and --menu do not work "
                    + $"with it");
        }

        CheckUse();
    }

    // What does not depend on what is booted.
    private void CheckUse()
    {
        IEmulator emulator = Machine.Emulator;
        if (Shell)
        {
            Keyboard.Check();
        }

        if (Shell && Quiet)
        {
            throw new BadInputException("--shell shows what the machine prints; --quiet does not work with it");
        }

        if (Menu != null && !emulator.Can.Keys)
        {
            throw new BadInputException($"--menu: keys cannot be pressed in {emulator.Name} from here");
        }

        if (Screen != null)
        {
            Emulators.Screen.CheckName(Screen);
            if (!emulator.Can.Screen)
            {
                throw new BadInputException($"--screen: {emulator.Name} cannot save its screen");
            }
        }
    }
}
