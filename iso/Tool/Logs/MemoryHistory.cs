using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>What a range of physical memory is at some moment.</summary>
public enum MemoryUse
{
    /// <summary>Whole pages of RAM without a holder.</summary>
    Free,

    /// <summary>Whole pages of RAM that have a holder, or a range outside RAM that was claimed.</summary>
    Held,

    /// <summary>RAM that does not fill a page.</summary>
    Fragment,

    /// <summary>Not RAM that the kernel uses: the firmware's, a device's, or nothing.</summary>
    Hole,
}

/// <summary>A range of physical memory: [Start, End) in bytes.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">End, exclusive.</param>
/// <param name="Use">What it is.</param>
/// <param name="Owner">Its holder; of a hole, its type in the firmware's map.</param>
/// <param name="IsRam">Whether it is RAM that the kernel uses.</param>
public sealed record MemorySegment(ulong Start, ulong End, MemoryUse Use, string Owner, bool IsRam)
{
    /// <summary>Pages, of RAM in whole pages.</summary>
    public ulong Pages => (End - Start) >> MemoryHistory.PageShift;
}

/// <summary>Memory at the end of a stage.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Segments">All of memory up to the last thing in it, ascending, without gaps.</param>
/// <param name="Owners">Whole pages of RAM by owner, in the order in which the owners appeared.</param>
/// <param name="FreePages">Whole pages of RAM without a holder.</param>
public sealed record MemoryMoment(
    string Stage, IReadOnlyList<MemorySegment> Segments, IReadOnlyList<KeyValuePair<string, ulong>> Owners, ulong FreePages)
{
    /// <summary>Whole pages of RAM that an owner holds; 0 when it holds none.</summary>
    public ulong PagesOf(string owner) => Owners.Where(o => o.Key == owner).Aggregate(0UL, (sum, o) => sum + o.Value);

    /// <summary>Whole pages of RAM that somebody holds.</summary>
    public ulong HeldPages => Owners.Aggregate(0UL, (sum, o) => sum + o.Value);
}

/// <summary>A change of hands in a stage.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Taken">Taken; false when it was given back.</param>
/// <param name="Owner">The holder.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">End, exclusive.</param>
public sealed record MemoryMove(string Stage, bool Taken, string Owner, ulong Start, ulong End);

/// <summary>
/// What each owner held after each stage, computed from the lines <c>ram</c>, <c>hold</c> and <c>release</c> just as the kernel keeps its
/// books: a page belongs to the first holder that touches it, those of stage e820 come last. Empty for a log without such lines.
/// </summary>
public sealed class MemoryHistory
{
    /// <summary>A page is 1 &lt;&lt; this many bytes.</summary>
    public const int PageShift = 12;

    private const ulong PageBytes = 1UL << PageShift;
    private const ulong OurLimit = 1UL << 32;
    private const string FirstStage = "e820";
    private const string HandOver = "buddy";

    private readonly List<MemoryMoment> _moments = [];
    private readonly List<MemoryMove> _moves = [];
    private readonly List<string> _unplaced = [];
    private readonly List<(ulong Start, ulong End)> _ram = [];
    private readonly List<(ulong Start, ulong End, string Type)> _firmware = [];
    private readonly ulong _limit;

    /// <summary>Works it out.</summary>
    public MemoryHistory(BootLog log)
    {
        ReadRam(log, log.IsLinux ? ulong.MaxValue : OurLimit);
        _limit = _ram.Count == 0 ? OurLimit : Math.Max(OurLimit, _ram[^1].End);
        ReadFirmware(log);
        foreach (Fact fact in log.Facts.Where(f => f.Kind is "hold" or "release"))
        {
            if (fact.Address("start") is { } start && fact.Address("end") is { } end && start < end && fact["stage"] is { } stage
                && fact["name"] is { } name)
            {
                _moves.Add(new MemoryMove(stage, fact.Kind == "hold", name, start, end));
            }
        }

        if (_ram.Count == 0)
        {
            return;
        }

        // Owners that keep pages at the end without a recorded range: from the hand-over stage on, no picture would be right.
        _unplaced.AddRange(log.Accounts.Select(a => a["name"]!).Distinct().Where(name => !_moves.Exists(m => m.Taken && m.Owner == name)));
        HashSet<string> passed = [];
        foreach (string stage in log.Stages.Select(s => s["name"]!).Distinct())
        {
            if (stage == HandOver && _unplaced.Count != 0)
            {
                break;
            }

            passed.Add(stage);
            _moments.Add(After(stage, passed));
        }
    }

    /// <summary>
    /// Memory at the end of each stage, in their order; with <see cref="Unplaced"/> owners none from the stage that hands over.
    /// </summary>
    public IReadOnlyList<MemoryMoment> Moments => _moments;

    /// <summary>Every change of hands, in order.</summary>
    public IReadOnlyList<MemoryMove> Moves => _moves;

    /// <summary>Owners whose pages the log counts without saying where they lie.</summary>
    public IReadOnlyList<string> Unplaced => _unplaced;

