using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Log;

/// <summary>
/// The kernel log's sink: puts a time stamp before each line and writes it to COM1, the screen and the ring. It formats nothing else.
/// </summary>
internal static unsafe class LogSink
{
    private const int StampCapacity = 24;

    // Static: IL2CPU takes stack arrays from the object heap, and a log line must not need a heap.
    private static Buffers s_buffers;

    /// <summary>
    /// The chain's clock: ticks since the start, excluding those spent on formatting and writing the log once it is no longer held. Those
    /// depend on the serial port, the screen and the variant's log text, not on the stages.
    /// </summary>
    /// <param name="since">An earlier reading, or 0.</param>
    internal static ulong TicksWithoutLogging(ulong since) => Clock.Ticks() - KernelState.Log->TicksSpent - since;

    /// <summary>The clock of <see cref="KernelState.Log"/>.</summary>
    internal static ulong Ticks(ulong since) => Clock.Ticks() - since;

    /// <summary>The sink of <see cref="KernelState.Log"/>: <c>[%5d.%06d] line</c>.</summary>
    internal static void Line(void* context, byte* line, int length)
    {
        Terminal.Open();
        ulong now = Clock.Microseconds(KernelState.Log->LineTicks);
        uint seconds = (uint)(now / 1000000);
        uint fraction = (uint)(now % 1000000);
        fixed (byte* stamp = s_buffers.Stamp)
        {
            int at = 0;
            stamp[at++] = (byte)'[';
            at = Number(stamp, at, seconds, 5, (byte)' ');
            stamp[at++] = (byte)'.';
            at = Number(stamp, at, fraction, 6, (byte)'0');
            stamp[at++] = (byte)']';
            stamp[at++] = (byte)' ';
            Put(stamp, at);
        }

        Put(line, length);
        byte end = (byte)'\n';
        Put(&end, 1);
        Terminal.ShowCursor();
    }

    private static void Put(byte* text, int length)
    {
        Terminal.Bytes(text, length);
        for (int i = 0; i < length; i++)
        {
            LogRing.Add(text[i]);
        }
    }

    private static int Number(byte* to, int at, uint value, int width, byte pad)
    {
        uint divisor = 1;
        for (int i = 1; i < width; i++)
        {
            divisor *= 10;
        }

        bool started = false;
        for (; divisor != 0; divisor /= 10)
        {
            uint digit = value / divisor % 10;
            started |= digit != 0 || divisor == 1;
            to[at++] = started ? (byte)('0' + digit) : pad;
        }

        return at;
    }

    private struct Buffers
    {
        internal fixed byte Stamp[StampCapacity];
    }
}
