using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>A summary of a boot in a capture.</summary>
/// <param name="Number">From 1; 0 for one whose beginning is missing.</param>
/// <param name="FirstLine">Its first line in the file.</param>
/// <param name="LastLine">Its last line.</param>
/// <param name="Variant">Its variant.</param>
/// <param name="Ended">It reached its end, good or bad.</param>
/// <param name="Problems">What is wrong with it; empty for a good boot.</param>
public sealed record BootSummary(int Number, int FirstLine, int LastLine, string Variant, bool Ended, IReadOnlyList<string> Problems);

/// <summary>
/// A file with boots: what a serial line delivered in an hour or a year. Every boot is checked. One is compared: the last that came to
/// its end, good or bad, or the last of all when none did. Read in one go with bounded memory: of the others only a summary is kept.
/// </summary>
public sealed class BootCapture
{
    /// <summary>Bad boots of which the problems are kept; more are counted.</summary>
    public const int MostBadBoots = 100;

    /// <summary>Most bytes of a file.</summary>
    public const long MostBytes = 4L << 30;

    /// <summary>Most boots of one file that can be compared with each other.</summary>
    public const int MostKept = 32;

    // A file in which a summary is looked for has no more lines.
    private const int MostSummaryLines = 1000;

    private readonly List<BootSummary> _bad = [];

    private BootCapture(string name)
    {
        Name = name;
        Chosen = new BootLog(name, 0);
    }

    /// <summary>The file.</summary>
    public string Name { get; }

    /// <summary>Lines of the file.</summary>
    public int Lines { get; private set; }

    /// <summary>Boots in the file.</summary>
    public int Boots { get; private set; }

    /// <summary>Boots that were not good.</summary>
    public int BadBoots { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<BootSummary> Bad => _bad;

    /// <summary>The boot that is compared.</summary>
    public BootLog Chosen { get; private set; }

    /// <summary>
    /// Every boot that came to its end, at most <see cref="MostKept"/>, when they were asked for; else just <see cref="Chosen"/>.
    /// </summary>
    public IReadOnlyList<BootLog> Kept { get; private set; } = [];

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="each">Keep every boot, not just the one.</param>
    /// <exception cref="BadInputException">It cannot be read, or holds no boot, or more than can be kept.</exception>
    public static BootCapture Load(string file, bool each = false)
    {
        using Stream stream = InputFile.Open(file, MostBytes);
        return Read(file, LineSource.Read(stream), each);
    }

    /// <summary>Reads lines.</summary>
    /// <exception cref="BadInputException">There is no boot in them, or more than can be kept.</exception>
    public static BootCapture Read(string name, IEnumerable<RawLine> lines, bool each = false)
    {
        BootCapture capture = new(name);
        List<BootLog> kept = [];
        List<RawLine> beginning = [];
        BootLogReader reader = new(name);
        string? first = null;
        int? badRow = null;
        foreach (BootLog boot in reader.Read(Counted()))
        {
            if (!IsBoot(boot))
            {
                badRow ??= boot.Kernel.BadRow;
                continue;
            }

            capture.Take(boot);
            if (each && boot.Ended)
            {
                kept.Add(boot);
                if (kept.Count > MostKept)
                {
                    throw new BadInputException($"{name}:{boot.FirstLine}: expected at most {MostKept} boots to compare with each other, "
                        + $"found one more; compare the last one without --each-boot");
                }
            }
        }

        if (capture.Boots == 0 && SummaryText.Read(name, beginning) is { } summary)
        {
            return Read(name, summary, each);
        }

        if (capture.Boots == 0 && badRow != null)
        {
            throw new BadInputException($"{name}:{badRow}: expected a boot log, found a row of a memory map that is cut or cannot be read");
        }

        if (capture.Boots == 0)
        {
            string found = first == null
                ? "the file is empty"
                : $"found none in {capture.Lines} lines; this line is \"{(first.Length <= 60 ? first : first[..60] + "...")}\"";
            throw new BadInputException($"{name}:1: expected a boot log (a line 'bootalloc: boot variant=...'), {found}");
        }

        capture.Kept = kept.Count != 0 ? kept : [capture.Chosen];
        return capture;

        IEnumerable<RawLine> Counted()
        {
            foreach (RawLine line in lines)
            {
                capture.Lines = line.Number;
                if (beginning.Count < MostSummaryLines)
                {
                    beginning.Add(line);
                }

                first ??= string.Concat(LogLine.Clean(line.Text).Where(c => !char.IsControl(c)));
                yield return line;
            }
        }
    }

    // What stands before the first boot line is a boot too when the capture began in the middle of one, or the kernel refused the CPU.
    private static bool IsBoot(BootLog boot)
        => boot.Boots != 0 || boot.IsLinux || boot.Stages.Any() || boot.Panic != null || BootLogChecks.CpuTooOld(boot);

    private void Take(BootLog boot)
    {
        Boots++;
        if (boot.Ended || !Chosen.Ended)
        {
            Chosen = boot;
        }

        IReadOnlyList<string> problems = BootLogChecks.CheckOne(boot);
        if (problems.Count != 0 && BadBoots++ < MostBadBoots)
        {
            _bad.Add(new BootSummary(boot.Boots, boot.FirstLine, boot.LastLine, boot.Variant, boot.Ended, problems));
        }
    }
}
