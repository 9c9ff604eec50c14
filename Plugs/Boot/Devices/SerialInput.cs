namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// What COM1 received and nobody has read yet. When there is no more room, bytes stay in the port and the sender is told to wait (RTS); so
/// none is lost unless the sender does not listen, and then the port's overrun bit marks the place.
/// </summary>
internal static class SerialInput
{
    // LSR bits that say that a byte is missing or wrong; a break (bit 4) comes with a framing error and loses nothing.
    private const byte Overrun = 0x02;
    private const byte FramingError = 0x08;
    private const byte Break = 0x10;

    // A byte and the note that others were lost before it.
    private const int EntriesPerByte = 2;

    // The port's 16 bytes, and as many that a sender still sends after RTS has fallen.
    private const int StopRoom = 2 * 16 * EntriesPerByte;
    private const int GoRoom = InputQueue.Capacity / 2;

    // One call ends even with a port that always has something.
    private const int MostBytesPerCall = 4 * InputQueue.Capacity;

    private static InputQueue s_queue;
    private static bool s_stopped;

    // A byte was lost, but up to a FIFO of older ones comes before the place.
    private static bool s_lossAhead;

    /// <summary>Moves received bytes from the port into the queue while both have some. A carriage return becomes a line feed.</summary>
    internal static void Receive()
    {
        Receive(SerialPort.ReadStatus());
    }

    /// <summary>The same, with a status that was read already: reading it clears its error bits.</summary>
    internal static void Receive(byte status)
    {
        for (int i = 0; i < MostBytesPerCall; i++)
        {
            s_lossAhead |= (status & Overrun) != 0 || (status & (FramingError | Break)) == FramingError;
            if (s_queue.Room < StopRoom && !s_stopped)
            {
                s_stopped = true;
                SerialPort.AllowSender(false);
            }

            // One place stays free: the queue would note a loss in it.
            if (s_queue.Room <= EntriesPerByte)
            {
                return;
            }

            if ((status & SerialPort.ReceivedByte) == 0)
            {
                if (s_lossAhead)
                {
                    s_lossAhead = false;
                    s_queue.AddLost();
                }

                return;
            }

            if (s_lossAhead)
            {
                s_queue.AddLost();
            }

            byte value = SerialPort.ReadData();
            if (value != 0)
            {
                s_queue.Add(value == '\r' ? (byte)'\n' : value);
            }

            status = SerialPort.ReadStatus();
        }
    }

    /// <summary>Takes the oldest byte, or <see cref="InputQueue.Lost"/> where bytes are missing.</summary>
    /// <returns>False if there is none.</returns>
    internal static bool TryTake(out byte value)
    {
        bool any = s_queue.TryTake(out value);
        GoOn();
        return any;
    }

    /// <summary>See <see cref="InputQueue.TryTakeStop"/>.</summary>
    internal static bool TryTakeStop()
    {
        bool any = s_queue.TryTakeStop();
        GoOn();
        return any;
    }

    private static void GoOn()
    {
        if (s_stopped && s_queue.Room >= GoRoom)
        {
            s_stopped = false;
            SerialPort.AllowSender(true);
        }
    }
}
