namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// The VGA text screen, 80 columns by 25 rows at 0xB8000, with scrolling and the hardware cursor. What scrolls off it is kept for a while
/// (<see cref="ScreenHistory"/>).
/// </summary>
internal static unsafe class TextScreen
{
    /// <summary>Characters per row.</summary>
    internal const int Columns = 80;

    /// <summary>Rows of the screen.</summary>
    internal const int Rows = 25;

    private const uint FrameBuffer = 0xb8000;
    private const ushort CrtIndex = 0x3d4;
    private const ushort CrtData = 0x3d5;

    /// <summary>Light gray on black.</summary>
    internal const byte Normal = 0x07;

    /// <summary>White on black, for what should catch the eye.</summary>
    internal const byte Bright = 0x0f;

    /// <summary>White on red, for a panic.</summary>
    internal const byte Alarm = 0x4f;

    private static int s_column;
    private static int s_row;
    private static byte s_attribute;
    private static int s_newRows;

    /// <summary>Rows begun since this was last set.</summary>
    internal static int NewRows
    {
        get => s_newRows;
        set => s_newRows = value;
    }

    /// <summary>The cells: two bytes each, character and attribute, row by row.</summary>
    internal static ushort* Cells => (ushort*)FrameBuffer;

    /// <summary>Clears the screen and moves the cursor to the upper left.</summary>
    internal static void Init()
    {
        ScreenHistory.Leave();
        s_attribute = Normal;
        for (int i = 0; i < Columns * Rows; i++)
        {
            Cells[i] = Blank();
        }

        s_column = 0;
        s_row = 0;
        ShowCursor();
    }

    /// <summary>Sets the colors of what is written next: foreground in the low four bits, background above.</summary>
    internal static void SetAttribute(byte attribute)
    {
        s_attribute = attribute;
    }

    /// <summary>
    /// Writes one character; <c>\n</c>, <c>\r</c> and backspace move the cursor, a full screen scrolls. A full row wraps when the next
    /// character comes, as on a terminal, so a line of just 80 characters takes one row. A backspace goes back over a wrap.
    /// </summary>
    internal static void Write(byte value)
    {
        ScreenHistory.Leave();
        if (value == '\n')
        {
            NewRow();
        }
        else if (value == '\r')
        {
            s_column = 0;
        }
        else if (value == '\b')
        {
            if (s_column > 0)
            {
                s_column--;
            }
            else if (s_row > 0)
            {
                s_row--;
                s_column = Columns - 1;
            }
        }
        else
        {
            if (s_column == Columns)
            {
                NewRow();
            }

            Cells[(s_row * Columns) + s_column] = (ushort)((s_attribute << 8) | value);
            s_column++;
        }
    }

    /// <summary>Sets one cell; the cursor does not move.</summary>
    internal static void Place(int row, int column, byte character, byte attribute)
    {
        ScreenHistory.Leave();
        Cells[(row * Columns) + column] = (ushort)((attribute << 8) | character);
    }

    /// <summary>Moves the hardware cursor to where the next character goes; once per line is enough.</summary>
    internal static void ShowCursor()
    {
        int position = (s_row * Columns) + (s_column < Columns ? s_column : Columns - 1);
        Cpu.Out8(CrtIndex, 0x0e);
        Cpu.Out8(CrtData, (byte)(position >> 8));
        Cpu.Out8(CrtIndex, 0x0f);
        Cpu.Out8(CrtData, (byte)position);
    }

    private static void NewRow()
    {
        s_column = 0;
        s_newRows++;
        if (++s_row == Rows)
        {
            Scroll();
        }
    }

    private static void Scroll()
    {
        ScreenHistory.Add(Cells);

        // Two cells at a time: the frame buffer is slow to reach on real machines.
        uint* pairs = (uint*)FrameBuffer;
        const int kept = Columns * (Rows - 1) / 2;
        for (int i = 0; i < kept; i++)
        {
            pairs[i] = pairs[i + (Columns / 2)];
        }

        uint blank = (uint)((Blank() << 16) | Blank());
        for (int i = kept; i < Columns * Rows / 2; i++)
        {
            pairs[i] = blank;
        }

        s_row = Rows - 1;
    }

    private static ushort Blank() => (Normal << 8) | ' ';
}
