namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// Time since the kernel started, from the time-stamp counter, whose rate is measured against the PIT once, at first use; or from the PIT
/// itself on a CPU without that counter. It does not tell the time of day.
/// </summary>
internal static class Clock
{
    private const uint PitHz = 1193182;
    private const uint MeasuredMilliseconds = 10;
    private const ushort PitChannel2 = 0x42;
    private const ushort PitMode = 0x43;
    private const ushort SpeakerGate = 0x61;
    private const byte Channel2Output = 0x20;
    private const int PatienceLooks = 10000000;

    // A look at a port takes a few microseconds at most. If 10 ms were over after fewer, what was seen was not the timer.
    private const int FewestLooks = 100;

    private static ulong s_start;
    private static uint s_ticksPerMicrosecond;

    /// <summary>Ticks per microsecond (MHz), rounded; never 0.</summary>
    internal static uint TicksPerMicrosecond
    {
        get
        {
            if (s_ticksPerMicrosecond == 0)
            {
                Measure();
            }

            return s_ticksPerMicrosecond;
        }
    }

    /// <summary>
    /// False if the PIT never answered, or at once; times then count ticks as if at 1 MHz. Valid once <see
    /// cref="TicksPerMicrosecond"/> was read.
    /// </summary>
    internal static bool Measured { get; private set; }

    /// <summary>The rate in Hz of a clock whose rate is known without measuring, the PIT's; 0 for the time-stamp counter.</summary>
    internal static uint TimerHz => Cpu.TimerHz();

    /// <summary>A number of ticks in microseconds.</summary>
    internal static ulong Microseconds(ulong ticks)
    {
        uint rate = TicksPerMicrosecond;
        uint hz = Cpu.TimerHz();
        return hz == 0 ? ticks / rate : ticks * 1000000 / hz;
    }

    /// <summary>Starts counting.</summary>
    internal static void Start()
    {
        s_start = Cpu.TimeStamp();
    }

    /// <summary>Ticks since <see cref="Start"/>, excluding the rate measurement.</summary>
    internal static ulong Ticks() => Cpu.TimeStamp() - s_start;

    // Measures over 10 ms of the PIT's channel 2 and does not count those ticks: the number of polls varies, and all other times must
    // depend on executed code alone, so that they repeat under an emulator that counts instructions.
    private static void Measure()
    {
        if (Cpu.TimerHz() != 0)
        {
            s_ticksPerMicrosecond = (Cpu.TimerHz() + 500000) / 1000000;
            Measured = true;
            return;
        }

        ulong begin = Cpu.TimeStamp();
        byte gate = (byte)(Cpu.In8(SpeakerGate) & ~0x02);
        Cpu.Out8(SpeakerGate, (byte)(gate & ~0x01));
        uint count = PitHz * MeasuredMilliseconds / 1000;
        Cpu.Out8(PitMode, 0xb0);
        Cpu.Out8(PitChannel2, (byte)count);
        Cpu.Out8(PitChannel2, (byte)(count >> 8));
        Cpu.Out8(SpeakerGate, (byte)(gate | 0x01));
        ulong before = Cpu.TimeStamp();
        int looks = 0;
        while ((Cpu.In8(SpeakerGate) & Channel2Output) == 0 && looks < PatienceLooks)
        {
            looks++;
        }

        ulong ticks = Cpu.TimeStamp() - before;
        Cpu.Out8(SpeakerGate, gate);
        Measured = looks < PatienceLooks && looks >= FewestLooks;
        const uint microseconds = MeasuredMilliseconds * 1000;
        s_ticksPerMicrosecond = Measured ? (uint)((ticks + (microseconds / 2)) / microseconds) : 1;
        if (s_ticksPerMicrosecond == 0)
        {
            s_ticksPerMicrosecond = 1;
        }

        s_start += Cpu.TimeStamp() - begin;
    }
}
