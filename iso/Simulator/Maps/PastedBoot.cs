using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>One boot in a pasted text: its rows by who printed them, its command line, and what tells it from the next boot.</summary>
internal sealed class PastedBoot
{
    private static readonly string[] s_reported = ["TEXT DATA BSS", "RAMDISK", "BIOS reserved"];

    private readonly SortedDictionary<RowSource, List<FirmwareEntry>> _rows = [];
    private int _iomemIndent = -1;
    private bool _kernel;
    private double _time = -1;

    /// <summary>There is a map in it.</summary>
    internal bool HasRows => _rows.Count != 0;

    /// <summary>Who printed rows, the preferred one first.</summary>
    internal IEnumerable<RowSource> Sources => _rows.Keys;

    /// <summary>The preferred one.</summary>
    internal RowSource Source => _rows.Keys.First();

    /// <summary>The command line: the longest of those that the boot prints.</summary>
    internal string CommandLine { get; private set; } = "";

    /// <summary>Ranges that a log of this kernel reports as taken.</summary>
    internal List<LoggedRange> Taken { get; } = [];

    /// <summary>Items that SeaBIOS said its map has; 0 for none.</summary>
    internal int Announced { get; private set; }

    /// <summary>Line number of that.</summary>
    internal int AnnouncedAt { get; private set; }

    /// <summary>Rows of one source.</summary>
    internal List<FirmwareEntry> Rows(RowSource source) => _rows[source];

    /// <summary>
    /// Keeps the last of several maps that stand one behind the other without a line between them: their first two rows repeat.
    /// </summary>
    /// <returns>How many there were before it.</returns>
    internal int DropRepeats(RowSource source)
    {
        List<FirmwareEntry> rows = _rows[source];
        int dropped = 0;
        for (int i = rows.Count - 2; i >= 2; i--)
        {
            if (rows[i] == rows[0] && rows[i + 1] == rows[1])
            {
                if (dropped++ == 0)
                {
                    _rows[source] = rows[i..];
                }
            }
        }

        return dropped;
    }

    /// <summary>True when a line can only belong to a later boot.</summary>
    internal bool IsEndedBy(string line)
    {
        bool started = _kernel || HasRows || CommandLine.Length != 0;
        bool mapped = _rows.ContainsKey(RowSource.Kernel);
        return ((_kernel || mapped) && s_kernelStart.IsMatch(line))
            || (started && s_firmwareStart.IsMatch(line))
            || (mapped && s_mapStart.IsMatch(line))
            || (mapped && Time(line) is { } time && time < _time - 1);
    }

    /// <summary>Looks at a line of this boot.</summary>
    internal void Note(string line)
    {
        _kernel |= s_kernelStart.IsMatch(line);
        _time = Math.Max(_time, Time(line) ?? -1);
    }

    /// <summary>Keeps a command line; a boot prints it twice, and one of the two may be cut.</summary>
    internal void TakeCommandLine(string text)
    {
        _kernel = true;
        if (text.Length > CommandLine.Length)
        {
            CommandLine = text;
        }
    }

    /// <summary>SeaBIOS announces its rows.</summary>
    internal void Announce(int items, int number)
    {
        // Printed twice while it boots: the later map counts.
        _rows.Remove(RowSource.SeaBios);
        Announced = items;
        AnnouncedAt = number;
    }

    /// <summary>Adds a row.</summary>
    internal void Add(RowSource source, FirmwareEntry entry)
    {
        if (!_rows.TryGetValue(source, out List<FirmwareEntry>? rows))
        {
            _rows[source] = rows = [];
        }

        rows.Add(entry);
    }

    /// <summary>Adds a line of /proc/iomem if it is RAM or reserved, and of the outermost level: deeper lines say what is in it.</summary>
    internal void AddIomem(int indent, ulong first, ulong last, string name)
    {
        if (_iomemIndent < 0)
        {
            _iomemIndent = indent;
        }

        if (indent <= _iomemIndent && RowForm.TryIomem(name, out uint type))
        {
            Add(RowSource.Iomem, new FirmwareEntry(first, last == ulong.MaxValue ? last : last + 1, type));
        }
    }

    /// <summary>Keeps a range that this kernel's log reports as taken, once.</summary>
    internal void Take(LoggedRange range)
    {
        if (s_reported.Contains(range.Name) && !Taken.Contains(range))
        {
            Taken.Add(range);
        }
    }

    private static double? Time(string line)
        => PrintkLine.FindStamp(line, 0, out _, out _, out ulong microseconds) ? microseconds / 1e6 : null;

    private static readonly Regex s_kernelStart = new("Linux version [0-9]|bootalloc: boot variant=");

    // x86-64 prints 'Command line:' before the map, and every kernel 'Kernel command line:' after it.
    private static readonly Regex s_mapStart = new("BIOS-provided physical RAM map|(?<!Kernel )Command line: ");

    private static readonly Regex s_firmwareStart = new(@"SeaBIOS \(version|\(XEN\) Xen version|^\s*(?:GRUB|ISOLINUX) ");
}
