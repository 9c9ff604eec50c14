namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// Time since the kernel started, from the time-stamp counter, whose rate is measured against the PIT once, at first use; or from the PIT
/// itself on a CPU without that counter. It does not tell the time of day.
/// </summary>
internal static class Clock
{
    private const uint PitHz = 1193182;
    private const uint MeasuredCount = PitHz / 100;
    private const ushort PitChannel2 = 0x42;
    private const ushort PitMode = 0x43;
    private const ushort SpeakerGate = 0x61;
    private const byte Channel2Output = 0x20;
    private const int PatienceLooks = 10000000;

    // A look takes a few microseconds at most. If 10 ms were over after fewer, what was seen was not the timer.
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

    /// <summary>
    /// True if the output of the PIT's channel 2 never rose, or at once, as where port 61h only toggles its bit; the rate was then taken
    /// from the channel's count. Valid once <see cref="TicksPerMicrosecond"/> was read.
    /// </summary>
    internal static bool OutputImplausible { get; private set; }

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
        s_ticksPerMicrosecond = ByOutput(gate);
        if (s_ticksPerMicrosecond == 0)
        {
            OutputImplausible = true;
            s_ticksPerMicrosecond = ByCount(gate);
        }

        Cpu.Out8(SpeakerGate, gate);
        Measured = s_ticksPerMicrosecond != 0;
        if (!Measured)
        {
            s_ticksPerMicrosecond = 1;
        }

        s_start += Cpu.TimeStamp() - begin;
    }

    // Waits until the channel's output, bit 5 of port 61h, rises. Ticks per microsecond, at least 1; 0 if that never happened, or at once.
    private static uint ByOutput(byte gate)
    {
        StartChannel2(gate, MeasuredCount);
        ulong before = Cpu.TimeStamp();
        int looks = 0;
        while ((Cpu.In8(SpeakerGate) & Channel2Output) == 0 && looks < PatienceLooks)
        {
            looks++;
        }

        ulong ticks = Cpu.TimeStamp() - before;
        return looks < PatienceLooks && looks >= FewestLooks ? Rate(ticks, MeasuredCount) : 0;
    }

    // Waits until the channel's count, which is latched for each look, has fallen. Ticks per microsecond, at least 1; 0 if it never fell,
    // or in leaps.
    private static uint ByCount(byte gate)
    {
        StartChannel2(gate, 0xffff);
        uint first = Channel2Count();
        ulong before = Cpu.TimeStamp();
        uint fallen = 0;
        int looks = 0;
        while (fallen < MeasuredCount && looks < PatienceLooks)
        {
            fallen = (first - Channel2Count()) & 0xffff;
            looks++;
        }

        ulong ticks = Cpu.TimeStamp() - before;
        return looks < PatienceLooks && looks >= FewestLooks ? Rate(ticks, fallen) : 0;
    }

    // Mode 0: the output is low until the count has reached 0.
    private static void StartChannel2(byte gate, uint count)
    {
        Cpu.Out8(SpeakerGate, (byte)(gate & ~0x01));
        Cpu.Out8(PitMode, 0xb0);
        Cpu.Out8(PitChannel2, (byte)count);
        Cpu.Out8(PitChannel2, (byte)(count >> 8));
        Cpu.Out8(SpeakerGate, (byte)(gate | 0x01));
    }

    private static uint Channel2Count()
    {
        Cpu.Out8(PitMode, 0x80);
        uint low = Cpu.In8(PitChannel2);
        return low | ((uint)Cpu.In8(PitChannel2) << 8);
    }

    // Rounded.
    private static uint Rate(ulong ticks, uint counts)
    {
        uint microseconds = counts * 1000 / (PitHz / 1000);
        uint rate = (uint)((ticks + (microseconds / 2)) / microseconds);
        return rate == 0 ? 1 : rate;
    }
}
