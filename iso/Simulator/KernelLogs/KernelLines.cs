using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.KernelLogs;

/// <summary>
/// What the lines for people say about memory, in the words of any Linux from 2.6.34 on, and in ours: the one reader below
/// <c>compare</c>, <c>replay</c>, and <c>simulate --as-linux</c>. Figures at the end of a line that a capture cut do not count. What cannot
/// be read is named, never guessed; whether that is an error is the caller's matter.
/// </summary>
public sealed partial class KernelLines
{
    /// <summary>A page is 1 &lt;&lt; this many bytes.</summary>
    private const int PageShift = 12;

    // printk keeps 1,024 bytes of a line.
    private const int LongestLine = 1000;

    // x86-64's unit of RAM, and the largest block of the page allocator.
    private const int SectionShift = 27;
    private const ulong FramesOfSection = 1UL << (SectionShift - PageShift);
    private const ulong BlockFrames = 1024;
    private const string ForTable = " for memmap";

    private readonly List<MapRow> _rows = [];
    private readonly List<ZoneRange> _zones = [];
    private readonly List<(ulong Start, ulong End)> _active = [];
    private readonly List<KeyValuePair<string, ulong>> _zonePages = [];
    private readonly List<KeyValuePair<string, ulong>> _hashTables = [];
    private readonly List<(ulong Start, ulong End)> _memory = [];
    private readonly List<(ulong Start, ulong End)> _reserved = [];
    private readonly List<Reservation> _reservations = [];
    private readonly List<string> _listing = [];
    private int _slot = -1;
    private string _list = "";
    private ulong _mapped;
    private bool _lowMemory;

    /// <summary>Reads the lines of one boot.</summary>
    public KernelLines(IEnumerable<KernelLine> lines)
    {
        // Of a line that was cut, just what shows that it is whole counts; a row of a map that was cut spoils the map.
        foreach (KernelLine line in lines.Where(l => !l.Cut || s_rowHead.IsMatch(l.Text) || s_memoryRow.IsMatch(l.Text)))
        {
            Read(line);
        }
    }

    /// <summary>Every row of a map that can be read, in order.</summary>
    public IReadOnlyList<MapRow> Rows => _rows;

    /// <summary>The rows of the map in use: the last one printed, of the firmware or of the user. Empty when one cannot be read.</summary>
    public IReadOnlyList<MapRow> Map => BadRow != null || _rows.Count == 0 ? [] : [.. _rows.Where(r => r.Source == _rows[^1].Source)];

    /// <summary>The first row of a map that cannot be read: its line in the file.</summary>
    public int? BadRow { get; private set; }

    /// <summary>Linux's version; null when the log does not say.</summary>
    public LinuxVersion? Version { get; private set; }

    /// <summary>The kernel's command line as first printed; null when the log does not say.</summary>
    public string? CommandLine { get; private set; }

    /// <summary>The command line is as long as a line of printk can be: its end is not in the log.</summary>
    public bool CommandLineCut { get; private set; }

    /// <summary>The message of the first panic; null for none.</summary>
    public string? Panic { get; private set; }

    /// <summary>The early reservations as last listed, bytes, half-open, in the order of the list.</summary>
    public IReadOnlyList<Reservation> Reservations => _reservations;

    /// <summary>The lines of that list, its heading first; empty without a heading.</summary>
    public IReadOnlyList<string> Listing => _listing;

    /// <summary>The first row of a list of reservations that cannot be read.</summary>
    public KernelLine? BadReservation { get; private set; }

    /// <summary>Linux lost ranges at its hand-over: its scratch list was full.</summary>
    public bool ScratchListFull { get; private set; }

    /// <summary>The end of memory that 32-bit kernels map at once, in bytes; null when the log does not say.</summary>
    public ulong? MappedLowRam { get; private set; }

    /// <summary>The zones, empty ones too.</summary>
    public IReadOnlyList<ZoneRange> Zones => _zones;

