using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Boot.Log;

/// <summary>The last 32 KiB of the kernel log. It is part of the image, so it works before any heap. The shell's dmesg prints it.</summary>
internal static unsafe class LogRing
{
    /// <summary>Bytes that it holds; a power of two.</summary>
    internal const int Capacity = 32 * 1024;

    private static Storage s_storage;
    private static uint s_written;

    /// <summary>Adds one byte; drops the oldest when the ring is full.</summary>
    internal static void Add(byte value)
    {
        s_storage.Bytes[s_written++ & (Capacity - 1)] = value;
    }

    /// <summary>Where the first complete line begins, for <see cref="NextLine"/>.</summary>
    internal static uint Start => First();

    /// <summary>Copies a line.</summary>
    /// <param name="position">Where it begins; receives where the next one does.</param>
    /// <param name="line">Receives it, without its line feed, and without what exceeds the room.</param>
    /// <param name="capacity">Bytes of room.</param>
    /// <returns>Its length in the room, or -1 behind the last line.</returns>
    internal static int NextLine(ref uint position, byte* line, int capacity)
    {
        if (position == s_written)
        {
            return -1;
        }

        int length = 0;
        while (position < s_written)
        {
            byte value = s_storage.Bytes[position++ & (Capacity - 1)];
            if (value == '\n')
            {
                break;
            }

            if (length < capacity)
            {
                line[length++] = value;
            }
        }

        return length;
    }

    /// <summary>Writes the ring to the terminal, from the first complete line on. Ctrl-C ends it at the end of a line.</summary>
    internal static void Print()
    {
        for (uint from = First(); from < s_written; from++)
        {
            byte value = s_storage.Bytes[from & (Capacity - 1)];
            Terminal.Write(value);
            if (value == '\n' && Interruption.Wanted())
            {
                break;
            }
        }

        Terminal.ShowCursor();
    }

    /// <summary>Writes the ring to the screen only, after something else has cleared it.</summary>
    internal static void Show()
    {
        for (uint from = First(); from < s_written; from++)
        {
            TextScreen.Write(s_storage.Bytes[from & (Capacity - 1)]);
        }

        TextScreen.ShowCursor();
    }

    /// <summary>Copies the ring, from the first complete line on.</summary>
    /// <param name="text">Room for <see cref="Capacity"/> bytes.</param>
    /// <returns>Bytes copied; each line ends with a line feed.</returns>
    internal static int Copy(byte* text)
    {
        int length = 0;
        for (uint from = First(); from < s_written; from++)
        {
            text[length++] = s_storage.Bytes[from & (Capacity - 1)];
        }

        return length;
    }

    private static uint First()
    {
        uint from = 0;
        if (s_written > Capacity)
        {
            from = s_written - Capacity;
            while (from < s_written && s_storage.Bytes[from++ & (Capacity - 1)] != '\n')
            {
                // Skip the rest of a line whose start was dropped.
            }
        }

        return from;
    }

    private struct Storage
    {
        internal fixed byte Bytes[Capacity];
    }
}
