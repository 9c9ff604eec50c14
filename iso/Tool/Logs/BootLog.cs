using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// A boot log, read tolerantly: noise before the boot, either line end, cut lines, lines with and without time stamps. When
/// a log holds several boots (the machine was reset), the last one counts. What the shell's dmesg repeats counts once.
/// </summary>
public sealed class BootLog
{
    /// <summary>What the kernel's shell prints before it reads a line.</summary>
    public const string Prompt = "bootalloc> ";

    private readonly List<LogLine> _messages = [];
    private readonly List<Fact> _facts = [];
    private readonly List<Reservation> _reservations = [];

    private BootLog(string name)
    {
        Name = name;
    }

    /// <summary>The file, for messages.</summary>
    public string Name { get; }

    /// <summary>How many boots the log holds.</summary>
    public int Boots { get; private set; }

    /// <summary>The lines that people read, from the boot line to the shell's first prompt.</summary>
    public IReadOnlyList<LogLine> Messages => _messages;

    /// <summary>Every line for programs, in order.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The early reservations as last listed before the shell.</summary>
    public IReadOnlyList<Reservation> Reservations => _reservations;

    /// <summary>Time from the first to the last stamped line before the shell, in microseconds; null without stamps.</summary>
    public ulong? Microseconds { get; private set; }

    /// <summary>The boot line.</summary>
    public Fact? Boot => First("boot");

    /// <summary>The stages in the order in which they ran.</summary>
    public IEnumerable<Fact> Stages => _facts.Where(f => f.Kind == "stage" && f["name"] != null);

    /// <summary>Pages by name that are not free.</summary>
    public IEnumerable<Fact> Accounts => _facts.Where(f => f.Kind == "account" && f["name"] != null);

    /// <summary>The sum over the accounts.</summary>
    public Fact? Accounted => First("accounted");

    /// <summary>Self-tests, in order.</summary>
    public IEnumerable<Fact> SelfTests => _facts.Where(f => f.Kind == "selftest");

    /// <summary>Benchmarks, in order.</summary>
    public IEnumerable<Fact> Benches => _facts.Where(f => f.Kind == "bench" && f["name"] != null);

    /// <summary>The line that ends the boot.</summary>
    public Fact? Done => First("done");

    /// <summary>The panic, if there was one.</summary>
    public Fact? Panic => First("panic");

    /// <summary>The variant's name, or the file's where the log has none.</summary>
    public string Variant => Boot?["variant"] ?? Path.GetFileNameWithoutExtension(Name);

    /// <summary>The stage of that name, or null.</summary>
    public Fact? Stage(string name) => Stages.LastOrDefault(s => s["name"] == name);

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">It cannot be read, or holds no boot log.</exception>
    public static BootLog Load(string file)
    {
        BootLog log;
        try
        {
            log = Parse(file, File.ReadAllText(file, Encoding.Latin1));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read: {error.Message}");
        }

        return log.Boots != 0
            ? log
            : throw new BadInputException($"{file}: expected a boot log with a line 'bootalloc: boot ...', found none");
    }

    /// <summary>Reads a text. Never fails: a text without a boot gives a log with <see cref="Boots"/> 0.</summary>
    public static BootLog Parse(string name, string text)
    {
        BootLog log = new(name);
        bool inShell = false;
        bool repeating = false;
        ulong? first = null;
        bool listing = false;
        int number = 0;
        foreach (string raw in text.Split('\n'))
        {
            LogLine line = LogLine.Parse(++number, raw);
            if (line.Text.StartsWith(Prompt.TrimEnd(), StringComparison.Ordinal))
            {
                inShell = true;
                repeating = line.Text[(Prompt.Length - 1)..].Trim().StartsWith("dmesg", StringComparison.Ordinal);
                continue;
            }

            if (repeating)
            {
                continue;
            }

            Fact? fact = Fact.Parse(line);
            if (fact?.Kind == "boot")
            {
                log.Restart();
                inShell = false;
                listing = false;
                first = line.Microseconds;
            }

            if (fact != null)
            {
                log._facts.Add(fact);
            }

            if (inShell || line.Text.Length == 0)
            {
                continue;
            }

            if (first is { } start && line.Microseconds is { } now && now >= start)
            {
                log.Microseconds = now - start;
            }

            if (fact == null)
            {
                log._messages.Add(line);
                log.TakeReservation(line, ref listing);
            }
        }

        return log;
    }

    private Fact? First(string kind) => _facts.FirstOrDefault(f => f.Kind == kind);

    private void Restart()
    {
        Boots++;
        _messages.Clear();
        _facts.Clear();
        _reservations.Clear();
        Microseconds = null;
    }

    // A new list replaces the one before it.
    private void TakeReservation(LogLine line, ref bool listing)
    {
        Reservation? reservation = Reservation.Parse(line);
        if (reservation == null)
        {
            listing = false;
            return;
        }

        if (!listing)
        {
            _reservations.Clear();
        }

        listing = true;
        _reservations.Add(reservation);
    }
}
