using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>One queue of typed characters for both keyboard and COM1. Interrupt handlers fill it; the shell empties it.</summary>
internal static unsafe class Input
{
    private const int Capacity = 256;

    // Written only by the interrupt side; the shell only reads it.
    private static int s_written;

    // Written only by the shell.
    private static int s_taken;
    private static Queue s_queue;

    /// <summary>Moves pending keys from the keyboard into the queue. Called with interrupts off.</summary>
    internal static void TakeKeyboard()
    {
        while (Keyboard.TryRead(out byte value))
        {
            Add(value);
        }
    }

    /// <summary>Moves received bytes from COM1 into the queue. Called with interrupts off.</summary>
    internal static void TakeSerial()
    {
        while (SerialPort.TryRead(out byte value))
        {
            Add(value == '\r' ? (byte)'\n' : value);
        }
    }

    /// <summary>Sleeps until a character arrives from either device.</summary>
    internal static byte Read()
    {
        while (true)
        {
            // Poll even without a device interrupt: some old boards deliver none, and the timer wakes the CPU anyway.
            TakeKeyboard();
            TakeSerial();
            if (s_taken != s_written)
            {
                return s_queue.Bytes[s_taken++ & (Capacity - 1)];
            }

            Cpu.WaitForInterrupt();
        }
    }

    private static void Add(byte value)
    {
        // A full queue drops input: nobody types 256 characters ahead.
        if (value != 0 && s_written - s_taken < Capacity)
        {
            s_queue.Bytes[s_written++ & (Capacity - 1)] = value;
        }
    }

    private struct Queue
    {
        internal fixed byte Bytes[Capacity];
    }
}
