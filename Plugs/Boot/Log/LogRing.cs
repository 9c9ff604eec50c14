using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Boot.Log;

/// <summary>The last 32 KiB of the kernel log. It is part of the image, so it works before any heap. The shell's dmesg prints it.</summary>
internal static unsafe class LogRing
{
    private const int Capacity = 32 * 1024;

    private static Storage s_storage;
    private static uint s_written;

    /// <summary>Adds one byte; drops the oldest when the ring is full.</summary>
    internal static void Add(byte value)
    {
        s_storage.Bytes[s_written++ & (Capacity - 1)] = value;
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

    /// <summary>Characters of the ring, from the first complete line on; lines end with a line feed.</summary>
    internal static string Text()
    {
        uint first = First();
        char[] text = new char[s_written - first];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)s_storage.Bytes[(first + (uint)i) & (Capacity - 1)];
        }

        return new string(text);
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
