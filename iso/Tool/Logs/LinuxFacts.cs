using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// Puts what a log of Linux says into the form of our own lines for programs, so that it is a column like any other. Stages have our
/// names. What the log does not say has no fact.
/// </summary>
internal static class LinuxFacts
{
    private const ulong PageBytes = 1UL << MemoryHistory.PageShift;
    private const ulong FourGiB = 1UL << 32;

    // No machine has as many entries of a map, no boot as many reservations: such a log is not worked out.
    private const int MostRanges = 1000;
    private const string PageZero = "page 0";
    private const string MemMap = "mem_map";

    /// <summary>Adds the facts, when the log is one of Linux.</summary>
    internal static void AddTo(BootLog log)
    {
        bool begins = log.Lines.Count != 0 && LinuxVersion.Begins(log.Lines[0].Text);
        if (log.Facts.Count != 0 || log.Lines.Count == 0)
        {
            return;
        }

        KernelLines kernel = log.Kernel;
        MemblockTrace memblock = new(log);
        if (!begins && kernel.Map.Count < 2 && kernel.Memory == null && !memblock.Any)
        {
            return;
        }

        log.IsLinux = true;
        string variant = kernel.WentTo switch
        {
            "bootmem" => "bootmem",
            "Subtract" => "nobootmem",
            _ => memblock.Any ? "memblock" : "",
        };
        AddBoot(log, variant);
        AddMap(log, memblock);
        AddReservations(log, variant, memblock);
        AddHandOver(log, variant);
        if (kernel.Panic is { } panic && kernel.Memory is null or { Available: 0 })
        {
            Add(log, "panic", ("message", panic));
        }
    }

    private static void AddBoot(BootLog log, string variant)
    {
        List<(string, string)> fields = [("variant", variant.Length == 0 ? "linux" : "linux-" + variant)];
        if (log.Kernel.Version is { } version)
        {
            fields.Add(("version", version.Full));
        }

        if (log.Kernel.Architecture is { } architecture)
        {
            fields.Add(("arch", architecture));
        }

        if (log.Kernel.CommandLine is { } command)
        {
            fields.Add(("cmdline", command));
        }

        Add(log, "boot", [.. fields]);
    }

    private static void AddMap(BootLog log, MemblockTrace memblock)
    {
        KernelLines kernel = log.Kernel;
        if (kernel.Active.Count == 0 && memblock.Memory.Count == 0 && kernel.Map.Count != 0
            && kernel.Map[0].Source.StartsWith("BIOS-", StringComparison.Ordinal)
            && s_changesMap.IsMatch(log.Boot?["cmdline"] ?? ""))
        {
            // The log ends before the map that the options made.
            return;
        }

        List<(ulong Start, ulong End)> ram = Merge(kernel.Map.Where(r => r.Type == "usable").Select(r => (r.Start, r.End)));
        if (ram.Count is 0 or > MostRanges)
        {
            return;
        }

        foreach ((ulong start, ulong end) in ram)
        {
            Add(log, "ram", ("start", Hex(start)), ("end", Hex(end)));
        }

        List<(ulong Start, ulong End)> active = Merge(kernel.Active.Count != 0 ? kernel.Active : memblock.Memory);
        List<(ulong Start, ulong End)> taken = [.. kernel.TakenOut.SelectMany(t => Without(t, active))];
        if (active.Count != 0 && ram[0].Start == 0 && active[0].Start >= PageBytes && !taken.Contains((0, PageBytes)))
        {
            taken.Add((0, PageBytes));
        }

        foreach ((ulong start, ulong end) in taken.Where(t => t.Start < t.End))
        {
            string name = start == 0 ? PageZero : end == 0x100000 ? "ISA hole" : "left out";
            Add(log, "hold", ("stage", "e820"), ("name", name), ("start", Hex(start)), ("end", Hex(end)));
        }

        // RAM that the kernel never registered: above mem=, in high memory without support for it.
        List<(ulong Start, ulong End)> known = Merge(active.Concat(taken));
        foreach ((ulong start, ulong end) in active.Count == 0 ? [] : ram)
        {
            ulong at = Up(start);
            ulong limit = Down(end);
            foreach ((ulong from, ulong to) in known.Where(k => k.Start < limit && at < k.End).Append((limit, limit)))
            {
                if (at < Down(from))
                {
                    Add(log, "hold", ("stage", "e820"), ("name", "left out"), ("start", Hex(at)), ("end", Hex(Down(from))));
                }

                at = Math.Max(at, to);
            }
        }

        ulong low = ram.Aggregate(0UL, (sum, r) => sum + Math.Min(r.End, FourGiB) - Math.Min(r.Start, FourGiB)) >> 10;
        ulong high = ram.Aggregate(0UL, (sum, r) => sum + Math.Max(r.End, FourGiB) - Math.Max(r.Start, FourGiB)) >> 10;
        Add(log, "stage", ("name", "e820"), ("usable_kb", Text(low)), ("usable_pages", Text(Usable(ram))), ("above_4g_kb", Text(high)));
    }

