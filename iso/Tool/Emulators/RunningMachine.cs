using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A PC that is running: its serial port in both directions, its screen, its end.</summary>
/// <param name="process">The emulator.</param>
/// <param name="fromMachine">What COM1 sends; ends when the machine does.</param>
/// <param name="toMachine">What COM1 receives; null when this machine's COM1 only sends.</param>
/// <param name="messages">What the emulator itself prints; null when that does not matter.</param>
public abstract class RunningMachine(ChildProcess process, Stream fromMachine, Stream? toMachine, OutputTail? messages) : IDisposable
{
    /// <summary>The emulator.</summary>
    public ChildProcess Process { get; } = process;

    /// <summary>What COM1 sends.</summary>
    public Stream FromMachine { get; } = fromMachine;

    /// <summary>What the emulator itself printed; once it has ended.</summary>
    public Task<string> MessagesAsync() => messages?.TextAsync() ?? Task.FromResult("");

    /// <summary>Whether bytes can be sent to the machine.</summary>
    public bool CanSend => toMachine != null;

    /// <summary>The kernel can switch it off. If not, the kernel says that it stands still, and the emulator is ended from here.</summary>
    public virtual bool CanPowerOff => true;

    /// <summary>A kernel that has panicked ends the emulator.</summary>
    public virtual bool EndsAfterPanic => false;

    /// <summary>Sends bytes to COM1.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (toMachine == null)
        {
            throw new BadInputException("this machine's serial port is a file: commands cannot be sent to it");
        }

        try
        {
            await toMachine.WriteAsync(bytes, cancel);
            await toMachine.FlushAsync(cancel);
        }
        catch (IOException)
        {
            // The machine has just ended; whatever reads its output notices.
        }
    }

    /// <summary>Saves the screen: .png and .ppm as a picture, .txt as the characters of the text screen.</summary>
    /// <exception cref="BadInputException">This machine cannot, or the file has another extension.</exception>
    public abstract Task SaveScreenAsync(string file, CancellationToken cancel);

    /// <summary>Where a VNC viewer finds the screen, such as 127.0.0.1:5901; null if it does not.</summary>
    public virtual Task<string?> ScreenAddressAsync(CancellationToken cancel) => Task.FromResult<string?>(null);

    /// <summary>Waits until the boot menu is on the screen, where it waits for the first key, whenever that is pressed.</summary>
    /// <exception cref="BadInputException">This machine's screen cannot be read.</exception>
    public abstract Task WaitForMenuAsync(CancellationToken cancel);

    /// <summary>Presses keys of the machine's keyboard, one after the other.</summary>
    /// <param name="keys">Keys by QEMU's names; several joined by '-' are pressed together.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="BadInputException">This machine's keyboard cannot be reached.</exception>
    public abstract Task PressAsync(IReadOnlyList<string> keys, CancellationToken cancel);

    /// <summary>What the emulator's exit status says about the guest; null when it says nothing.</summary>
    public abstract bool? GuestSucceeded(int exitStatus);

    /// <summary>How the machine ended, judged by the emulator alone.</summary>
    /// <param name="exitStatus">The emulator's.</param>
    /// <param name="sentSomething">The emulator ended by itself, and COM1 had sent something.</param>
    public abstract BootEnd End(int exitStatus, bool sentSomething);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        Process.Dispose();
        FromMachine.Dispose();
        toMachine?.Dispose();
    }
}
