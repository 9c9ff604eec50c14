namespace CosmosBootAlloc.Boot.LogOutput;

/// <summary>
/// Where log lines go beside the ring: COM1, as in our own kernel. The screen, which is ours too, shows a summary of the boot: a log does
/// not fit on it. The build compiles one file of this folder.
/// </summary>
internal static class LogDevices
{
    /// <summary>True when COM1 is ours to program and write to.</summary>
    internal static bool Serial => true;

    /// <summary>True when the screen is ours to clear and write to. A panic always takes it.</summary>
    internal static bool Screen => true;

    /// <summary>True when each line of the log goes to the screen.</summary>
    internal static bool LogOnScreen => false;
}
