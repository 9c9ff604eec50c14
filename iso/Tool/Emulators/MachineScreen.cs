namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Where a person sees the machine's screen.</summary>
public enum MachineScreen
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In a window on the host's display.</summary>
    Window,

    /// <summary>In a VNC viewer on the host: the emulator listens on 127.0.0.1, and nowhere else.</summary>
    Vnc,
}
