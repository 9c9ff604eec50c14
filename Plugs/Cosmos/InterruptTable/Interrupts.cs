namespace CosmosBootAlloc.Plugs.InterruptTable;

/// <summary>
/// Cosmos owns the interrupts: its table, its exception screens, its drivers' handlers. The shell takes them only while it waits for input,
/// so that no handler runs into a command; COM1 and the keyboard wake it.
/// </summary>
internal static class Interrupts
{
    private const ushort Controller = 0x20;
    private const byte ReadInService = 0x0b;
    private const byte ReadRequests = 0x0a;
    private const byte SerialLine = 4;
    private const byte TimerLine = 0;

    /// <summary>True when interrupts were on before there was a table of handlers: then a tick would have been a triple fault.</summary>
    internal static bool WereOnTooEarly { get; private set; }

    /// <summary>
    /// To be called while interrupts are off and there is a heap. Cosmos makes its list of interrupt lines at its first use; a tick that
    /// came while it is being made would find none, leave its handler by an exception, and the controller would wait for that interrupt's
    /// end for ever, without letting timer or keyboard through. So it is used here. A second call changes nothing.
    /// </summary>
    internal static void MakeLines() => Cosmos.Core.INTs.SetIrqHandler(TimerLine, null);

    /// <summary>
    /// For the self-test and the baseline, whose heap leaves no place to call <see cref="MakeLines"/>: to be called before Cosmos loads its
    /// table of handlers.
    /// </summary>
    internal static void BeforeTable()
    {
        WereOnTooEarly = Cpu.InterruptsEnabled();
        MakeLines();
    }

    /// <summary>
    /// The lines of the first interrupt controller whose handler has begun but not told its end, a bit each: outside of handlers 0, or that
    /// line and those above it are lost. Intel 8259A, operation command word 3.
    /// </summary>
    internal static byte InService()
    {
        Cpu.Out8(Controller, ReadInService);
        byte lines = Cpu.In8(Controller);
        Cpu.Out8(Controller, ReadRequests);
        return lines;
    }

    /// <summary>
    /// Lets timer and COM1 through (Cosmos has let the keyboard through), and turns interrupts off until the shell waits.
    /// </summary>
    internal static void StartDevices()
    {
        Cpu.DisableInterrupts();
        Cosmos.Core.INTs.SetIRQMaskState(SerialLine, false);
        Cosmos.Core.INTs.SetIRQMaskState(TimerLine, false);
    }
}
