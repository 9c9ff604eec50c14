using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>What is to be booted.</summary>
/// <param name="Image">The ISO, or the kernel's ELF file for <see cref="BootMedium.Kernel"/>.</param>
/// <param name="CommandLine">Kernel command line; only for <see cref="BootMedium.Kernel"/>, an ISO has its own.</param>
/// <param name="Module">Boot module; only for <see cref="BootMedium.Kernel"/>.</param>
public sealed record BootSource(string Image, string CommandLine = "", string? Module = null);

/// <summary>Starts a PC and connects its COM1.</summary>
public interface IEmulator
{
    /// <summary>What it needs from the machine.</summary>
    IReadOnlyList<Need> Needs { get; }

    /// <summary>Starts the PC.</summary>
    /// <param name="workFolder">A folder for sockets and the emulator's own files, kept by the caller until the PC has ended.</param>
    /// <exception cref="BadInputException">The emulator cannot play such a PC.</exception>
    Task<RunningMachine> StartAsync(MachineOptions options, BootSource source, string workFolder, CancellationToken cancel);
}
