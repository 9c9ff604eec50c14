namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>How a boot ended.</summary>
public enum BootEnd
{
    /// <summary>The kernel switched the machine off, or asked for that where only a hand can do it.</summary>
    PoweredOff,

    /// <summary>The kernel stopped for good and printed why (a panic, a CPU that is too old).</summary>
    Stopped,

    /// <summary>The machine was reset: on command, or by a triple fault.</summary>
    Reset,

    /// <summary>The time limit was reached; the emulator was ended.</summary>
    TimedOut,

    /// <summary>The emulator itself failed.</summary>
    EmulatorFailed,
}
