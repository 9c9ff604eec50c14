using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Kernel.BootSummary;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>
/// The boot as a sequence of states of memory, read from the log's own lines: which ranges are RAM, who holds what from which stage on, and
/// in which stage it is given back.
/// </summary>
internal static unsafe class BootStory
{
    /// <summary>The most stages.</summary>
    internal const int MostStages = 8;

    private const int MostRanges = 96;
    private const int NameBytes = 24;
    private const int LineCapacity = 256;
    private const int StampLength = 15;
    private const byte Never = 0xff;

    private static Tables s_tables;
    private static int s_ranges;
    private static int s_stages;

    /// <summary>What a byte of memory is at the end of a stage.</summary>
    internal enum Kind : byte
    {
        /// <summary>No RAM.</summary>
        None,

        /// <summary>RAM that nobody holds.</summary>
        Free,

        /// <summary>Held since an earlier stage.</summary>
        Held,

        /// <summary>Held from this stage on.</summary>
        Taken,

        /// <summary>Given back in this stage.</summary>
        GivenBack,
    }

    /// <summary>Stages that the log has.</summary>
    internal static int Stages => s_stages;

    /// <summary>Ranges that the log has.</summary>
    internal static int Ranges => s_ranges;

    /// <summary>The end of the highest range of RAM.</summary>
    internal static ulong EndOfRam { get; private set; }

    /// <summary>Reads the log.</summary>
    /// <returns>False if it no longer has the boot.</returns>
    internal static bool Read()
    {
        s_ranges = 0;
        s_stages = 0;
        EndOfRam = 0;
        uint position = LogRing.Start;
        fixed (byte* line = s_tables.Line)
        {
            for (int length; (length = LogRing.NextLine(ref position, line, LineCapacity)) >= 0 && s_stages < MostStages;)
            {
                LogWords words = new(line + StampLength, length - StampLength);
                if (!words.Is("bootalloc:") || !words.Next())
                {
                    continue;
                }

                if (words.Is("ram") || words.Is("hold"))
                {
                    Add(ref words, words.Is("ram"));
                }
                else if (words.Is("release"))
                {
                    Release(ref words);
                }
                else if (words.Is("stage"))
                {
                    s_tables.Ticks[s_stages] = Decimal(ref words, "ticks");
                    CopyName(ref words, StageName(s_stages));
                    s_stages++;
                }
            }
        }

        return s_stages != 0 && EndOfRam != 0;
    }

    /// <summary>A stage's name, NUL-terminated.</summary>
    internal static byte* StageName(int stage)
    {
        fixed (byte* names = s_tables.StageNames)
        {
            return names + (stage * NameBytes);
        }
    }

    /// <summary>Ticks that a stage took.</summary>
    internal static ulong Ticks(int stage) => s_tables.Ticks[stage];

    /// <summary>A range's name, NUL-terminated; empty for RAM.</summary>
    internal static byte* RangeName(int range)
    {
        fixed (byte* names = s_tables.Names)
        {
            return names + (range * NameBytes);
        }
    }

    /// <summary>First byte of a range.</summary>
    internal static ulong Start(int range) => s_tables.Start[range];

    /// <summary>End of a range, exclusive.</summary>
    internal static ulong End(int range) => s_tables.End[range];

    /// <summary>What a range is at the end of a stage.</summary>
    internal static Kind At(int range, int stage)
    {
        int from = s_tables.From[range];
        int until = s_tables.Until[range];
        return *RangeName(range) == 0 ? Kind.Free
            : from > stage || until < stage ? Kind.None
            : until == stage ? Kind.GivenBack
            : from == stage ? Kind.Taken
            : Kind.Held;
    }

    private static void Add(ref LogWords words, bool isRam)
    {
        if (s_ranges == MostRanges)
        {
            return;
        }

        s_tables.Start[s_ranges] = Hexadecimal(ref words, "start");
        s_tables.End[s_ranges] = Hexadecimal(ref words, "end");
        s_tables.From[s_ranges] = (byte)s_stages;
        s_tables.Until[s_ranges] = Never;
        CopyName(ref words, RangeName(s_ranges));
        if (isRam)
        {
            *RangeName(s_ranges) = 0;
            EndOfRam = s_tables.End[s_ranges];
        }

        s_ranges++;
    }

    private static void Release(ref LogWords words)
    {
        ulong address = Hexadecimal(ref words, "start");
        for (int i = 0; i < s_ranges; i++)
        {
            if (s_tables.Start[i] == address && s_tables.Until[i] == Never && HasName(ref words, RangeName(i)))
            {
                s_tables.Until[i] = (byte)s_stages;
            }
        }
    }

    private static bool HasName(ref LogWords words, byte* name)
    {
        byte* value = words.Find("name", out int length);
        length = length < NameBytes - 1 ? length : NameBytes - 1;
        for (int i = 0; i < length; i++)
        {
            if (value[i] != name[i])
            {
                return false;
            }
        }

        return name[length] == 0;
    }

    private static void CopyName(ref LogWords words, byte* name)
    {
        byte* value = words.Find("name", out int length);
        length = length < NameBytes - 1 ? length : NameBytes - 1;
        for (int i = 0; i < length; i++)
        {
            name[i] = value[i];
        }

        name[length] = 0;
    }

    private static ulong Hexadecimal(ref LogWords words, string key)
    {
        byte* digits = words.Find(key, out int length);
        ulong value = 0;
        for (int i = 0; i < length; i++)
        {
            uint c = digits[i];
            value = (value << 4) | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        return value;
    }

    private static ulong Decimal(ref LogWords words, string key)
    {
        byte* digits = words.Find(key, out int length);
        ulong value = 0;
        for (int i = 0; i < length; i++)
        {
            value = (value * 10) + digits[i] - '0';
        }

        return value;
    }

    private struct Tables
    {
        internal fixed ulong Start[MostRanges];
        internal fixed ulong End[MostRanges];
        internal fixed ulong Ticks[MostStages];
        internal fixed byte From[MostRanges];
        internal fixed byte Until[MostRanges];
        internal fixed byte Names[MostRanges * NameBytes];
        internal fixed byte StageNames[MostStages * NameBytes];
        internal fixed byte Line[LineCapacity];
    }
}