    /// <summary>RAM that the kernel uses, bytes, half-open, ascending.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> Ram => _ram;

    /// <summary>The last moment; null when the log does not record it.</summary>
    public MemoryMoment? Last => _moments.Count == 0 ? null : _moments[^1];

    /// <summary>Memory at the end of the boot; null when the log does not record it.</summary>
    public MemoryMoment? End => _unplaced.Count == 0 ? Last : null;

    private void ReadRam(BootLog log, ulong limit)
    {
        foreach (Fact fact in log.Facts.Where(f => f.Kind == "ram"))
        {
            ulong last = _ram.Count == 0 ? 0 : _ram[^1].End;
            if (fact.Address("start") is { } start && fact.Address("end") is { } end && start >= last && start < end && end <= limit)
            {
                _ram.Add((start, end));
            }
        }
    }

    private void ReadFirmware(BootLog log)
    {
        IEnumerable<MapRow> rows = log.IsLinux
            ? log.Kernel.Map
            : log.Kernel.Rows.Where(r => r.Source.StartsWith("BIOS-", StringComparison.Ordinal));
        _firmware.AddRange(rows.Select(r => (r.Start, r.End, r.Type)));
    }

    private MemoryMoment After(string stage, HashSet<string> passed)
    {
        List<MemoryMove> held = [];
        foreach (MemoryMove move in _moves.Where(m => passed.Contains(m.Stage)))
        {
            if (move.Taken)
            {
                held.Add(move);
            }
            else if (held.FindIndex(h => h.Owner == move.Owner && h.Start == move.Start && h.End == move.End) is >= 0 and var at)
            {
                held.RemoveAt(at);
            }
        }

        // The books have these last: any other owner of page 0 or the ISA hole comes first.
        held = [.. held.Where(h => h.Stage != FirstStage), .. held.Where(h => h.Stage == FirstStage)];
        List<MemorySegment> segments = Segments(held);
        List<KeyValuePair<string, ulong>> owners = [];
        foreach (string owner in held.Select(h => h.Owner).Distinct())
        {
            ulong pages = segments.Where(s => s.IsRam && s.Use == MemoryUse.Held && s.Owner == owner)
                .Aggregate(0UL, (sum, s) => sum + s.Pages);
            if (pages != 0)
            {
                owners.Add(new(owner, pages));
            }
        }

        return new MemoryMoment(
            stage, segments, owners, segments.Where(s => s.Use == MemoryUse.Free).Aggregate(0UL, (sum, s) => sum + s.Pages));
    }

    private List<MemorySegment> Segments(List<MemoryMove> held)
    {
        SortedSet<ulong> borders = [0, 0x100000];
        foreach ((ulong start, ulong end) in _ram)
        {
            borders.UnionWith([start, end, Up(start), Down(end)]);
        }

        foreach (MemoryMove move in held)
        {
            borders.UnionWith([move.Start, move.End, Down(move.Start), Up(move.End)]);
        }

        foreach ((ulong start, ulong end, _) in _firmware.Where(f => f.Start < _limit))
        {
            borders.UnionWith([start, Math.Min(end, _limit)]);
        }

        List<MemorySegment> segments = [];
        ulong from = 0;
        foreach (ulong to in borders.Skip(1))
        {
            MemorySegment next = At(from, to, held);
            if (segments.Count != 0 && segments[^1] is { } last && last.Use == next.Use && last.Owner == next.Owner
                && last.IsRam == next.IsRam)
            {
                segments[^1] = last with { End = to };
            }
            else
            {
                segments.Add(next);
            }

            from = to;
        }

        return segments;
    }

    // No border lies inside [start, end).
    private MemorySegment At(ulong start, ulong end, List<MemoryMove> held)
    {
        bool ram = _ram.Exists(r => r.Start <= start && end <= r.End);
        if (ram && !_ram.Exists(r => Up(r.Start) <= start && end <= Down(r.End)))
        {
            return new MemorySegment(start, end, MemoryUse.Fragment, "not a whole page", true);
        }

        // Pages are what is held of RAM, by the first who touches them. Elsewhere it is bytes, and who comes later is more exact: a
        // table in the BIOS's area.
        MemoryMove? holder = ram
            ? held.Find(h => Down(h.Start) <= start && end <= Up(h.End))
            : held.FindLast(h => h.Stage != FirstStage && h.Start <= start && end <= h.End)
                ?? held.Find(h => h.Start <= start && end <= h.End);
        if (holder != null)
        {
            return new MemorySegment(start, end, MemoryUse.Held, holder.Owner, ram);
        }

        if (ram)
        {
            return new MemorySegment(start, end, MemoryUse.Free, "free", true);
        }

        string type = _firmware.FindLast(f => f.Start <= start && end <= f.End).Type ?? "nothing";
        return new MemorySegment(start, end, MemoryUse.Hole, type == "usable" ? "usable, left out" : type, false);
    }

    private static ulong Down(ulong address) => address & ~(PageBytes - 1);

    private static ulong Up(ulong address) => (address + PageBytes - 1) & ~(PageBytes - 1);
}