    /// <summary>The active ranges (<c>early_node_map</c>, later kernels' "memory node ranges"): [Start, End) in bytes.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> Active => _active;

    /// <summary>Pages of zones and nodes by what the line says of them, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> ZonePages => _zonePages;

    /// <summary>Bytes of the large hash tables, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> HashTables => _hashTables;

    /// <summary>The line <c>Memory:</c>; null when there is none.</summary>
    public MemoryLine? Memory { get; private set; }

    /// <summary>First page frame number behind RAM; null when the log does not say.</summary>
    public ulong? LastPfn { get; private set; }

    /// <summary>The architecture's limit for page frame numbers; null when the log does not say.</summary>
    public ulong? MaxArchPfn { get; private set; }

    /// <summary>Early reservations when they are handed over, and room for them where the line says so.</summary>
    public (ulong Count, ulong? Room)? Early { get; private set; }

    /// <summary>Where they went: "bootmem" or "Subtract"; null when the log does not say.</summary>
    public string? WentTo { get; private set; }

    /// <summary>Where the boot module lies, [Start, End) in bytes; null when the log does not say.</summary>
    public (ulong Start, ulong End)? RamDisk { get; private set; }

    /// <summary>What <c>e820 update range</c> and <c>e820 remove range</c> took out of RAM: [Start, End) in bytes.</summary>
    public List<(ulong Start, ulong End)> TakenOut { get; } = [];

    /// <summary>Physical address of the per-cpu areas; null when the log does not say.</summary>
    public ulong? PerCpu { get; private set; }

    /// <summary>Where bounce buffers for devices begin; null when the log does not say.</summary>
    public ulong? BounceBuffers { get; private set; }

    /// <summary>"x86-64" or "i386"; null when nothing in the log tells.</summary>
    public string? Architecture
        => MaxArchPfn >= 0x400000000 || _zones.Exists(z => z.Name == "DMA32") ? "x86-64"
            : MaxArchPfn != null || _lowMemory ? "i386"
            : null;

    /// <summary>Bytes that the kernel keeps for each page frame, from the zones' pages for it; null when the log does not say.</summary>
    public ulong? FrameBytes
    {
        get
        {
            // The pages are rounded up, so the largest zone is the most exact.
            ulong? least = null;
            foreach (ZoneRange zone in _zones)
            {
                if (Span(zone) is var span and not 0 && _zonePages.Find(p => p.Key == zone.Name + ForTable) is { Key: not null } pages)
                {
                    least = Math.Min(least ?? ulong.MaxValue, (pages.Value << PageShift) / span / 4 * 4);
                }
            }

            return least;
        }
    }

    /// <summary>
    /// Bytes of the page frame table as Linux 2.6.34 lays it out: a part for each 128 MiB that has RAM on x86-64, or the pages that are
    /// mapped for it; one table on i386. Null when the log does not say.
    /// </summary>
    public ulong? TableBytes
        => _mapped != 0 ? _mapped
            : FrameBytes is not { } frame ? null
            : Architecture == "x86-64" ? Sections() * FramesOfSection * frame
            : LastPfn is { } last ? (last + BlockFrames - 1) / BlockFrames * BlockFrames * frame
            : null;

    /// <summary>Whether so many bytes are the page frame table or whole parts of it.</summary>
    public bool IsTable(ulong bytes)
        => bytes == TableBytes
            || (_mapped == 0 && Architecture == "x86-64" && FrameBytes is { } frame and not 0 && bytes != 0
                && bytes % (FramesOfSection * frame) == 0);

    /// <summary>A table of memblock as last printed, "memory" or "reserved": [Start, End) in bytes; empty when the log has none.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> MemblockTable(string name) => name == "memory" ? _memory : _reserved;

    /// <summary>Page frames of a zone, holes included; its line gives the zone's limit, which may lie above all RAM.</summary>
    public ulong Span(ZoneRange zone)
    {
        ulong end = Math.Min(zone.End, LastPfn ?? zone.End);
        return end > zone.Start ? end - zone.Start : 0;
    }

