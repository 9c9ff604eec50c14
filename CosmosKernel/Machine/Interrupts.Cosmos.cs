namespace CosmosBootAlloc.Kernel;

/// <summary>
/// Cosmos owns the interrupts: its table, its exception screens, its drivers' handlers. The shell takes them only while it waits for input, so that no
/// handler runs into a command; COM1 and the keyboard wake it.
/// </summary>
internal static class Interrupts
{
    private const byte SerialLine = 4;
    private const byte TimerLine = 0;

    /// <summary>Lets timer and COM1 through (Cosmos has let the keyboard through), and turns interrupts off until the shell waits.</summary>
    internal static void StartDevices()
    {
        Cpu.DisableInterrupts();
        Cosmos.Core.INTs.SetIRQMaskState(SerialLine, false);
        Cosmos.Core.INTs.SetIRQMaskState(TimerLine, false);
    }
}
