using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.BootSummary;

/// <summary>
/// The boot on one screen: the log's figures, stage by stage, with check codes, so that they can be brought home on paper or as a
/// photograph. Made from the lines for programs that the ring holds: a key that a stage logs appears here by itself.
/// </summary>
internal static unsafe class SummaryScreen
{
    private const int LineCapacity = 512;
    private const int ItemCapacity = 64;

    // "[    0.000006] " before each line.
    private const int StampLength = 15;

    // Static: IL2CPU takes stack arrays from the object heap.
    private static Buffers s_buffers;
    private static SummaryRow s_row;

    /// <summary>Writes the summary.</summary>
    /// <param name="serial">To COM1 too, not to the screen alone.</param>
    /// <returns>False if the ring no longer holds the beginning of the boot, so there is none.</returns>
    internal static bool Print(bool serial)
    {
        bool begun = false;
        bool keeping = false;
        uint position = LogRing.Start;
        s_row.Begin(serial);
        fixed (byte* line = s_buffers.Line)
        {
            for (int length; (length = LogRing.NextLine(ref position, line, LineCapacity)) >= 0;)
            {
                LogWords words = new(line + StampLength, length - StampLength);
                if (words.Is("CPU:") && begun)
                {
                    Cpu(words.Rest, words.RestLength);
                    continue;
                }

                if (!words.Is("bootalloc:") || !words.Next())
                {
                    continue;
                }

                if (keeping && !words.Is("account"))
                {
                    s_row.End();
                    keeping = false;
                }

                if (words.Is("boot"))
                {
                    begun = true;
                    Title(ref words);
                }
                else if (!begun)
                {
                    continue;
                }
                else if (words.Is("stage") && words.Next())
                {
                    s_row.Label(words.Value, words.ValueLength);
                    Items(ref words, zeros: false);
                }
                else if (words.Is("account"))
                {
                    if (!keeping)
                    {
                        keeping = true;
                        s_row.Label("kept");
                    }

                    Kept(ref words);
                }
                else if (words.Is("accounted"))
                {
                    s_row.Label("accounted");
                    Items(ref words, zeros: true);
                }
                else if (words.Is("selftest"))
                {
                    s_row.Label("selftest");
                    Items(ref words, zeros: true);
                }
                else if (words.Is("done"))
                {
                    s_row.Label("done");
                    Items(ref words, zeros: true);
                    s_row.EndAll("   copy these rows into a file for ./bootalloc compare");
                    Terminal.ShowCursor();
                    return true;
                }
            }
        }

        return false;
    }

    // "CosmosBootAlloc 0.1.0: bootmem, nativeaot", and the kernel's options in a row of their own.
    private static void Title(ref LogWords words)
    {
        const string name = "CosmosBootAlloc ";
        s_row.Label("system");
        fixed (byte* item = s_buffers.Item)
        {
            int length = 0;
            for (; length < name.Length; length++)
            {
                item[length] = (byte)name[length];
            }

            byte* version = words.Find("version", out int bytes);
            s_row.Item(item, Append(item, length, version, bytes));
        }

        byte* value = words.Find("variant", out int found);
        s_row.Item(value, found);
        value = words.Find("toolchain", out found);
        s_row.Item(value, found);
        s_row.End();
        value = words.Find("cmdline", out found);
        if (found != 0)
        {
            s_row.Label("options");
            s_row.Item(value, found < ItemCapacity ? found : ItemCapacity);
            s_row.End();
        }
    }

    // An item up to each comma.
    private static void Cpu(byte* text, int length)
    {
        s_row.Label("cpu");
        int start = 0;
        for (int i = 0; i <= length; i++)
        {
            if (i == length || text[i] == ',')
            {
                s_row.Item(text + start, i - start < ItemCapacity ? i - start : ItemCapacity);
                start = i + 2;
            }
        }

        s_row.End();
    }

    // Every key with its value: "usable pages 32,639". What a stage reports as 0 is left out: the screen has 25 rows.
    private static void Items(ref LogWords words, bool zeros)
    {
        fixed (byte* item = s_buffers.Item)
        {
            while (words.Next())
            {
                bool isZero = words.ValueLength == 1 && words.Value[0] == '0';
                if (isZero && !zeros)
                {
                    continue;
                }

                int length = 0;
                for (int i = 0; i < words.KeyLength && length < ItemCapacity; i++)
                {
                    item[length++] = words.Key[i] == '_' ? (byte)' ' : words.Key[i];
                }

                length = Append(item, length, (byte)' ');
                s_row.Item(item, Number(item, length, words.Value, words.ValueLength));
                if (words.KeyIs("failed") && !isZero)
                {
                    s_row.Alarm();
                }
            }
        }

        s_row.End();
    }

    // An owner and its pages: "mem_map=64".
    private static void Kept(ref LogWords words)
    {
        fixed (byte* item = s_buffers.Item)
        {
            byte* name = words.Find("name", out int bytes);
            int length = Append(item, Append(item, 0, name, bytes), (byte)'=');
            byte* pages = words.Find("pages", out int digits);
            s_row.Item(item, Number(item, length, pages, digits));
        }
    }

    // With a comma before each three digits from the right; what is no number is left as it is.
    private static int Number(byte* item, int length, byte* value, int digits)
    {
        bool isNumber = true;
        for (int i = 0; i < digits; i++)
        {
            isNumber &= value[i] >= '0' && value[i] <= '9';
        }

        for (int i = 0; i < digits; i++)
        {
            if (isNumber && i != 0 && (digits - i) % 3 == 0)
            {
                length = Append(item, length, (byte)',');
            }

            length = Append(item, length, value[i]);
        }

        return length;
    }

    private static int Append(byte* item, int length, byte* text, int count)
    {
        for (int i = 0; i < count; i++)
        {
            length = Append(item, length, text[i]);
        }

        return length;
    }

    private static int Append(byte* item, int length, byte value)
    {
        if (length < ItemCapacity)
        {
            item[length++] = value;
        }

        return length;
    }

    private struct Buffers
    {
        internal fixed byte Line[LineCapacity];
        internal fixed byte Item[ItemCapacity];
    }
}
