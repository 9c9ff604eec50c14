using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A program that emulates a PC. Everything that the rest of the tool asks about an emulator is asked here; none tells them apart by
/// name.
/// </summary>
public interface IEmulator
{
    /// <summary>Its name in messages and tables.</summary>
    string Name { get; }

    /// <summary>Its name on the command line and in tables of machines: lower case.</summary>
    string Word { get; }

    /// <summary>What has to be installed for it.</summary>
    IReadOnlyList<Need> Needs { get; }

    /// <summary>What has to be installed besides for a window.</summary>
    IReadOnlyList<Need> WindowNeeds { get; }

    /// <summary>
    /// Files with the machine's own firmware, absolute, which packages other than the emulator's replace; they may be missing.
    /// </summary>
    IReadOnlyList<string> Firmware => [];

    /// <summary>What it can do.</summary>
    EmulatorAbilities Can { get; }

    /// <summary>Starts a PC and connects its COM1.</summary>
    /// <param name="programs">Knows where the emulator is installed.</param>
    /// <param name="options">The PC; already checked.</param>
    /// <param name="source">What it boots.</param>
    /// <param name="workFolder">For sockets and the emulator's own files; the caller keeps it until the PC has ended.</param>
    /// <param name="cancel">Ends the start.</param>
    /// <exception cref="FailedException">The emulator ends before the PC starts.</exception>
    Task<RunningMachine> StartAsync(
        InstalledPrograms programs, MachineOptions options, BootSource source, string workFolder, CancellationToken cancel);
}

/// <summary>What an emulator can do. The defaults are those of one that can only boot a CD.</summary>
public sealed record EmulatorAbilities
{
    /// <summary>How it can attach the image, the default first.</summary>
    public IReadOnlyList<BootMedium> Media { get; init; } = [BootMedium.Cd];

    /// <summary>Machine types that it knows, the default first.</summary>
    public IReadOnlyList<string> MachineTypes { get; init; } = ["pc"];

    /// <summary>The most RAM that it can give a machine, in bytes.</summary>
    public ulong MostMemoryBytes { get; init; } = MemorySize.Most;

    /// <summary>The CPU models that it knows, the default first; empty if the emulator itself refuses what it does not know.</summary>
    public IReadOnlyList<string> Cpus { get; init; } = [];

    /// <summary>It has a CPU with SSE2.</summary>
    public bool Sse2 { get; init; } = true;

    /// <summary>Keys can be pressed on the machine's keyboard, and its boot menu can be read.</summary>
    public bool Keys { get; init; }

    /// <summary>The screen can be saved to a file.</summary>
    public bool Screen { get; init; }

    /// <summary>Its window appears on a Wayland display too, not on X's alone.</summary>
    public bool WaylandWindow { get; init; }

    /// <summary>It can show the screen to a VNC viewer.</summary>
    public bool Vnc { get; init; }

    /// <summary>Executed instructions can be the machine's clock, so that the same boot gives the same log.</summary>
    public bool InstructionClock { get; init; }

    /// <summary>It can run the machine on the host's CPU.</summary>
    public bool HostCpu { get; init; }

    /// <summary>It can give the machine a further hard disk.</summary>
    public bool Disk { get; init; }

    /// <summary>A further disk's size must be a multiple of this many bytes.</summary>
    public long DiskUnit { get; init; } = 512;

    /// <summary>It takes further arguments of its own.</summary>
    public bool MoreArguments { get; init; }

    /// <summary>It interprets one instruction after the other: its boots take several times as long as others.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Refuses a machine that the emulator cannot emulate.</summary>
    /// <param name="name">The emulator's name, for the message.</param>
    /// <param name="options">The machine.</param>
    /// <exception cref="BadInputException">It cannot.</exception>
    public void Check(string name, MachineOptions options)
    {
        if (!Media.Contains(options.Medium))
        {
            throw new BadInputException($"{name}: expected a boot from {MediumWords.List(Media)}, found {options.Medium.Word()}");
        }

        if (!MachineTypes.Contains(options.Type))
        {
            throw new BadInputException($"{name}: expected machine type {string.Join(" or ", MachineTypes)}, found '{options.Type}'");
        }

        if (options.MemoryBytes > MostMemoryBytes)
        {
            ulong most = MostMemoryBytes / MachineOptions.MiB;
            throw new BadInputException($"{name}: expected at most {most} MiB of memory, found {options.MemoryMiB}");
        }

        if (options.Disk is { } disk && Disk)
        {
            CheckDisk(name, disk);
        }

        if (Cpus.Count != 0 && options.Cpu != null && !Cpus.Contains(options.Cpu))
        {
            throw new BadInputException($"{name}: expected CPU {string.Join(", ", Cpus)}, found '{PastedText.Quote(options.Cpu)}'");
        }

        if (options.Screen == MachineScreen.Window)
        {
            HostDisplay.Check(name, this);
        }

        string? option =
            options.Screen == MachineScreen.Vnc && !Vnc ? "--vnc"
            : options.InstructionClock && !InstructionClock ? "--icount"
            : options.Disk != null && !Disk ? "--disk"
            : options.HostCpu && !HostCpu ? "--accel kvm"
            : options.MoreArguments.Count != 0 && !MoreArguments ? "arguments after --"
            : null;
        if (option != null)
        {
            throw new BadInputException($"{name} does not support {option}");
        }
    }

    private void CheckDisk(string name, string disk)
    {
        if (FileStatus.Of(disk, follow: true)?.Kind != FileKind.File)
        {
            throw new BadInputException(
                $"{disk}: expected a file that becomes a hard disk, found none; 'truncate -s 20160K {disk}' makes one");
        }

        long bytes = new FileInfo(disk).Length;
        if (bytes == 0 || bytes % DiskUnit != 0)
        {
            throw new BadInputException($"{disk}: {name} expected a multiple of {DiskUnit} bytes, found {bytes}");
        }
    }
}
