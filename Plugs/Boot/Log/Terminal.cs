using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.LogOutput;

namespace CosmosBootAlloc.Boot.Log;

/// <summary>
/// The terminal: the screen and COM1 at once, as far as <see cref="LogDevices"/> gives them to us. It reads no input and keeps no text.
/// </summary>
internal static unsafe class Terminal
{
    private static bool s_screenQuiet = !LogDevices.LogOnScreen;
    private static bool s_open;
    private static bool s_dropping;
    private static delegate*<void> s_more;

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

    /// <summary>What is written goes to the screen too.</summary>
    internal static bool UsesScreen => !s_screenQuiet;

    /// <summary>Keeps what is written off the screen; it still goes to COM1, and the log to the ring.</summary>
    internal static void QuietScreen(bool quiet)
    {
        s_screenQuiet = quiet || !LogDevices.Screen;
    }

    /// <summary>Takes the screen, whoever has it: what comes now must be seen, below the log that led to it, and without a stop.</summary>
    internal static void TakeScreen()
    {
        s_more = null;
        s_dropping = false;
        if (s_screenQuiet)
        {
            TextScreen.Init();
            LogRing.Show();
        }

        s_screenQuiet = false;
    }

    /// <summary>Clears the screen, if it is ours.</summary>
    internal static void ClearScreen()
    {
        if (!s_screenQuiet)
        {
            TextScreen.Init();
        }
    }

    /// <summary>Moves the screen's cursor behind what was written.</summary>
    internal static void ShowCursor()
    {
        if (!s_screenQuiet)
        {
            TextScreen.ShowCursor();
        }
    }

    /// <summary>
    /// Has the output of a command stop whenever the screen is full of what nobody has read, until the next call. Only for a command that
    /// was typed at the keyboard: whoever sits at COM1 has a terminal for that.
    /// </summary>
    /// <param name="more">Called at the bottom of a full screen; may call <see cref="DropRest"/>. Null ends it.</param>
    internal static void Page(delegate*<void> more)
    {
        s_more = s_screenQuiet ? null : more;
        s_dropping = false;
        TextScreen.NewRows = 0;
    }

    /// <summary>Drops what a command still writes, until the next call of <see cref="Page"/>.</summary>
    internal static void DropRest()
    {
        s_dropping = true;
    }

    /// <summary>Writes one byte to both.</summary>
    internal static void Write(byte value)
    {
        if (s_more != null && TextScreen.NewRows >= TextScreen.Rows - 1 && !s_dropping)
        {
            s_more();
        }

        if (s_dropping)
        {
            return;
        }

        SerialPort.Write(value);
        if (!s_screenQuiet)
        {
            TextScreen.Write(value);
        }
    }

    /// <summary>Writes one byte to the screen alone.</summary>
    internal static void WriteScreen(byte value)
    {
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
