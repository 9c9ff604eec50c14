using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.LogOutput;

namespace CosmosBootAlloc.Boot.Log;

/// <summary>
/// The terminal: the screen and COM1 at once, as far as <see cref="LogDevices"/> gives them to us. It reads no input and keeps no text.
/// </summary>
internal static unsafe class Terminal
{
    private static bool s_screenQuiet = !LogDevices.Screen;
    private static bool s_open;

    /// <summary>Sets up the screen and COM1, at the first line.</summary>
    internal static void Open()
    {
        if (!s_open)
        {
            s_open = true;
            if (LogDevices.Serial)
            {
                SerialPort.Init();
            }

            if (LogDevices.Screen)
            {
                TextScreen.Init();
            }
        }
    }

    /// <summary>Keeps the boot log off the screen (<c>quiet</c> on the kernel command line); it still goes to COM1 and the ring.</summary>
    internal static void QuietScreen(bool quiet)
    {
        s_screenQuiet = quiet || !LogDevices.Screen;
    }

    /// <summary>Takes the screen, whoever has it: what comes now must be seen.</summary>
    internal static void TakeScreen()
    {
        if (!LogDevices.Screen)
        {
            TextScreen.Init();
        }

        s_screenQuiet = false;
    }

    /// <summary>Moves the screen's cursor behind what was written.</summary>
    internal static void ShowCursor()
    {
        if (!s_screenQuiet)
        {
            TextScreen.ShowCursor();
        }
    }

    /// <summary>Writes one byte to both.</summary>
    internal static void Write(byte value)
    {
        SerialPort.Write(value);
        if (!s_screenQuiet)
        {
            TextScreen.Write(value);
        }
    }

    /// <summary>Writes text to both and shows the cursor after it.</summary>
    internal static void Text(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            Write((byte)text[i]);
        }

        ShowCursor();
    }

    /// <summary>Writes bytes to both.</summary>
    internal static void Bytes(byte* text, int length)
    {
        for (int i = 0; i < length; i++)
        {
            Write(text[i]);
        }
    }

    /// <summary>The sink of the shell's formatter: writes a line without a time stamp and does not add it to the ring.</summary>
    internal static void Line(void* context, byte* line, int length)
    {
        Bytes(line, length);
        Write((byte)'\n');
        ShowCursor();
    }
}
