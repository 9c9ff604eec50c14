namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// COM1, or another by <see cref="Use"/>, at 115200 8n1. Sending polls, and waits a bounded time for a receiver that pauses; then bytes
/// are dropped and counted until the receiver takes some again. Output goes on at the start of a line, after a line
/// <c>[... 3,953 bytes lost ...]</c>. What is received meanwhile goes to <see cref="SerialInput"/>.
/// </summary>
internal static class SerialPort
{
    /// <summary>LSR: a received byte is waiting.</summary>
    internal const byte ReceivedByte = 0x01;

    // The registers, counted from the port's base.
    private const ushort Data = 0;
    private const ushort InterruptEnable = 1;
    private const ushort FifoControl = 2;
    private const ushort LineControl = 3;
    private const ushort ModemControl = 4;
    private const ushort LineStatus = 5;
    private const ushort Scratch = 7;

    private const byte HoldingEmpty = 0x20;
    private const byte TransmitterEmpty = 0x40;
    private const byte Errors = 0x1e;
    private const byte NoPort = 0xff;

    // MCR: DTR, RTS, interrupts to the PIC.
    private const byte Ready = 0x0b;
    private const byte RequestToSend = 0x02;

    // IER.
    private const byte ReceiveInterrupt = 0x01;
    private const byte SendInterrupt = 0x02;

    // How long sending may wait, in microseconds. Waiting spends it, and each byte sent earns some (a byte takes 87 on the wire): a slow
    // receiver costs a known time, and one that is known to be stuck costs none.
    private const uint MostPatience = 500000;
    private const uint PatienceAfterGap = 50000;
    private const uint PatiencePerByte = 1000;

    // The bound where the clock stands still: a look takes 0.1 to 10 microseconds.
    private const uint MostLooksPerMicrosecond = 16;

    // Looks at a line that was in use before it counts as quiet, and at one that never is.
    private const uint QuietLooks = 20000;
    private const uint MostEarlyLooks = 400000;

    private static ushort s_base = 0x3f8;
    private static bool s_present;
    private static uint s_patience;
    private static bool s_lineStart;
    private static bool s_receiveInterrupt;
    private static bool s_interrupts;

    // The gap: bytes dropped since the last one sent, 0 for none, and whether that one left a line unfinished.
    private static uint s_lost;
    private static bool s_unfinished;

    /// <summary>Takes another port than COM1, at the address that it has on every PC. Before <see cref="Init"/>.</summary>
    /// <param name="port">0 to 3 for COM1 to COM4.</param>
    internal static void Use(int port)
    {
        s_base = (ushort)(port == 0 ? 0x3f8 : port == 1 ? 0x2f8 : port == 2 ? 0x3e8 : 0x2e8);
    }

    /// <summary>Programs the port; does nothing on a machine without one. What the port has received already is kept.</summary>
    internal static void Init()
    {
        Put(Scratch, 0x5a);
        s_present = Get(Scratch) == 0x5a;
        if (!s_present)
        {
            return;
        }

        s_patience = MostPatience;
        s_lineStart = true;
        Put(InterruptEnable, 0);
        Put(LineControl, 0x80);
        Put(Data, 1);
        Put(InterruptEnable, 0);
        Put(LineControl, 0x03);

        TakeEarlyBytes();
        Put(FifoControl, 0x01);
        AllowSender(true);
    }

    /// <summary>
    /// Sends a byte; a line feed goes out as carriage return and line feed. While the receiver takes nothing, the byte is dropped and
    /// counted.
    /// </summary>
    internal static void Write(byte value)
    {
        if (!s_present)
        {
            return;
        }

        bool atStart = s_lineStart;
        s_lineStart = value == '\n';
        uint bytes = value == '\n' ? 2u : 1u;
        if (s_lost != 0)
        {
            // Also keeps input coming in during a gap.
            bool ready = IsReady();
            if (!atStart || !ready || !EndGap())
            {
                s_lost += bytes;
                return;
            }
        }

        if (value == '\n' && !Send((byte)'\r'))
        {
            BeginGap(bytes, !atStart);
        }
        else if (!Send(value))
        {
            BeginGap(1, !atStart);
        }
    }

    /// <summary>
    /// If bytes were dropped and the receiver takes some again, tells it how many. To be called now and then while nothing is written.
    /// </summary>
    /// <returns>True if it did: the receiver is at the start of a line and may have missed a prompt.</returns>
    internal static bool TryEndGap()
    {
        if (!s_present || s_lost == 0 || !IsReady() || !EndGap())
        {
            return false;
        }

        s_lineStart = true;
        return true;
    }

    /// <summary>Waits, bounded, until the last bit has been sent; call it before power-off.</summary>
    internal static void Drain()
    {
        if (!s_present)
        {
            return;
        }

        s_patience = MostPatience;
        if (s_lost == 0 || (WaitFor(HoldingEmpty) && EndGap()))
        {
            WaitFor(TransmitterEmpty);
        }
    }

