using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.Shutdown;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Panics;

/// <summary>What happens at a panic of the kernel log: the reason, the state of memory, a stop. Allocates nothing.</summary>
internal static unsafe class PanicHandler
{
    private const int MessageCapacity = 256;

    private static bool s_stopping;

    // Not on the stack: IL2CPU takes stack arrays from the object heap, and a panic must not need one.
    private static Buffer s_message;

    /// <summary>The panic handler: the reason for people and programs, the memory state, then a stop. Does not return.</summary>
    internal static void Panic(void* context, byte* message, int length)
    {
        Cpu.DisableInterrupts();
        if (s_stopping)
        {
            // A panic while the state was printed: what is on the screen already is all there is.
            Power.StopAfterFailure();
        }

        s_stopping = true;
        Terminal.Open();
        Terminal.QuietScreen(false);

        // The message lies in the log's own line buffer, which the next line overwrites.
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
        }

        MemoryReport.PrintForPanic();
        KernelState.Log->Print("---[ end Kernel panic: restart the machine, or boot with other options; the lines above say what was found ]---\n");
        Power.StopAfterFailure();
    }

    private struct Buffer
    {
        internal fixed byte Bytes[MessageCapacity];
    }
}
