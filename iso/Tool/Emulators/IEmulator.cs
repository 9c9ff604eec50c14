using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

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
