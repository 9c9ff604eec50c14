using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Boot.Shutdown;

/// <summary>Off and restart, by the ways that PCs and their emulators have; each is tried in turn.</summary>
internal static class Power
{
    private const ushort QemuDebugExit = 0xf4;
    private const ushort BochsShutdown = 0x8900;
    private const ushort KeyboardCommand = 0x64;
    private const ushort ResetControl = 0xcf9;

    /// <summary>What an emulator started by the tool reports: 0x10 all well, 0x11 failed.</summary>
    private const uint ExitWell = 0x10;
    private const uint ExitFailed = 0x11;

    /// <summary>Turns the machine off; on one that cannot, says so and halts.</summary>
    /// <param name="failed">The kernel or its self-test failed; shows in the emulator's exit status.</param>
    internal static void Off(bool failed)
    {
        Cpu.DisableInterrupts();
        SerialPort.Drain();
        TellTestMachine(failed);
        const string word = "Shutdown";
        for (int i = 0; i < word.Length; i++)
        {
            Cpu.Out8(BochsShutdown, (byte)word[i]);
        }

        AcpiPower.Off();
        Terminal.Text("bootalloc: this machine cannot be turned off by software: please turn it off now. System halted.\n");
        Stop();
    }

    /// <summary>Restarts the machine: keyboard controller, chipset reset, and last an exception that nothing handles.</summary>
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

    /// <summary>After a panic: an emulator started by the tool ends here, a PC halts with its screen readable.</summary>
    internal static void StopAfterFailure()
    {
        Cpu.DisableInterrupts();
        SerialPort.Drain();
        TellTestMachine(true);
        Stop();
    }

    private static void TellTestMachine(bool failed)
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
        for (;;)
        {
            Cpu.DisableInterrupts();
            Cpu.Halt();
        }
    }
}