    /// <summary>
    /// Tells the other side whether it may send (RTS) and turns the receive interrupt on or off with it; without, received bytes stay in
    /// the port, and one with a FIFO keeps 16.
    /// </summary>
    internal static void AllowSender(bool allowed)
    {
        Put(ModemControl, allowed ? Ready : (byte)(Ready & ~RequestToSend));
        s_receiveInterrupt = allowed;
        SetInterrupts();
    }

    /// <summary>
    /// Lets the port interrupt from now on. Only for a kernel whose handler takes COM1's interrupt; until then the port is polled.
    /// </summary>
    internal static void UseInterrupts()
    {
        s_interrupts = s_present;
        SetInterrupts();
    }

    /// <summary>The line status (LSR), 0 without a port. Reading it clears its error bits.</summary>
    internal static byte ReadStatus()
    {
        byte status = s_present ? Get(LineStatus) : (byte)0;
        return status == NoPort ? (byte)0 : status;
    }

    /// <summary>Takes the byte that <see cref="ReceivedByte"/> announced.</summary>
    internal static byte ReadData() => Get(Data);

    /// <summary>
    /// Takes what was sent before the kernel ran. Switching the FIFOs on clears them, so where one byte has come, the end of all that
    /// are on their way is waited for, bounded.
    /// </summary>
    private static void TakeEarlyBytes()
    {
        uint quiet = (StatusWithInput() & ReceivedByte) != 0 ? 0 : QuietLooks;
        for (uint looks = 0; quiet < QuietLooks && looks < MostEarlyLooks; looks++)
        {
            quiet = (StatusWithInput() & ReceivedByte) != 0 ? 0 : quiet + 1;
        }
    }

    private static byte Get(ushort register) => Cpu.In8((ushort)(s_base + register));

    private static void Put(ushort register, byte value)
    {
        Cpu.Out8((ushort)(s_base + register), value);
    }

    private static bool IsReady() => (StatusWithInput() & HoldingEmpty) != 0;

    /// <summary>Reads the status and lets nothing of it get lost: neither a received byte nor an error.</summary>
    private static byte StatusWithInput()
    {
        byte status = ReadStatus();
        if ((status & (ReceivedByte | Errors)) != 0)
        {
            SerialInput.Receive(status);
        }

        return status;
    }

    private static bool Send(byte value)
    {
        if (!IsReady() && !WaitFor(HoldingEmpty))
        {
            return false;
        }

        Put(Data, value);
        s_patience = s_patience < MostPatience - PatiencePerByte ? s_patience + PatiencePerByte : MostPatience;
        return true;
    }

    private static bool WaitFor(byte bits)
    {
        ulong start = Cpu.TimeStamp();
        uint mostLooks = s_patience * MostLooksPerMicrosecond;
        uint waited = 0;
        bool ready = false;
        for (uint looks = 0; looks < mostLooks && waited < s_patience && !ready; looks++)
        {
            ready = (StatusWithInput() & bits) != 0;

            // Before the clock's rate is known, a look counts as the microsecond that it takes on a real bus.
            // Nor does it help if it goes back, as the timer does that is the clock when interrupts are off for two of its turns.
            ulong now = Cpu.TimeStamp();
            start = now < start ? now : start;
            ulong time = Clock.Measured ? Clock.Microseconds(now - start) : looks;
            waited = time < s_patience ? (uint)time : s_patience;
        }

        s_patience = ready ? s_patience - waited : 0;
        return ready;
    }

    private static void BeginGap(uint bytes, bool unfinished)
    {
        s_lost = bytes;
        s_unfinished = unfinished;
        SetInterrupts();
    }

    /// <summary>During a gap the port also wakes the shell when it can send again: not every machine has a timer that does.</summary>
    private static void SetInterrupts()
    {
        if (!s_interrupts)
        {
            return;
        }

        Put(InterruptEnable, (byte)((s_receiveInterrupt ? ReceiveInterrupt : 0) | (s_lost != 0 ? SendInterrupt : 0)));
    }

    /// <summary>Writes how many bytes are missing, on a line of its own.</summary>
    /// <returns>False if the receiver has stopped again; the gap goes on.</returns>
    private static bool EndGap()
    {
        s_patience = PatienceAfterGap;
        bool sent = (!s_unfinished || (Send((byte)'\r') && Send((byte)'\n'))) && Send("[... ") && SendNumber(s_lost)
            && Send(s_lost == 1 ? " byte lost ...]\r\n" : " bytes lost ...]\r\n");
        s_unfinished |= !sent;
        s_lost = sent ? 0 : s_lost;
        SetInterrupts();
        return sent;
    }

    private static bool Send(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!Send((byte)text[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A decimal number with commas.</summary>
    private static bool SendNumber(uint value)
    {
        bool sent = true;
        bool started = false;
        int place = 9;
        for (uint divisor = 1000000000; divisor != 0 && sent; divisor /= 10)
        {
            uint digit = value / divisor % 10;
            started |= digit != 0 || place == 0;
            sent = !started || (Send((byte)('0' + digit)) && (place == 0 || place % 3 != 0 || Send((byte)',')));
            place--;
        }

        return sent;
    }
}
