using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// What a comparison comes to, in three sentences: what is left out of the chain, what that saves, what lies elsewhere. What is due to
/// the kernel image alone stands apart. All figures are those of the logs.
/// </summary>
public sealed class ChainVerdict
{
    private const string Image = "TEXT DATA BSS";
    private const int MostMoved = 3;

    private readonly Comparison _comparison;
    private readonly Chain[] _chains;
    private readonly int[] _logs;
    private readonly int _full;

    /// <summary>Works it out.</summary>
    public ChainVerdict(Comparison comparison)
    {
        _comparison = comparison;
        _chains = [.. comparison.Logs.Select(l => new Chain(l))];

        // Cosmos's own heap has no chain, and of a boot that ended early nothing can be said.
        IReadOnlyList<BootLog> logs = comparison.Logs;
        _logs = [.. Enumerable.Range(0, logs.Count).Where(i => !logs[i].IsStock && logs[i].Stage("buddy") != null)];
        _full = _logs.Length == 0 ? 0 : _logs.MinBy(i => _chains[i].LeftOut.Count);
        LeftOut = _logs.Length < 2 ? "" : SayLeftOut();
        Saves = _logs.Length < 2 ? "" : SaySaves();
        Moved = _logs.Length < 2 ? "" : SayMoved();
        KernelImage = _logs.Length < 2 ? "" : SayImage();
    }

    /// <summary>What is left out; empty when fewer than two chains can be compared.</summary>
    public string LeftOut { get; }

    /// <summary>What that saves, in ticks and in bytes of tables at the peak; empty when the logs do not say.</summary>
    public string Saves { get; }

    /// <summary>What lies elsewhere, and what was there for a while only; empty when nothing.</summary>
    public string Moved { get; }

    /// <summary>What the size of the kernel image adds to the differences; empty when all are as large.</summary>
    public string KernelImage { get; }

    /// <summary>The sentences in this order, those that are not empty.</summary>
    public IReadOnlyList<string> Sentences => [.. new[] { LeftOut, Saves, Moved, KernelImage }.Where(s => s.Length != 0)];

    private string SayLeftOut()
    {
        List<string> parts = [];
        foreach (IGrouping<string, int> group in _logs.GroupBy(i => And(_chains[i].LeftOut.Except(_chains[_full].LeftOut))))
        {
            if (group.Key.Length != 0)
            {
                string instead = And(group.Select(i => _chains[i].Parts.First(p => p.LeftOut.Count != 0).Name).Distinct()) switch
                {
                    "nobootmem" => "early_res serves until the buddy takes over",
                    _ => "two tables do that work",
                };
                parts.Add($"{And(group.Select(Title))} {(group.Count() == 1 ? "leaves" : "leave")} out {group.Key}: {instead}");
            }
        }

        return parts.Count == 0
            ? $"All run the same chain: {string.Join(", ", _chains[_full].Parts.Where(p => p.Stage != null).Select(p => p.Name))}."
            : string.Join("; ", parts) + ".";
    }

    private string SaySaves()
    {
        ulong? ticks = Ticks(_full);
        ulong? peak = _chains[_full].Peak;
        if (ticks == null && peak == null)
        {
            return "";
        }

        string ram = _chains[_full].MostTransient is { } transient and not 0 ? $", {Number(transient)} of them RAM that it gives back" : "";
        string whole = And(new[]
        {
            ticks == null ? "" : $"{Number(ticks.Value)} ticks{(_comparison.Logs[_full].CountsInstructions ? " (instructions)" : "")}",
            peak == null ? "" : $"{Number(peak.Value)} bytes of tables at the peak{ram}",
        }.Where(p => p.Length != 0));
        string others = string.Join("; ",
            _logs.Where(i => i != _full).Select(i => (Log: i, Words: Against(i, ticks, peak))).Where(x => x.Words.Length != 0)
                .Select(x => $"{Title(x.Log)} {x.Words}"));
        return others.Length == 0 ? "" : $"From map to heap {Title(_full)} takes {whole}; against that {others}.";
    }