    /// <summary>The lines of a pasted text as the kernel printed them.</summary>
    /// <param name="lines">Clean lines.</param>
    /// <param name="start">Index of the first.</param>
    /// <param name="end">Index behind the last.</param>
    public static IEnumerable<KernelLine> OfPasted(IReadOnlyList<string> lines, int start, int end)
        => Enumerable.Range(start, end - start).Select(i => new KernelLine(i + 1, PrintkLine.Text(lines[i])));

    /// <summary>The line <c>Memory:</c> of any kernel; null when the text is none, or not whole.</summary>
    public static MemoryLine? ReadMemory(string text)
        => s_memoryRow.Match(text) is { Success: true } memory
            ? new MemoryLine(Number(memory, 1), Number(memory, 2),
            [
                .. s_partRow.Matches(memory.Groups[3].Value)
                    .Select(p => new KeyValuePair<string, ulong>(p.Groups[2].Value, Number(p, 1))),
            ])
            : null;

    private ulong Sections()
    {
        ulong count = 0;
        ulong next = 0;
        foreach ((ulong start, ulong end) in _active)
        {
            ulong first = Math.Max(next, start >> SectionShift);
            ulong behind = (end + (1UL << SectionShift) - 1) >> SectionShift;
            count += behind > first ? behind - first : 0;
            next = Math.Max(next, behind);
        }

        return count;
    }

    private void Read(KernelLine line)
    {
        string text = line.Text;
        if (ReadMapRow(line) || ReadReservation(line))
        {
            return;
        }

        if (text.Contains("one ", StringComparison.Ordinal) && s_zoneHead.IsMatch(text))
        {
            _zones.Clear();
            _list = "zones";
        }
        else if (s_activeHead.IsMatch(text))
        {
            _active.Clear();
            _list = "active";
        }
        else if (_list == "zones" && s_zoneRow.Match(text) is { Success: true } zone)
        {
            (ulong start, ulong end) = Pages(zone);
            _zones.Add(new ZoneRange(zone.Groups["name"].Value, start, end));
        }
        else if (_list == "active" && s_activeRow.Match(text) is { Success: true } active)
        {
            (ulong start, ulong end) = Pages(active);
            _active.Add((start << PageShift, end << PageShift));
        }
        else
        {
            _list = text.StartsWith("Movable zone", StringComparison.Ordinal) ? _list : "";
            ReadFigures(text);
            ReadWords(text);
        }
    }

