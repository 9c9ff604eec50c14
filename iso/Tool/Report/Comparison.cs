using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>One fact in every log; null where a log has none.</summary>
/// <param name="Section">What it belongs to, as "boot" or "stage buddy".</param>
/// <param name="Name">The fact.</param>
/// <param name="Values">One for each log, in their order.</param>
/// <param name="Differs">The logs do not all say the same; one that was copied from a summary may say nothing.</param>
public sealed record ComparisonRow(string Section, string Name, IReadOnlyList<string?> Values, bool Differs)
{
    private const string Nothing = "-";

    /// <summary>A log's value for people: long numbers in groups, ticks with their ratio to the first log's.</summary>
    public string Show(int log)
    {
        string? value = Values[log];
        if (value == null)
        {
            return Nothing;
        }

        if (!ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            return value.Length == 0 ? "\"\"" : value;
        }

        string text = number.ToString("#,0", CultureInfo.InvariantCulture);
        bool time = Name.Contains("ticks", StringComparison.Ordinal) || Section == "bench";
        return time && log > 0 && ulong.TryParse(Values[0], out ulong first) && first != 0
            ? $"{text} ({Baseline.Times(number / (double)first)})"
            : text;
    }
}

/// <summary>Boot logs side by side: their facts row by row, and the messages that not all of them have.</summary>
public sealed class Comparison
{
    private readonly List<ComparisonRow> _rows = [];
    private readonly List<string> _stageNames = [];

    /// <summary>Compares.</summary>
    public Comparison(IReadOnlyList<BootLog> logs)
    {
        Logs = logs;
        HasLinux = logs.Any(l => l.IsLinux);
        AddBoot();
        if (HasLinux)
        {
            KernelRows.AddMap(logs, Add);
        }

        AddStages();
        if (HasLinux)
        {
            KernelRows.AddHandOver(logs, Add);
        }

        AddReservations();
        AddAccounts();
        AddBlocks();
        AddCosts();
        AddResults();
    }

    /// <summary>The logs, in the order of the columns.</summary>
    public IReadOnlyList<BootLog> Logs { get; }

    /// <summary>One of them is a log of Linux.</summary>
    public bool HasLinux { get; }

    /// <summary>The rows, those of one section together.</summary>
    public IReadOnlyList<ComparisonRow> Rows => _rows;

    /// <summary>
    /// Column titles: the variant; where one occurs twice with its toolchain if that tells them apart, else with its number.
    /// </summary>
    public IReadOnlyList<string> Titles => [.. Logs.Select(Title)];

    /// <summary>Messages that every log has, each once; a summary is not asked.</summary>
    public int CommonMessages
    {
        get
        {
            List<BootLog> whole = [.. Logs.Where(l => !l.IsSummary)];
            HashSet<string> common = whole.Count == 0 ? [] : [.. whole[0].Messages.Select(m => m.Text)];
            foreach (BootLog log in whole.Skip(1))
            {
                common.IntersectWith(log.Messages.Select(m => m.Text));
            }

            return common.Count;
        }
    }

    /// <summary>
    /// The stages of all logs: in the order of the first log that has them; a later log's own stage comes after the one before it there.
    /// </summary>
    public IReadOnlyList<string> StageNames => _stageNames;

    /// <summary>Messages of one log that at least one other log does not have, each once, in its order.</summary>
    public IReadOnlyList<LogLine> Own(int log)
    {
        if (Logs[log].IsSummary)
        {
            return [];
        }

        List<HashSet<string>> others =
            [.. Logs.Where((l, i) => i != log && !l.IsSummary).Select(l => l.Messages.Select(m => m.Text).ToHashSet())];
        HashSet<string> seen = [];
        return [.. Logs[log].Messages.Where(m => others.Exists(o => !o.Contains(m.Text)) && seen.Add(m.Text))];
    }

    private string Title(BootLog log, int index)
    {
        BootLog[] same = [.. Logs.Where(l => l.Variant == log.Variant)];
        return same.Length == 1 ? log.Variant
            : log.Boot?["toolchain"] is { } toolchain && same.Select(l => l.Boot?["toolchain"]).Distinct().Count() == same.Length
                ? $"{log.Variant}, {toolchain}"
            : log.Boot?["version"] is { } version && same.Select(l => l.Boot?["version"]).Distinct().Count() == same.Length
                ? $"{log.Variant} {version}"
            : $"{log.Variant} ({index + 1})";
    }

    private void Add(string section, string name, Func<BootLog, string?> value)
    {
        string?[] values = [.. Logs.Select(value)];
        if (values.Any(v => v != null))
        {
            IEnumerable<string?> said = values.Where((v, i) => v != null || !Logs[i].IsSummary);
            _rows.Add(new ComparisonRow(section, name, values, said.Distinct().Count() > 1));
        }
    }

