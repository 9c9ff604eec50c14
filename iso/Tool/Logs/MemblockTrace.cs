using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// What memblock held at the hand-over, from the lines of <c>memblock=debug</c>: the tables that it printed, and each call since. Who holds
/// a range is read off the caller's name.
/// </summary>
internal sealed class MemblockTrace
{
    // A boot makes a few hundred calls. One with more is not placed.
    private const int MostRanges = 1000;

    private const ulong LowEnd = 1 << 20;

    // What x86 keeps away from firmware that writes there.
    private const ulong LowestBytes = 1 << 16;

    private static readonly (string Part, string Owner)[] s_owners =
    [
        ("memmap", "mem_map"), ("sparse_buffer", "mem_map"), ("alloc_node_mem_map", "mem_map"), ("percpu", "per-cpu"), ("pcpu_", "per-cpu"),
        ("alloc_large_system_hash", "hash tables"), ("ramdisk", "RAMDISK"), ("initrd", "RAMDISK"), ("crash", "CRASH KERNEL"),
        ("smp_scan_config", "MP-table"), ("mpf", "MP-table"), ("acpi", "ACPI"), ("real_mode", "first MiB"), ("alloc_low_page", "PGTABLE"),
        ("init_mem_mapping", "PGTABLE"), ("log_buf", "log buffer"),
    ];

    private readonly List<(ulong Start, ulong End)> _memory = [];
    private readonly List<(ulong Start, ulong End)> _added = [];
    private readonly List<(ulong Start, ulong End, string Owner)> _held = [];
    private readonly (ulong Start, ulong End)? _ramDisk;
    private string? _caller;
    private bool _kernelSeen;

    internal MemblockTrace(BootLog log)
    {
        _ramDisk = log.Kernel.RamDisk;
        foreach (LogLine line in log.Messages.Where(l => !l.Cut))
        {
            // What is freed and reserved after the hand-over is the page allocator's.
            if (line.Text.StartsWith("Memory: ", System.StringComparison.Ordinal))
            {
                break;
            }

            if (MemblockLine.Parse(line.Number, line.Text, out _) is { } read)
            {
                Take(read);
            }
        }
    }

    /// <summary>There are such lines.</summary>
    internal bool Any { get; private set; }

    /// <summary>RAM as memblock has it.</summary>
    internal IReadOnlyList<(ulong Start, ulong End)> Memory => _memory.Count != 0 ? _memory : _added;

    /// <summary>Reserved ranges; empty when there are too many.</summary>
    internal IReadOnlyList<(ulong Start, ulong End, string Owner)> Held => _held.Count <= MostRanges ? _held : [];

    /// <summary>Calls that allocated.</summary>
    internal ulong Allocations { get; private set; }

    private void Take(MemblockLine line)
    {
        Any = true;
        if (line.IsDumped)
        {
            TakeRegion(line);
            return;
        }

        if (line.IsAllocation)
        {
            Allocations++;
            _caller = line.Caller;
            return;
        }

        switch (line.Action)
        {
            case MemblockAction.Reserve:
                Hold(line.Start, line.End, Owner(_caller ?? line.Caller));
                break;
            case MemblockAction.Free when line.Size != 0:
                Drop(line.Start, line.End);
                break;
            case MemblockAction.Add when line.Size != 0:
                _added.Add((line.Start, line.End));
                break;
        }

        _caller = null;
    }

    private void TakeRegion(MemblockLine region)
    {
        if (region.Action != MemblockAction.Add)
        {
            Unnamed(region.Start, region.End);
            return;
        }

        if (region.DumpIndex == 0)
        {
            _memory.Clear();
        }

        _memory.Add((region.Start, region.End));
    }

    private static string Owner(string caller)
    {
        foreach ((string part, string owner) in s_owners)
        {
            if (caller.Contains(part, System.StringComparison.Ordinal))
            {
                return owner;
            }
        }

        // setup_arch reserves the kernel first, then the memory behind it that it took for itself.
        return caller.StartsWith("setup_arch", System.StringComparison.Ordinal) ? "BRK" : "memblock";
    }

    // What a table lists and no call before it reserved: from before the console, or from a call that is not printed.
    private void Unnamed(ulong start, ulong end)
    {
        foreach ((ulong from, ulong to) in Gaps(start, end))
        {
            if (_ramDisk is { } disk && disk.Start < to && from < disk.End)
            {
                Hold(disk.Start > from ? disk.Start : from, disk.End < to ? disk.End : to, "RAMDISK");
                foreach ((ulong left, ulong right) in Gaps(from, to))
                {
                    Hold(left, right, "reserved before the log");
                }

                continue;
            }

            bool kernel = from >= LowEnd && !_kernelSeen;
            _kernelSeen |= kernel;
            string low = (from, to) == (0, LowestBytes) ? "first 64 KiB" : "BIOS reserved";
            Hold(from, to, kernel ? "TEXT DATA BSS" : from < LowEnd ? low : "reserved before the log");
        }
    }

    private void Hold(ulong start, ulong end, string owner)
    {
        foreach ((ulong from, ulong to) in Gaps(start, end))
        {
            if (_held.Count <= MostRanges)
            {
                _held.Add((from, to, owner));
            }
        }
    }

    // Parts of a range that nobody holds.
    private List<(ulong Start, ulong End)> Gaps(ulong start, ulong end)
    {
        List<(ulong Start, ulong End)> gaps = [];
        ulong at = start;
        foreach ((ulong from, ulong to, _) in _held.Where(h => h.Start < end && start < h.End).OrderBy(h => h.Start))
        {
            if (from > at)
            {
                gaps.Add((at, from));
            }

            at = to > at ? to : at;
        }

        if (at < end)
        {
            gaps.Add((at, end));
        }

        return gaps;
    }

    private void Drop(ulong start, ulong end)
    {
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            (ulong from, ulong to, string owner) = _held[i];
            if (from >= end || start >= to)
            {
                continue;
            }

            _held.RemoveAt(i);
            if (from < start)
            {
                _held.Insert(i, (from, start, owner));
            }

            if (end < to)
            {
                _held.Insert(i, (end, to, owner));
            }
        }
    }
}
