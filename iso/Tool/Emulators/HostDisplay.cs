using System;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>The host's display, where windows appear: the one that the environment names.</summary>
public static class HostDisplay
{
    /// <summary>There is an X display.</summary>
    public static bool IsX => Names("DISPLAY");

    /// <summary>There is a display, X's or Wayland's.</summary>
    public static bool Exists => IsX || Names("WAYLAND_DISPLAY");

    /// <summary>Refuses a window that would appear nowhere.</summary>
    /// <param name="emulator">Its name, for the message.</param>
    /// <param name="can">What it can do.</param>
    /// <exception cref="BadInputException">There is no display.</exception>
    public static void Check(string emulator, EmulatorAbilities can)
    {
        if (can.WaylandWindow ? Exists : IsX)
        {
            return;
        }

        string needed = can.WaylandWindow ? "a display (DISPLAY or WAYLAND_DISPLAY)" : "an X display (DISPLAY)";
        string vnc = can.Vnc ? "--vnc shows the screen to a VNC viewer on this machine, " : "";
        throw new BadInputException(
            $"--window: {emulator} needs {needed}, found none; {vnc}--shell is the kernel's shell on this terminal");
    }

    private static bool Names(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
