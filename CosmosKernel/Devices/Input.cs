using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>One queue of typed characters, from keyboard and COM1 alike: filled in interrupts, emptied by the shell.</summary>
internal static unsafe class Input
{
    private const int Capacity = 256;

    // Written only by the interrupt side; read only by the shell's.
    private static int s_written;

    // Written only by the shell's side.
    private static int s_taken;
    private static Queue s_queue;

    /// <summary>Moves what the keyboard holds into the queue. Called with interrupts off.</summary>
    internal static void TakeKeyboard()
    {
        while (Keyboard.TryRead(out byte value))
        {
            Add(value);
        }
    }

    /// <summary>Moves what COM1 received into the queue. Called with interrupts off.</summary>
    internal static void TakeSerial()
    {
        while (SerialPort.TryRead(out byte value))
        {
            Add(value == '\r' ? (byte)'\n' : value);
        }
    }

    /// <summary>Sleeps until a character was typed on either device.</summary>
    internal static byte Read()
    {
        for (;;)
        {
            // Looked at even without an interrupt: some old boards deliver none, and the timer wakes us anyway.
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
        // A full queue drops what is typed.
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
