using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// One boot, as recorded in its log. Made by <see cref="BootLogReader"/>; a file with several boots is a <see cref="BootCapture"/>.
/// </summary>
public sealed class BootLog
{
    /// <summary>The prompt of the kernel's shell.</summary>
    public const string Prompt = "bootalloc> ";

    /// <summary>In the boot line of a log that was not captured: what it was copied from.</summary>
    public const string CopyKey = "copied_from";

    private readonly List<LogLine> _lines = [];
    private readonly List<LogLine> _messages = [];
    private readonly List<Fact> _facts = [];
    private MemoryHistory? _history;
    private KernelLines? _kernel;

    internal BootLog(string name, int boots, int line = 1)
    {
        Name = name;
        Boots = boots;
        FirstLine = line;
        LastLine = line;
    }

    /// <summary>The file, for messages.</summary>
    public string Name { get; }

    /// <summary>Which boot of the file it is, from 1; 0 when its first line is missing, or when it is not a boot at all.</summary>
    public int Boots { get; }

    /// <summary>Its first line in the file.</summary>
    public int FirstLine { get; }

    /// <summary>Its last line in the file.</summary>
    public int LastLine { get; internal set; }

    /// <summary>Lines that were dropped because there were more than any boot has.</summary>
    public int LinesDropped { get; private set; }

    /// <summary>Every line from the boot line to the shell's first prompt.</summary>
    public IReadOnlyList<LogLine> Lines => _lines;

    /// <summary>The lines for people, from the boot line to the shell's first prompt.</summary>
    public IReadOnlyList<LogLine> Messages => _messages;

    /// <summary>Every line for programs, in order, including those from the shell.</summary>
    public IReadOnlyList<Fact> Facts => _facts;

    /// <summary>The early reservations as last listed before the shell.</summary>
    public IReadOnlyList<Reservation> Reservations => Kernel.Reservations;

    /// <summary>Time from the first to the last stamped line before the shell, in microseconds; null without stamps.</summary>
    public ulong? Microseconds { get; internal set; }

    /// <summary>The boot line.</summary>
    public Fact? Boot => First("boot");

    /// <summary>The stages in the order in which they ran.</summary>
    public IEnumerable<Fact> Stages => Named("stage");

    /// <summary>The pages that are not free, by name.</summary>
    public IEnumerable<Fact> Accounts => Named("account");

    /// <summary>The sum over the accounts.</summary>
    public Fact? Accounted => First("accounted");

    /// <summary>Free blocks by order, one fact per zone.</summary>
    public IEnumerable<Fact> Blocks => _facts.Where(f => f.Kind == "blocks" && f["zone"] != null);

    /// <summary>Self-tests, in order.</summary>
    public IEnumerable<Fact> SelfTests => _facts.Where(f => f.Kind == "selftest");

    /// <summary>Benchmarks, in order.</summary>
    public IEnumerable<Fact> Benches => Named("bench");

    /// <summary>The line that ends the boot.</summary>
    public Fact? Done => First("done");

    /// <summary>The panic, if there was one.</summary>
    public Fact? Panic => First("panic");

    /// <summary>The boot reached its end, good or bad.</summary>
    public bool Ended => Done != null || Panic != null || (IsLinux && Kernel.Memory != null);

    /// <summary>The variant's name, or the file's where the log has none.</summary>
    public string Variant => Boot?["variant"] ?? Path.GetFileNameWithoutExtension(Name);

    /// <summary>Cosmos's own heap, the baseline: it is observed from outside, so it has fewer facts.</summary>
    public bool IsStock => Boot?["variant"] == "stock";

    /// <summary>
    /// Copied from the screen, from the kernel's summary: it has the figures of the log, and of its messages only the line about the CPU.
    /// </summary>
    public bool IsSummary => Boot?[CopyKey] != null;

    /// <summary>A boot of Linux: its facts are worked out from its lines, by <see cref="LinuxFacts"/>.</summary>
    public bool IsLinux { get; internal set; }

    /// <summary>What its lines for people say about memory.</summary>
    public KernelLines Kernel => _kernel ??= new KernelLines(_messages.Select(m => new KernelLine(m.Number, m.Text, m.Cut)));

    /// <summary>The kernel's line about the CPU, without its first word; null when there is none.</summary>
    public string? Cpu => _messages.FirstOrDefault(m => m.Text.StartsWith("CPU: ", StringComparison.Ordinal))?.Text[5..];

    /// <summary>Ticks of all stages together, from the map to the heap; null when a stage does not report its own.</summary>
    public ulong? TicksToHeap
    {
        get
        {
            ulong? sum = null;
            foreach (Fact stage in Stages)
            {
                if (stage.Number("ticks") is not { } ticks)
                {
                    return null;
                }

                sum = (sum ?? 0) + ticks;
            }

            return sum;
        }
    }

    /// <summary>
    /// Ticks are instructions: QEMU's clock under -icount shift=0 gives each one nanosecond, so the kernel measures 1000 MHz to the
    /// megahertz, which no other clock does but by chance. A simulation has no clock and reports 0.
    /// </summary>
    public bool CountsInstructions
        => Boot?["toolchain"] == "host"
            || (Cpu is { } cpu && cpu.Contains("QEMU", StringComparison.Ordinal) && cpu.Contains(" 1000 MHz", StringComparison.Ordinal));

    /// <summary>Who held what after each stage.</summary>
    public MemoryHistory History => _history ??= new MemoryHistory(this);

    /// <summary>The stage of that name, or null.</summary>
    public Fact? Stage(string name) => Stages.LastOrDefault(s => s["name"] == name);

    /// <summary>Pages that an owner keeps at the end; null when the log does not name it.</summary>
    public ulong? PagesOf(string owner)
    {
        ulong? sum = null;
        foreach (Fact account in Accounts.Where(a => a["name"] == owner))
        {
            sum = (sum ?? 0) + (account.Number("pages") ?? 0);
        }

        return sum;
    }

    /// <summary>Reads a file: the boot that a comparison takes.</summary>
    /// <exception cref="BadInputException">It cannot be read, or holds no boot log.</exception>
    public static BootLog Load(string file) => BootCapture.Load(file).Chosen;

    /// <summary>Reads a text: its last boot. Never fails: a text without a boot gives a log with <see cref="Boots"/> 0.</summary>
    public static BootLog Parse(string name, string text)
    {
        BootLogReader reader = new(name);
        foreach (BootLog _ in reader.Read(LineSource.Read(text)))
        {
            // Only the last boot counts.
        }

        return reader.Current;
    }

    internal void Add(Fact fact)
    {
        if (_facts.Count < BootLogReader.MostLines)
        {
            _facts.Add(fact);
        }
        else
        {
            LinesDropped++;
        }
    }

    internal void Add(LogLine line, bool isFact)
    {
        if (_lines.Count == BootLogReader.MostLines)
        {
            LinesDropped++;
            return;
        }

        _lines.Add(line);
        if (!isFact)
        {
            _messages.Add(line);
        }
    }

    private Fact? First(string kind) => _facts.FirstOrDefault(f => f.Kind == kind);

    private IEnumerable<Fact> Named(string kind) => _facts.Where(f => f.Kind == kind && f["name"] != null);
}
