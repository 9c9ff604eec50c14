using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A PC that runs: its serial port both ways, its screen, its end.</summary>
/// <param name="process">The emulator.</param>
/// <param name="fromMachine">What COM1 sends; ends when the machine does.</param>
/// <param name="toMachine">What COM1 receives; null when this machine's COM1 only sends.</param>
public abstract class RunningMachine(ChildProcess process, Stream fromMachine, Stream? toMachine) : IDisposable
{
    /// <summary>The emulator.</summary>
    public ChildProcess Process { get; } = process;

    /// <summary>What COM1 sends.</summary>
    public Stream FromMachine { get; } = fromMachine;

    /// <summary>Whether bytes can be sent to the machine.</summary>
    public bool CanSend => toMachine != null;

    /// <summary>Sends bytes to COM1.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (toMachine == null)
        {
            throw new BadInputException("this machine's serial port is a file: no commands can be sent to it");
        }

        try
        {
            await toMachine.WriteAsync(bytes, cancel);
            await toMachine.FlushAsync(cancel);
        }
        catch (IOException)
        {
            // The machine has just ended; what reads its output finds that out.
        }
    }

    /// <summary>Saves the screen: .png and .ppm as a picture, .txt as the characters of the text screen.</summary>
    /// <exception cref="BadInputException">This machine cannot, or the file's ending is another.</exception>
    public abstract Task SaveScreenAsync(string file, CancellationToken cancel);

    /// <summary>Waits until the boot menu is on the screen.</summary>
    /// <exception cref="BadInputException">This machine's screen cannot be read.</exception>
    public abstract Task WaitForMenuAsync(CancellationToken cancel);

    /// <summary>Presses keys of the machine's keyboard, one after the other.</summary>
    /// <param name="keys">QEMU's names for keys; several joined by '-' are pressed together.</param>
    /// <exception cref="BadInputException">This machine's keyboard cannot be reached.</exception>
    public abstract Task PressAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>What the emulator's exit status says about the guest, or null when it says nothing.</summary>
    public abstract bool? GuestSucceeded(int exitStatus);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Process.Dispose();
        FromMachine.Dispose();
        toMachine?.Dispose();
    }
}
