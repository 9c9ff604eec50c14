using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.Shutdown;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Panics;

/// <summary>
/// The kernel log's panic handler: prints the reason, the registers after an exception, who called whom, and the state of memory, then
/// stops. Allocates nothing.
/// </summary>
internal static unsafe class PanicHandler
{
    private const int MessageCapacity = 256;

    private static bool s_stopping;

    // Static: IL2CPU takes stack arrays from the object heap, and a panic must not need a heap.
    private static Buffer s_message;

    /// <summary>Prints the reason, for people and for programs, frames, and the memory state, then stops. Does not return.</summary>
    internal static void Panic(void* context, byte* message, int length)
    {
        Cpu.DisableInterrupts();
        if (s_stopping)
        {
            // A second panic, while printing the state: what is on the screen has to do.
            Power.StopAfterFailure();
        }

        s_stopping = true;
        Terminal.Open();
        Terminal.TakeScreen();

        // The message is in the log's line buffer, which the next line overwrites.
        fixed (byte* copy = s_message.Bytes)
        {
            int kept = length < MessageCapacity - 1 ? length : MessageCapacity - 1;
            for (int i = 0; i < kept; i++)
            {
                copy[i] = message[i] == '"' ? (byte)'\'' : message[i];
            }

            copy[kept] = 0;
            TextScreen.SetAttribute(TextScreen.Alarm);
            KernelState.Log->Print("Kernel panic - not syncing: %s\n", (uint)copy);
            KernelState.Log->Print("bootalloc: panic message=\"%s\"\n", (uint)copy);
            TextScreen.SetAttribute(TextScreen.Normal);
            PrintState(Cpu.Frame());

            // A screen has 25 rows: what they must hold comes last, the message again.
            KernelState.Log->Print("What to do: restart, or boot with other options; 'bootalloc addr2line' names the frames\n");
            KernelState.Log->Print("---[ end Kernel panic - not syncing: %s ]---\n", (uint)copy);
        }

        Power.StopAfterFailure();
    }

    private static void PrintState(uint frame)
    {
        MemoryReport.PrintForPanic();
        if (CpuException.Happened)
        {
            CpuException.PrintRegisters();
            Backtrace.PrintFault(CpuException.Registers);
        }
        else
        {
            Backtrace.Print(frame);
        }
    }

    private struct Buffer
    {
        internal fixed byte Bytes[MessageCapacity];
    }
}
