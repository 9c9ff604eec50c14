namespace CosmosBootAlloc.Boot.Devices;

/// <summary>The rows that scrolled off the screen last, and a look back at them. It is part of the image, so it needs no heap.</summary>
internal static unsafe class ScreenHistory
{
    // Four screens: 16 KB.
    private const int MostRows = 100;
    private const int Cells = TextScreen.Columns;
    private const int ScreenCells = TextScreen.Columns * TextScreen.Rows;

    private static Storage s_storage;
    private static int s_kept;
    private static int s_next;
    private static int s_back;

    /// <summary>Keeps a row, and drops the oldest when there is no room.</summary>
    internal static void Add(ushort* row)
    {
        for (int i = 0; i < Cells; i++)
        {
            s_storage.Row[(s_next * Cells) + i] = row[i];
        }

        s_next = s_next + 1 == MostRows ? 0 : s_next + 1;
        s_kept = s_kept < MostRows ? s_kept + 1 : MostRows;
    }

    /// <summary>Moves the look back: shows the screen as it was so many rows before. Whatever is written next ends it.</summary>
    /// <param name="rows">Rows further back; negative for forth.</param>
    internal static void Look(int rows)
    {
        int back = s_back + rows;
        back = back < 0 ? 0 : back > s_kept ? s_kept : back;
        if (back == s_back)
        {
            return;
        }

        ushort* screen = TextScreen.Cells;
        if (s_back == 0)
        {
            for (int i = 0; i < ScreenCells; i++)
            {
                s_storage.Screen[i] = screen[i];
            }
        }

        s_back = back;
        int oldest = s_next - s_kept;
        for (int row = 0; row < TextScreen.Rows; row++)
        {
            // Counted over what is kept, then over what was on the screen.
            int at = s_kept - back + row;
            int slot = oldest + at < 0 ? oldest + at + MostRows : oldest + at;
            for (int i = 0; i < Cells; i++)
            {
                screen[(row * Cells) + i] = at < s_kept ? s_storage.Row[(slot * Cells) + i] : s_storage.Screen[((at - s_kept) * Cells) + i];
            }
        }
    }

    /// <summary>Shows the screen as it is.</summary>
    internal static void Leave()
    {
        if (s_back != 0)
        {
            s_back = 0;
            for (int i = 0; i < ScreenCells; i++)
            {
                TextScreen.Cells[i] = s_storage.Screen[i];
            }
        }
    }

    private struct Storage
    {
        internal fixed ushort Row[MostRows * Cells];
        internal fixed ushort Screen[ScreenCells];
    }
}