    // What a boot is, and how it went.
    private void ReadWords(string text)
    {
        Version ??= LinuxVersion.Find(text);
        ScratchListFull |= text.StartsWith("run of slot in ranges", StringComparison.Ordinal);
        _lowMemory |= text.EndsWith("LOWMEM available.", StringComparison.Ordinal);
        if (s_commandLineRow.Match(text) is { Success: true } command)
        {
            CommandLine ??= text[command.Length..].Trim();
            CommandLineCut |= text.Length >= LongestLine;
        }
        else if (text.StartsWith("Kernel panic - ", StringComparison.Ordinal))
        {
            Panic ??= text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        else if (s_lowRamRow.Match(text) is { Success: true } low)
        {
            MappedLowRam = Hex(low, 1);
        }
    }

    // A new list replaces the one before it. Other lines may stand between its rows: Linux complains there.
    private bool ReadReservation(KernelLine line)
    {
        if (!Reservation.IsRow(line.Text))
        {
            return false;
        }

        if (Reservation.Parse(line.Text, out int slot) is not { } reservation)
        {
            BadReservation ??= line;
            return true;
        }

        if (slot <= _slot)
        {
            _reservations.Clear();
        }

        _slot = slot;
        _reservations.Add(reservation);
        if (_listing.Count != 0)
        {
            _listing.Add(line.Text.TrimEnd());
        }

        return true;
    }

    private void ReadFigures(string text)
    {
        if (MemblockLine.ReadRegion(0, text) is { } region)
        {
            List<(ulong Start, ulong End)> table = region.Action == MemblockAction.Add ? _memory : _reserved;
            if (region.DumpIndex == 0)
            {
                table.Clear();
            }

            table.Add((region.Start, region.End));
        }
        else if (ReadMemory(text) is { } memory)
        {
            Memory = memory;
        }
        else if (s_lastPfnRow.Match(text) is { Success: true } last)
        {
            // A second line is for what lies below 4 GiB.
            LastPfn ??= Hex(last, 1);
            MaxArchPfn ??= Hex(last, 2);
        }
        else if (s_nodePagesRow.Match(text) is { Success: true } node)
        {
            _zonePages.Add(new($"node {node.Groups[1].Value}", Number(node, 2)));
        }
        else if (s_zonePagesRow.Match(text) is { Success: true } zone)
        {
            string what = zone.Groups[3].Value switch { "" => "", "used for memmap" => ForTable, var other => " " + other };
            _zonePages.Add(new(zone.Groups[1].Value + what, Number(zone, 2)));
        }
        else if (s_earlyRow.Match(text) is { Success: true } early)
        {
            Early = early.Groups[1].Success
                ? (Number(early, 1), early.Groups[2].Success ? Number(early, 2) : null)
                : (Number(early, 3), null);
            WentTo = early.Groups[1].Success ? "bootmem" : "Subtract";
            _reservations.Clear();
            _listing.Clear();
            _listing.Add(text.Trim());
            _slot = -1;
        }
        else if (s_hashRow.Match(text) is { Success: true } hash)
        {
            _hashTables.Add(new(hash.Groups[1].Value, Number(hash, 2)));
        }
        else if (s_takenOutRow.Match(text) is { Success: true } taken)
        {
            TakenOut.Add((Hex(taken, 1), Hex(taken, 3) + (taken.Groups[2].Value.Contains("0x", StringComparison.Ordinal) ? 1UL : 0)));
        }
        else if (s_ramDiskRow.Match(text) is { Success: true } disk)
        {
            RamDisk = (Hex(disk, 1), Hex(disk, 3) + (disk.Groups[2].Value.Contains("0x", StringComparison.Ordinal) ? 1UL : 0));
        }
        else if (s_perCpuRow.Match(text) is { Success: true } cpu && Hex(cpu, 1) is var address)
        {
            PerCpu = address >= 0xffff_8800_0000_0000 ? address - 0xffff_8800_0000_0000
                : address is >= 0xc000_0000 and <= uint.MaxValue ? address - 0xc000_0000
                : null;
        }
        else if (s_bounceRow.Match(text) is { Success: true } bounce)
        {
            BounceBuffers = Hex(bounce, 1);
        }
        else if (s_mappedRow.Match(text) is { Success: true } mapped)
        {
            _mapped += Hex(mapped, 2) + 1 - Hex(mapped, 1);
        }
    }

    // True for a row of a map, good or bad.
    private bool ReadMapRow(KernelLine line)
    {
        if (s_rowHead.Match(line.Text) is not { Success: true } head)
        {
            return false;
        }

        string? problem = RowForm.Parse(line.Text[head.Length..], out FirmwareEntry entry, out _, out string type);
        if (problem != null || (line.Cut && char.IsAsciiDigit(line.Text[^1])))
        {
            BadRow ??= line.Number;
            return true;
        }

        (ulong start, ulong end) = (entry.Start, entry.End);
        string source = head.Groups[1].Value;
        if (_rows.Count != 0 && _rows[^1].Source == source && start < _rows[^1].Start)
        {
            // The same map once more.
            _rows.RemoveAll(r => r.Source == source);
        }

        if (start < end)
        {
            _rows.Add(new MapRow(source, start, end, type, entry.Type));
        }

        return true;
    }
}
