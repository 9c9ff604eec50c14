using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Boot.Shutdown;

/// <summary>Power-off and reset: tries in turn each way that PCs and emulators offer.</summary>
internal static class Power
{
    private const ushort QemuDebugExit = 0xf4;
    private const ushort BochsShutdown = 0x8900;
    private const ushort KeyboardCommand = 0x64;
    private const ushort ResetControl = 0xcf9;

    /// <summary>Exit codes for an emulator started by the tool: 0x10 success, 0x11 failure.</summary>
    private const uint ExitWell = 0x10;
    private const uint ExitFailed = 0x11;

    /// <summary>Turns the machine off; if that does not work, prints a message and halts.</summary>
    /// <param name="failed">True if the kernel or its self-test failed; sets the emulator's exit status.</param>
    internal static void Off(bool failed)
    {
        Cpu.DisableInterrupts();
        SerialPort.Drain();
        EndEmulator(failed);
        const string word = "Shutdown";
        for (int i = 0; i < word.Length; i++)
        {
            Cpu.Out8(BochsShutdown, (byte)word[i]);
        }

        AcpiPower.Off();
        Terminal.Text("bootalloc: this machine cannot be turned off by software: please turn it off now. System halted.\n");
        Stop();
    }

    /// <summary>
    /// Restarts the machine: by the keyboard controller, by the chipset's reset port, and last by an unhandled exception.
    /// </summary>
    internal static void Restart()
    {
        Cpu.DisableInterrupts();
        SerialPort.Drain();
        Cpu.Out8(KeyboardCommand, 0xfe);
        Pause();
        Cpu.Out8(ResetControl, 0x02);
        Cpu.Out8(ResetControl, 0x06);
        Pause();
        Cpu.TripleFault();
    }

    /// <summary>Stops after a panic: ends an emulator started by the tool; halts a PC with its screen readable.</summary>
    internal static void StopAfterFailure()
    {
        Cpu.DisableInterrupts();
        SerialPort.Drain();
        EndEmulator(true);
        Stop();
    }

    private static void EndEmulator(bool failed)
    {
        Cpu.Out32(QemuDebugExit, failed ? ExitFailed : ExitWell);
    }

    private static void Pause()
    {
        for (int i = 0; i < 100000; i++)
        {
            Cpu.In8(KeyboardCommand);
        }
    }

    private static void Stop()
    {
        while (true)
        {
            Cpu.DisableInterrupts();
            Cpu.Halt();
        }
    }
}