    private string Against(int log, ulong? ticks, ulong? peak)
    {
        List<string> parts = [];
        if (ticks is { } full && Ticks(log) is { } own)
        {
            parts.Add(Difference(full, own, "ticks") + (full == 0 ? "" : $" ({Baseline.Times(own / (double)full)})"));
        }

        if (peak is { } most && _chains[log].Peak is { } ownPeak)
        {
            parts.Add(Difference(most, ownPeak, "bytes") + (most == 0 ? "" : $" ({Baseline.Times(ownPeak / (double)most)})"));
        }

        // "saves A and saves B" says it once.
        bool alike = parts.Count == 2 && parts[0].Split(' ')[0] == parts[1].Split(' ')[0];
        return alike ? $"{parts[0]} and {parts[1][(parts[1].IndexOf(' ') + 1)..]}" : And(parts);
    }

    private static string Difference(ulong full, ulong own, string unit) => own == full
        ? $"takes as many {unit}"
        : own < full ? $"saves {Number(full - own)} {unit}" : $"costs {Number(own - full)} {unit} more";

    private string SayMoved()
    {
        List<(ulong Pages, string Words)> places = [];
        IEnumerable<string> owners = _logs.SelectMany(i => _comparison.Logs[i].Accounts).Select(a => a["name"]!).Distinct();
        foreach (string owner in owners.Where(o => o != Image))
        {
            List<(string Title, string Place, ulong Pages)> own = [];
            foreach (int i in _logs)
            {
                Fact[] accounts = [.. _comparison.Logs[i].Accounts.Where(a => a["name"] == owner)];
                if (accounts.Length == 1 && accounts[0].Address("start") is { } start)
                {
                    own.Add((Title(i), start.ToString("x", CultureInfo.InvariantCulture), accounts[0].Number("pages") ?? 0));
                }
            }

            if (own.Select(o => o.Place).Distinct().Count() > 1)
            {
                places.Add((own.Max(o => o.Pages), $"{owner} lies at "
                    + string.Join(", ", own.GroupBy(o => o.Place).Select(g => $"{g.Key} in {And(g.Select(o => o.Title))}"))));
            }
        }

        List<string> parts = [.. places.OrderByDescending(p => p.Pages).Take(MostMoved).Select(p => p.Words)];
        if (places.Count > MostMoved)
        {
            parts.Add($"{places.Count - MostMoved} more lie elsewhere");
        }

        parts.AddRange(_logs.SelectMany(Passing).Take(MostMoved));
        return parts.Count == 0 ? "Every owner that all have lies in the same place." : "In memory, " + string.Join("; ", parts) + ".";
    }

    // What a stage of the chain held for a while.
    private IEnumerable<string> Passing(int log)
    {
        foreach (MemoryMove gone in _comparison.Logs[log].History.Moves.Where(m => !m.Taken && m.Owner != "BOOT INFO"))
        {
            yield return $"{gone.Owner} of {Title(log)} lies at {gone.Start:x}-{gone.End:x} until stage {gone.Stage} gives it back";
        }
    }

    private string SayImage()
    {
        (int Log, ulong Pages, ulong Free)[] known =
        [
            .. _logs.Select(i => (i, _comparison.Logs[i].PagesOf(Image) ?? 0, _comparison.Logs[i].Accounted?.Number("free_pages") ?? 0))
                .Where(x => x.Item2 != 0 && x.Item3 != 0),
        ];
        if (known.Length < 2 || known.Select(k => k.Pages).Distinct().Count() < 2)
        {
            return "";
        }

        string sizes = string.Join(", ",
            known.GroupBy(k => k.Pages).Select(g => $"{Number(g.Key)} pages in {And(g.Select(k => Title(k.Log)))}"));
        string rest = known.Select(k => k.Free + k.Pages).Distinct().Count() == 1
            ? "without that, all hand over as many pages"
            : "the rest of the difference in free pages has other reasons";
        return $"Not the chain's doing: the kernel image has {sizes}; {rest}.";
    }

    private ulong? Ticks(int log) => _comparison.Logs[log].TicksToHeap is { } ticks and not 0 ? ticks : null;

    private string Title(int log) => _comparison.Titles[log];

    private static string And(IEnumerable<string> words)
    {
        string[] all = [.. words];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }

    private static string Number(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
