using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Facts;

/// <summary>
/// What firmware and boot loader reported about the machine, copied out of their memory before any of that is reused. In a kernel the
/// loader protocols fill it in (CosmosKernel/Loader), on the host a map file and options; the stages only read it.
/// </summary>
public unsafe struct MachineFacts
{
    /// <summary>Most entries kept of a firmware map (Linux keeps 128 as well).</summary>
    public const int MapCapacity = 128;

    /// <summary>Most ranges that belong to the loader.</summary>
    public const int RangeCapacity = 64;

    /// <summary>Bytes kept of the kernel command line, with the final 0 (2.6.34 keeps 2,048).</summary>
    public const int CommandLineCapacity = 4096;

    /// <summary>Bytes kept of what was left out of a longer one, with the final 0: enough to name it.</summary>
    public const int LeftOutCapacity = 64;

    /// <summary>Bytes kept of the loader's name, with the final 0.</summary>
    public const int LoaderNameCapacity = 64;

    /// <summary>Name of the ranges that hold boot information: released once the kernel has read it.</summary>
    public const string LoaderInformation = "BOOT INFO";

    /// <summary>Name under which the pages of a boot module are claimed, as Linux names an initrd.</summary>
    public const string Module = "RAMDISK";

    /// <summary>Code of the running image: first byte.</summary>
    public ulong TextStart;

    /// <summary>First byte after the code.</summary>
    public ulong TextEnd;

    /// <summary>First byte after the image in memory (zeroed data comes last).</summary>
    public ulong ImageEnd;

    /// <summary>KiB of RAM above 1 MiB, from BIOS call e801 (or the loader's "upper memory"); 0 when unknown.</summary>
    public ulong UpperKilobytes;

    /// <summary>KiB of RAM above 1 MiB, from the oldest BIOS call, 88; 0 when unknown.</summary>
    public ulong ExtendedKilobytes;

    /// <summary>Entries of the firmware's map.</summary>
    public int MapCount;

    /// <summary>Entries that the firmware's map had beyond <see cref="MapCapacity"/>.</summary>
    public int MapDropped;

    /// <summary>Bytes of RAM in those entries.</summary>
    public ulong MapDroppedRam;

    /// <summary>Ranges that belong to the loader.</summary>
    public int RangeCount;

    /// <summary>Ranges beyond <see cref="RangeCapacity"/>; a kernel then refuses to boot, because it would overwrite them.</summary>
    public int RangeDropped;

    /// <summary>Bytes of the kernel command line that were left out, 0 for none: it is cut between words only.</summary>
    public int CommandLineLeftOut;

    // A line without an end must not send us through all of memory.
    private const int LongestCommandLine = 1024 * 1024;

    private const uint UsableRam = 1;

    private fixed ulong _mapStart[MapCapacity];
    private fixed ulong _mapSize[MapCapacity];
    private fixed uint _mapType[MapCapacity];
    private fixed ulong _ranges[RangeCapacity * NamedRange.Words];
    private fixed byte _commandLine[CommandLineCapacity];
    private fixed byte _leftOut[LeftOutCapacity];
    private fixed byte _loaderName[LoaderNameCapacity];

    /// <summary>Appends an entry of the firmware's map, bytes; type as in e820 (1 = usable RAM).</summary>
    public void AddMapEntry(ulong start, ulong size, uint type)
    {
        if (MapCount == MapCapacity)
        {
            MapDropped++;
            MapDroppedRam += type == UsableRam ? size : 0;
            return;
        }

        _mapStart[MapCount] = start;
        _mapSize[MapCount] = size;
        _mapType[MapCount] = type;
        MapCount++;
    }

    /// <summary>Start of a map entry, bytes.</summary>
    public ulong MapStart(int index) => _mapStart[index];

    /// <summary>Size of a map entry, bytes.</summary>
    public ulong MapSize(int index) => _mapSize[index];

    /// <summary>Type of a map entry.</summary>
    public uint MapType(int index) => _mapType[index];

    /// <summary>
    /// Appends [<paramref name="start"/>, <paramref name="end"/>), which the loader filled and whose content must survive; empty ranges are
    /// ignored. Without room for another one, those of one name whose pages touch become one: a loader puts its modules side by side.
    /// </summary>
    public void AddRange(ulong start, ulong end, string name)
    {
        if (start >= end)
        {
            return;
        }

        if (RangeCount == RangeCapacity)
        {
            JoinRanges();
        }

        if (RangeCount == RangeCapacity)
        {
            RangeDropped++;
            return;
        }

        Range(RangeCount)->Set(start, end, name);
        RangeCount++;
    }

    /// <summary>A loader range; the struct must not move while the pointer is used.</summary>
    public NamedRange* Range(int index)
    {
        fixed (ulong* words = _ranges)
        {
            return (NamedRange*)words + index;
        }
    }

    /// <summary>True when a loader range is boot information, which is released once read; false for a module.</summary>
    public bool IsLoaderInformation(int index) => NamedRange.IsNamed(Range(index), LoaderInformation);

    /// <summary>Copies the kernel command line: as many whole words as there is room for. A stump of a word would be an option that
    /// nobody gave.</summary>
    public void SetCommandLine(byte* text)
    {
        CommandLineLeftOut = 0;
        fixed (byte* to = _commandLine, leftOut = _leftOut)
        {
            Copy(to, text, CommandLineCapacity);
            Copy(leftOut, null, LeftOutCapacity);
            int kept = LengthOf(text, CommandLineCapacity - 1);
            if (text == null || text[kept] == 0)
            {
                return;
            }

            kept = CommandWords.EndOfWholeWords(text, kept);
            to[kept] = 0;
            while (CommandWords.IsBlank(text[kept]))
            {
                kept++;
            }

            CommandLineLeftOut = LengthOf(text + kept, LongestCommandLine);
            Copy(leftOut, text + kept, LeftOutCapacity);
        }
    }

    /// <summary>Copies the loader's name; a longer one is truncated.</summary>
    public void SetLoaderName(byte* text)
    {
        fixed (byte* to = _loaderName)
        {
            Copy(to, text, LoaderNameCapacity);
        }
    }

    /// <summary>The kernel command line, NUL-terminated, empty when there was none.</summary>
    public byte* CommandLine()
    {
        fixed (byte* text = _commandLine)
        {
            return text;
        }
    }

    /// <summary>The start of what was left out of the command line, NUL-terminated; empty when nothing was.</summary>
    public byte* LeftOut()
    {
        fixed (byte* text = _leftOut)
        {
            return text;
        }
    }

    /// <summary>The loader's name, NUL-terminated, empty when it gave none.</summary>
    public byte* LoaderName()
    {
        fixed (byte* text = _loaderName)
        {
            return text;
        }
    }

    // O(n^2); once for each time that the list fills up.
    private void JoinRanges()
    {
        int kept = 0;
        for (int i = 0; i < RangeCount; i++)
        {
            *Range(kept) = *Range(i);
            kept++;
            for (int k = 0; k < kept - 1; k++)
            {
                if (Range(k)->Touches(Range(kept - 1)))
                {
                    Range(k)->Join(Range(kept - 1));
                    kept--;
                    break;
                }
            }
        }

        RangeCount = kept;
    }

    private static int LengthOf(byte* text, int most)
    {
        int length = 0;
        while (text != null && length < most && text[length] != 0)
        {
            length++;
        }

        return length;
    }

    private static void Copy(byte* to, byte* from, int capacity)
    {
        int length = 0;
        while (from != null && length < capacity - 1 && from[length] != 0)
        {
            to[length] = from[length];
            length++;
        }

        to[length] = 0;
    }
}