    private static void AddReservations(BootLog log, string variant, MemblockTrace memblock)
    {
        if (variant == "memblock")
        {
            foreach ((ulong start, ulong end, string owner) in memblock.Held)
            {
                Hold(log, "memblock", owner, start, end);
            }

            Add(log, "stage", ("name", "memblock"), ("allocations", Text(memblock.Allocations)));
        }
        else if (variant.Length != 0 && log.Reservations.Count <= MostRanges)
        {
            // Rows of bootmem's and of the direct allocations are those of the next stage.
            string[] owners = Owners(log);
            bool[] later = [.. log.Reservations.Select(r => r.Name is "BOOTMEM" or "BOOTMAP" || IsTable(r))];
            for (int i = 0; i < later.Length; i++)
            {
                Hold(log, later[i] ? variant : "early_res", owners[i], log.Reservations[i].Start, log.Reservations[i].End);
            }

            List<(string, string)> fields = [("name", "early_res"), ("reservations", Text(later.Count(l => !l)))];
            if (log.Kernel.Early?.Room is { } room)
            {
                fields.Add(("capacity", Text(room)));
            }

            Add(log, "stage", [.. fields]);
            Add(log, "stage", variant == "nobootmem"
                ? [("name", variant), ("allocations", Text(later.Count(l => l)))]
                : [("name", variant)]);
        }
    }

    // What was allocated. The large hash tables are the last, in the order of their lines.
    private static string[] Owners(BootLog log)
    {
        KernelLines kernel = log.Kernel;
        string[] owners = [.. log.Reservations.Select(r => r.Name != "BOOTMEM" ? IsTable(r) ? MemMap : r.Name
            : kernel.IsTable(r.End - r.Start) ? MemMap
            : kernel.PerCpu == r.Start ? "per-cpu"
            : kernel.BounceBuffers == r.Start ? "SWIOTLB"
            : r.Name)];
        int at = owners.Length - 1;
        foreach (ulong bytes in kernel.HashTables.Select(h => h.Value).Reverse())
        {
            int found = at;
            while (found >= 0 && (owners[found] != "BOOTMEM" || log.Reservations[found].End - log.Reservations[found].Start != bytes))
            {
                found--;
            }

            if (found >= 0)
            {
                owners[found] = "hash tables";
                at = found - 1;
            }
        }

        return owners;
    }

    private static bool IsTable(Reservation row) => row.Name.StartsWith("MEMMAP", StringComparison.Ordinal);

