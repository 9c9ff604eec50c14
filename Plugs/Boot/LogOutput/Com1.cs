namespace CosmosBootAlloc.Boot.LogOutput;

/// <summary>
/// Where log lines go beside the ring: COM1. The build compiles one file of this folder.
/// </summary>
internal static class LogDevices
{
    /// <summary>True when COM1 is ours to program and write to.</summary>
    internal static bool Serial => true;

    /// <summary>True when the screen is ours to clear and write to. A panic always takes it.</summary>
    internal static bool Screen => false;

    /// <summary>True when each line of the log goes to the screen.</summary>
    internal static bool LogOnScreen => false;
}