    private void AddBoot()
    {
        Add("boot", "cpu", log => log.Cpu);
        foreach (string key in Keys(Logs.Select(l => l.Boot)).Where(k => k != "variant"))
        {
            Add("boot", key, log => log.Boot?[key]);
        }
    }

    private void AddStages()
    {
        foreach (BootLog log in Logs)
        {
            int at = 0;
            foreach (string name in log.Stages.Select(s => s["name"]!))
            {
                while (at < _stageNames.Count && log.Stage(_stageNames[at]) == null)
                {
                    at++;
                }

                int there = _stageNames.IndexOf(name);
                if (there < 0)
                {
                    _stageNames.Insert(at, name);
                    there = at;
                }

                at = there + 1;
            }
        }

        foreach (string name in _stageNames)
        {
            string section = "stage " + name;
            foreach (string key in Keys(Logs.Select(l => l.Stage(name))).Where(k => k != "name"))
            {
                Add(section, key, log => log.Stage(name)?[key]);
            }

            // What each owner holds at its end, and what it took or gave back in it.
            foreach (
                string owner in Logs.Select(l => Moment(l, name)).OfType<MemoryMoment>().SelectMany(m => m.Owners).Select(o => o.Key)
                    .Distinct())
            {
                Add(section, $"{owner}: pages", log => Moment(log, name) is { } moment ? Text(moment.PagesOf(owner)) : null);
            }

            Add(section, "nobody's: pages", log => Moment(log, name) is { } moment ? Text(moment.FreePages) : null);
            foreach (
                (string owner, bool taken) in Logs.SelectMany(l => l.History.Moves).Where(m => m.Stage == name)
                    .Select(m => (m.Owner, m.Taken)).Distinct())
            {
                Add(section, $"{owner}: {(taken ? "taken" : "given back")}",
                    log => Ranges(
                    [.. log.History.Moves.Where(m => m.Stage == name && m.Owner == owner && m.Taken == taken)
                        .Select(m => (m.Start, m.End))]));
            }
        }
    }

    private static MemoryMoment? Moment(BootLog log, string stage) => log.History.Moments.FirstOrDefault(m => m.Stage == stage);

    private static string Text(ulong number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? Ranges((ulong Start, ulong End)[] own) => own.Length switch
    {
        0 => null,
        1 => $"{own[0].Start:x}-{own[0].End:x}",
        _ => $"{own.Length} ranges",
    };

    private void AddReservations()
    {
        foreach (string name in Logs.SelectMany(l => l.Reservations).Select(r => r.Name).Distinct())
        {
            Add("reservation", name, log => Ranges([.. log.Reservations.Where(r => r.Name == name).Select(r => (r.Start, r.End))]));
        }
    }

    private void AddAccounts()
    {
        foreach (string name in Logs.SelectMany(l => l.Accounts).Select(a => a["name"]!).Distinct())
        {
            Add("pages", name, log => log.PagesOf(name) is { } pages ? Text(pages) : null);
            Add("pages", name + ": where",
                log => Ranges([.. log.Accounts.Where(a => a["name"] == name && a.Address("start") != null && a.Address("end") != null)
                .Select(a => (a.Address("start")!.Value, a.Address("end")!.Value))]));
        }

        foreach (string key in Keys(Logs.Select(l => l.Accounted)))
        {
            Add("pages in all", key, log => log.Accounted?[key]);
        }
    }

    private void AddBlocks()
    {
        foreach (string zone in Logs.SelectMany(l => l.Blocks).Select(b => b["zone"]!).Distinct())
        {
            foreach (string key in Keys(Logs.Select(l => Zone(l, zone))).Where(k => k != "zone"))
            {
                Add("free blocks", $"{zone} {key}", log => Zone(log, zone)?[key]);
            }
        }

        static Fact? Zone(BootLog log, string zone) => log.Blocks.LastOrDefault(b => b["zone"] == zone);
    }

    private void AddCosts()
    {
        foreach (Cost cost in Cost.All)
        {
            Add("cost", cost.Name, log => cost.Of(log)?.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private void AddResults()
    {
        foreach (string key in Keys(Logs.Select(l => l.SelfTests.LastOrDefault())))
        {
            Add("self-test", key, log => log.SelfTests.LastOrDefault()?[key]);
        }

        foreach (string name in Logs.SelectMany(l => l.Benches).Select(b => b["name"]!).Distinct())
        {
            Add("bench", name, log => log.Benches.LastOrDefault(b => b["name"] == name) is { } bench ? BenchResult.Of(bench)?.Text : null);
        }

        foreach (string key in Keys(Logs.Select(l => l.Done)))
        {
            Add("done", key, log => log.Done?[key]);
        }

        Add("panic", "message", log => log.Panic?["message"]);
    }

    private static IEnumerable<string> Keys(IEnumerable<Fact?> facts)
        => facts.OfType<Fact>().SelectMany(f => f.Fields).Select(f => f.Key).Distinct();
}
