using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>One fact in every log; null where a log has none.</summary>
/// <param name="Section">What it belongs to, as "boot" or "stage buddy".</param>
/// <param name="Name">The fact.</param>
/// <param name="Values">One for each log, in their order.</param>
public sealed record ComparisonRow(string Section, string Name, IReadOnlyList<string?> Values)
{
    /// <summary>Whether the logs do not all say the same.</summary>
    public bool Differs => Values.Any(v => v != Values[0]);
}

/// <summary>Boot logs side by side: their facts row by row, and the messages that not all of them have.</summary>
public sealed class Comparison
{
    private readonly List<ComparisonRow> _rows = [];

    /// <summary>Compares.</summary>
    public Comparison(IReadOnlyList<BootLog> logs)
    {
        Logs = logs;
        AddBoot();
        AddStages();
        AddReservations();
        AddAccounts();
        AddResults();
    }

    /// <summary>The logs, in the order of the columns.</summary>
    public IReadOnlyList<BootLog> Logs { get; }

    /// <summary>The rows, those of one section together.</summary>
    public IReadOnlyList<ComparisonRow> Rows => _rows;

    /// <summary>Column titles: the variant, with its number where one occurs twice.</summary>
    public IReadOnlyList<string> Titles => [.. Logs.Select((log, i) => Logs.Count(l => l.Variant == log.Variant) == 1 ? log.Variant : $"{log.Variant} ({i + 1})")];

    /// <summary>Messages of one log that at least one other log does not have, each once, in its order.</summary>
    public IReadOnlyList<LogLine> Own(int log)
    {
        List<HashSet<string>> others = [.. Logs.Where((_, i) => i != log).Select(l => l.Messages.Select(m => m.Text).ToHashSet())];
        HashSet<string> seen = [];
        return [.. Logs[log].Messages.Where(m => others.Exists(o => !o.Contains(m.Text)) && seen.Add(m.Text))];
    }

    private void Add(string section, string name, Func<BootLog, string?> value)
    {
        string?[] values = [.. Logs.Select(value)];
        if (values.Any(v => v != null))
        {
            _rows.Add(new ComparisonRow(section, name, values));
        }
    }

    private void AddBoot()
    {
        foreach (string key in Keys(Logs.Select(l => l.Boot)).Where(k => k != "variant"))
        {
            Add("boot", key, log => log.Boot?[key]);
        }
    }

    private void AddStages()
    {
        // The stages in the order of the first log that has them; a later log's own stage comes after the one before it there.
        List<string> names = [];
        foreach (BootLog log in Logs)
        {
            int at = 0;
            foreach (string name in log.Stages.Select(s => s["name"]!))
            {
                int there = names.IndexOf(name);
                if (there < 0)
                {
                    names.Insert(at, name);
                    there = at;
                }

                at = there + 1;
            }
        }

        foreach (string name in names)
        {
            foreach (string key in Keys(Logs.Select(l => l.Stage(name))).Where(k => k != "name"))
            {
                Add("stage " + name, key, log => log.Stage(name)?[key]);
            }
        }
    }

    private void AddReservations()
    {
        foreach (string name in Logs.SelectMany(l => l.Reservations).Select(r => r.Name).Distinct())
        {
            Add("reservation", name, log =>
            {
                Reservation[] own = [.. log.Reservations.Where(r => r.Name == name)];
                return own.Length switch
                {
                    0 => null,
                    1 => $"{own[0].Start:x}-{own[0].End:x}",
                    _ => $"{own.Length} ranges",
                };
            });
        }
    }

    private void AddAccounts()
    {
        foreach (string name in Logs.SelectMany(l => l.Accounts).Select(a => a["name"]!).Distinct())
        {
            Add("pages", name, log => Sum(log.Accounts.Where(a => a["name"] == name)));
        }

        foreach (string key in Keys(Logs.Select(l => l.Accounted)))
        {
            Add("pages in all", key, log => log.Accounted?[key]);
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
            Add("bench", name, log => log.Benches.LastOrDefault(b => b["name"] == name)?["ticks_per_op"]);
        }

        foreach (string key in Keys(Logs.Select(l => l.Done)))
        {
            Add("done", key, log => log.Done?[key]);
        }

        Add("panic", "message", log => log.Panic?["message"]);
    }

    private static string? Sum(IEnumerable<Fact> accounts)
    {
        ulong? sum = null;
        foreach (Fact account in accounts)
        {
            sum = (sum ?? 0) + (account.Number("pages") ?? 0);
        }

        return sum?.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Keys(IEnumerable<Fact?> facts)
        => facts.OfType<Fact>().SelectMany(f => f.Fields).Select(f => f.Key).Distinct();
}
