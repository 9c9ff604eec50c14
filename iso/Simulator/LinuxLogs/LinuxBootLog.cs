using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>What a real Linux boot log says of its machine: the map with its options, and who had which memory at the hand-over.</summary>
public sealed class LinuxBootLog
{
    private LinuxBootLog(string file, FirmwareMap map)
    {
        File = file;
        Map = map;
    }

    /// <summary>Its name, for messages.</summary>
    public string File { get; }

    /// <summary>The firmware's map with the options of the command line, or the map after them if the line is cut in the log.</summary>
    public FirmwareMap Map { get; private set; }

    /// <summary>Linux's version as the log spells it; empty when it does not say.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The early reservations in the order of their listing, bytes, half-open.</summary>
    public List<LoggedRange> Reservations { get; } = [];

    /// <summary>The lines of that listing, its heading first, without time stamps; empty for a dump of memblock.</summary>
    public IReadOnlyList<string> Listing { get; private set; } = [];

    /// <summary>The variant that models this Linux.</summary>
    public string Variant { get; private set; } = "";

    /// <summary>Kilobytes that the line <c>Memory:</c> calls available; null when the boot did not get there.</summary>
    public ulong? AvailableKilobytes { get; private set; }

    /// <summary>Linux lost ranges at the hand-over: its scratch list was full.</summary>
    public bool ScratchListFull { get; private set; }

    /// <summary>Reads a log; of several boots the last one counts, as for its map.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="BadInputException">It cannot be read, or lists no early reservations; a line of them is damaged.</exception>
    public static LinuxBootLog Load(string file) => Read(file, PastedText.Load(file));

    /// <summary>Reads a log from a text.</summary>
    public static LinuxBootLog Read(string file, string text)
    {
        LinuxBootLog log = new(file, MapReader.Read(file, text));
        List<string> lines = PastedText.Lines(text);
        int start = Math.Max(0, lines.FindLastIndex(l => LinuxVersion.Find(l) != null));
        int end = lines.FindIndex(start, l => KernelLines.ReadMemory(PrintkLine.Text(l)) != null);
        KernelLines kernel = new(KernelLines.OfPasted(lines, start, end < 0 ? lines.Count : end + 1));
        log.Version = kernel.Version?.Numbers ?? "";
        log.AvailableKilobytes = kernel.Memory?.Available;
        log.ScratchListFull = kernel.ScratchListFull;
        if (kernel.Listing.Count != 0)
        {
            log.TakeListing(kernel, lines);
        }

        if (log.Reservations.Count == 0 && lines.Exists(MemblockLine.BeginsDump))
        {
            log.TakeDump(MemblockLog.Read(file, text));
        }

        if (log.Reservations.Count == 0)
        {
            throw new BadInputException($"{file}:{lines.Count}: expected the early reservations of a Linux 2.6.34 ('Subtract (N early "
                + "reservations)' or '(N/N early reservations) ==> bootmem') or the dump of a later one with memblock=debug, found none");
        }

        if (kernel.CommandLineCut)
        {
            log.TakeMapInUse(kernel, lines);
        }

        return log;
    }

    private void TakeListing(KernelLines kernel, List<string> lines)
    {
        if (kernel.BadReservation is { } bad)
        {
            throw new BadInputException(
                $"{File}:{bad.Number}: expected '#N [START - END] NAME', found '{PastedText.Quote(lines[bad.Number - 1])}'");
        }

        Variant = kernel.WentTo == "bootmem" ? "bootmem" : "nobootmem";
        Listing = kernel.Listing;
        Reservations.AddRange(kernel.Reservations.Select(r => new LoggedRange(r.Name, r.Start, r.End)));
    }

    // The options are not all in the log, but the map that they made is.
    private void TakeMapInUse(KernelLines kernel, List<string> lines)
    {
        if (kernel.BadRow is { } bad)
        {
            throw new BadInputException($"{File}:{bad}: expected a row of the map after the options, which are cut in the log, found "
                + $"'{PastedText.Quote(lines[bad - 1])}'");
        }

        FirmwareEntry[] user = [.. kernel.Map.Where(r => r.Source == "user").Select(r => new FirmwareEntry(r.Start, r.End, r.TypeNumber))];
        if (user.Length != 0)
        {
            Map = Map.With(user, $"{user.Length} rows after the options, which are cut in the log");
        }
    }

    // What is reserved when all firmware tables are known; later lines are Linux's own allocations.
    private void TakeDump(MemblockLog dump)
    {
        Variant = "memblock";
        Reservations.AddRange(dump.Dumped(MemblockAction.Reserve).Select(l => new LoggedRange("reserved", l.Start, l.End)));
    }
}