    // usable = free + the accounts: those with a range first, then those of which only a size is known, then the rest.
    private static void AddHandOver(BootLog log, string variant)
    {
        KernelLines kernel = log.Kernel;
        if (kernel.Memory == null)
        {
            return;
        }

        ulong free = kernel.Memory.Available >> 2;
        foreach (Reservation map in log.Reservations.Where(r => r.Name == "BOOTMAP"))
        {
            Add(log, "release", ("stage", "buddy"), ("name", map.Name), ("start", Hex(map.Start)), ("end", Hex(map.End)));
        }

        MemoryMove[] own = [.. new MemoryHistory(log).Moves.Where(m => m.Taken && m.Owner == MemMap)];
        ulong? table = own.Length != 0 ? own.Aggregate(0UL, (sum, m) => sum + m.End - m.Start) : kernel.TableBytes;
        List<(string, string)> buddy = [("name", "buddy"), ("free_pages", Text(free))];
        if (table is { } bytes)
        {
            buddy.Add(("metadata_bytes", Text(bytes)));
        }

        if (kernel.Zones.Count != 0)
        {
            buddy.Add(("span_pages", Text(kernel.Zones.Aggregate(0UL, (sum, z) => sum + kernel.Span(z)))));
        }

        Add(log, "stage", [.. buddy]);
        MemoryHistory history = new(log);
        if (history.Last is not { } last)
        {
            return;
        }

        ulong usable = Usable(history.Ram);
        ulong named = last.HeldPages;
        if (free + named > usable)
        {
            // The map is not the one that the kernel used.
            return;
        }

        foreach ((string owner, ulong pages) in last.Owners)
        {
            MemoryMove[] moves = [.. history.Moves.Where(m => m.Taken && m.Owner == owner)];
            Add(log, "account", moves.Length == 1
                ? [("name", owner), ("pages", Text(pages)), ("start", Hex(moves[0].Start)), ("end", Hex(moves[0].End))]
                : [("name", owner), ("pages", Text(pages))]);
        }

        ulong rest = usable - free - named;
        ulong? apart = kernel.Memory.Part("cma-reserved") ?? kernel.Memory.Part("absent");
        if (kernel.Memory.Available + kernel.Memory.Part("reserved") + apart is { } known && known < kernel.Memory.Total)
        {
            // A kernel may put most of its page frames in order only after this line, since 4.2 and where that was ported back.
            Sized("not yet free", (kernel.Memory.Total - known) >> 2);
        }

        if (variant == "bootmem")
        {
            // Part of a page at either end is not counted here.
            ulong hashes = kernel.HashTables.Aggregate(0UL, (sum, h) => sum + (h.Value >> MemoryHistory.PageShift));
            Sized(MemMap, (kernel.TableBytes ?? 0) >> MemoryHistory.PageShift);
            Sized("hash tables", hashes);
        }

        Sized(variant switch { "nobootmem" => "not handed over", _ => "not listed" }, rest);
        Add(log, "accounted", ("usable_pages", Text(usable)), ("free_pages", Text(free)), ("reserved_pages", Text(usable - free)));

        void Sized(string name, ulong pages)
        {
            if (pages != 0 && pages <= rest && last.PagesOf(name) == 0)
            {
                Add(log, "account", ("name", name), ("pages", Text(pages)));
                rest -= pages;
            }
        }
    }

    private static void Hold(BootLog log, string stage, string name, ulong start, ulong end)
    {
        if (start < end)
        {
            Add(log, "hold", ("stage", stage), ("name", name), ("start", Hex(start)), ("end", Hex(end)));
        }
    }

    private static void Add(BootLog log, string kind, params (string Key, string Value)[] fields)
        => log.Add(new Fact(kind, log.FirstLine, fields));

    // What of a range the kernel did not register: it may reserve a part of its RAM in the map after that.
    private static IEnumerable<(ulong Start, ulong End)> Without((ulong Start, ulong End) range, List<(ulong Start, ulong End)> active)
    {
        ulong at = range.Start;
        foreach ((ulong start, ulong end) in active.Where(a => a.Start < range.End && range.Start < a.End))
        {
            if (at < start)
            {
                yield return (at, start);
            }

            at = end;
        }

        if (at < range.End)
        {
            yield return (at, range.End);
        }
    }

    private static List<(ulong Start, ulong End)> Merge(IEnumerable<(ulong Start, ulong End)> ranges)
    {
        List<(ulong Start, ulong End)> merged = [];
        foreach ((ulong start, ulong end) in ranges.Where(r => r.Start < r.End).Order())
        {
            if (merged.Count != 0 && start <= merged[^1].End)
            {
                merged[^1] = (merged[^1].Start, Math.Max(merged[^1].End, end));
            }
            else
            {
                merged.Add((start, end));
            }
        }

        return merged;
    }

    private static ulong Usable(IEnumerable<(ulong Start, ulong End)> ram)
        => ram.Where(r => Up(r.Start) < Down(r.End))
            .Aggregate(0UL, (sum, r) => sum + ((Down(r.End) - Up(r.Start)) >> MemoryHistory.PageShift));

    private static ulong Down(ulong address) => address & ~(PageBytes - 1);

    private static ulong Up(ulong address) => address > ulong.MaxValue - PageBytes ? Down(address) : Down(address + PageBytes - 1);

    private static string Hex(ulong address) => address.ToString("x", CultureInfo.InvariantCulture);

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static readonly Regex s_changesMap = new(@"(?:^|\s)mem(?:map)?=");
}
