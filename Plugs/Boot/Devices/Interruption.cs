namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// Ctrl-C: whether the running command shall stop. There is one flag; everything that may run for long asks for it now and then, puts away
/// what it holds, and returns. During the boot nothing is interrupted.
/// </summary>
internal static unsafe class Interruption
{
    private static delegate*<void> s_look;
    private static bool s_running;
    private static bool s_wanted;

    /// <summary>Names who looks for a Ctrl-C at keyboard and COM1, and calls <see cref="Stop"/>. Once, before the first command.</summary>
    internal static void Use(delegate*<void> look)
    {
        s_look = look;
    }

    /// <summary>A command starts.</summary>
    internal static void Begin()
    {
        s_running = true;
        s_wanted = false;
    }

    /// <summary>
    /// Whether the running command shall stop; stays true until it has. Costs two port reads, a few microseconds on a real PC.
    /// </summary>
    internal static bool Wanted()
    {
        if (s_running && !s_wanted)
        {
            s_look();
        }

        return s_wanted;
    }

    /// <summary>A Ctrl-C came.</summary>
    internal static void Stop()
    {
        s_wanted = true;
    }

    /// <summary>The command has returned.</summary>
    /// <returns>True if it was told to stop.</returns>
    internal static bool End()
    {
        bool wanted = s_wanted;
        s_running = false;
        s_wanted = false;
        return wanted;
    }
}
