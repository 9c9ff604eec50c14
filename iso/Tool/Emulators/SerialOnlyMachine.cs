using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A PC of which only the serial port can be reached, and whose emulator's exit status says nothing about the guest.</summary>
/// <param name="name">The emulator's name, for messages.</param>
/// <param name="process">The emulator.</param>
/// <param name="fromMachine">What COM1 sends.</param>
/// <param name="toMachine">What COM1 receives.</param>
/// <param name="messages">What the emulator itself prints; null when that does not matter.</param>
public abstract class SerialOnlyMachine(string name, ChildProcess process, Stream fromMachine, Stream toMachine, OutputTail? messages)
    : RunningMachine(process, fromMachine, toMachine, messages)
{
    /// <inheritdoc/>
    public override bool? GuestSucceeded(int exitStatus) => null;

    /// <inheritdoc/>
    public override Task WaitForMenuAsync(CancellationToken cancel)
        => throw new BadInputException($"{name}: its screen cannot be read; use QEMU");

    /// <inheritdoc/>
    public override Task PressAsync(IReadOnlyList<string> keys, CancellationToken cancel)
        => throw new BadInputException($"{name}: its keys cannot be pressed; use QEMU");

    /// <inheritdoc/>
    public override Task SaveScreenAsync(string file, CancellationToken cancel)
        => throw new BadInputException($"{name}: its screen cannot be saved; use QEMU");
}
