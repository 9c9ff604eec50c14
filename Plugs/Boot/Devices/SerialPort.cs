namespace CosmosBootAlloc.Boot.Devices;

/// <summary>COM1 at 115200 8n1: sends by bounded polling; a received byte raises its interrupt. It buffers nothing in software.</summary>
internal static class SerialPort
{
    private const ushort Com1 = 0x3f8;
    private const ushort InterruptEnable = Com1 + 1;
    private const ushort FifoControl = Com1 + 2;
    private const ushort LineControl = Com1 + 3;
    private const ushort ModemControl = Com1 + 4;
    private const ushort LineStatus = Com1 + 5;
    private const ushort Scratch = Com1 + 7;
    private const byte ReceivedByte = 0x01;
    private const byte HoldingEmpty = 0x20;
    private const byte TransmitterEmpty = 0x40;

    // A byte takes 87 us on the wire; each port read takes about 1 us on a real bus.
    private const int PatienceLooks = 200000;

    private static bool s_present;

    /// <summary>Programs the port; does nothing on a machine without one.</summary>
    internal static void Init()
    {
        Cpu.Out8(Scratch, 0x5a);
        s_present = Cpu.In8(Scratch) == 0x5a;
        if (!s_present)
        {
            return;
        }

        Cpu.Out8(InterruptEnable, 0);
        Cpu.Out8(LineControl, 0x80);
        Cpu.Out8(Com1, 1);
        Cpu.Out8(InterruptEnable, 0);
        Cpu.Out8(LineControl, 0x03);
        Cpu.Out8(FifoControl, 0x07);
        Cpu.Out8(ModemControl, 0x0b);
        Cpu.Out8(InterruptEnable, 0x01);
    }

    /// <summary>Sends a byte; a line feed goes out as carriage return and line feed. Gives up on a port that stays busy.</summary>
    internal static void Write(byte value)
    {
        if (!s_present)
        {
            return;
        }

        if (value == '\n')
        {
            Send((byte)'\r');
        }

        Send(value);
    }

    /// <summary>Takes a received byte.</summary>
    /// <returns>False if there is none.</returns>
    internal static bool TryRead(out byte value)
    {
        value = 0;
        if (!s_present || (Cpu.In8(LineStatus) & ReceivedByte) == 0)
        {
            return false;
        }

        value = Cpu.In8(Com1);
        return true;
    }

    /// <summary>Waits, bounded, until the last bit has been sent; call it before power-off.</summary>
    internal static void Drain()
    {
        if (s_present)
        {
            WaitFor(TransmitterEmpty);
        }
    }

    private static void Send(byte value)
    {
        if (WaitFor(HoldingEmpty))
        {
            Cpu.Out8(Com1, value);
        }
        else
        {
            s_present = false;
        }
    }

    private static bool WaitFor(byte status)
    {
        for (int i = 0; i < PatienceLooks; i++)
        {
            if ((Cpu.In8(LineStatus) & status) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
