using System;
using System.Collections.Generic;
using CosmosBootAlloc.Simulator.KernelLogs;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// Splits lines into boots: noise before and between, either line end, cut lines, lines with and without time stamps, a line that a reset
/// cut and the next boot goes on. What the shell's dmesg repeats counts once. Holds one boot at a time, and of that no more than <see
/// cref="MostLines"/> lines.
/// </summary>
/// <param name="name">The file, for messages.</param>
public sealed class BootLogReader(string name)
{
    /// <summary>Lines kept of one boot; a boot has some hundred.</summary>
    public const int MostLines = 20_000;

    private bool _inShell;
    private bool _repeating;
    private bool _repeatedBoot;
    private ulong? _first;

    /// <summary>What was read last: a boot, or the lines before any.</summary>
    public BootLog Current { get; private set; } = new(name, 0);

    /// <summary>
    /// Reads the boots of some lines. The first may be what stood before any boot line; then its <see cref="BootLog.Boots"/> is 0.
    /// </summary>
    public IEnumerable<BootLog> Read(IEnumerable<RawLine> lines)
    {
        foreach (RawLine raw in lines)
        {
            Current.LastLine = raw.Number;
            string clean = LogLine.Clean(raw.Text);
            int at = 0;
            bool stamped = PrintkLine.FindStamp(clean, 0, out int start, out int end, out ulong time);
            do
            {
                // A second stamp on a line begins another line: the first one never ended.
                ulong next = 0;
                int nextStart = -1;
                int nextEnd = 0;
                bool more = stamped && PrintkLine.FindStamp(clean, end, out nextStart, out nextEnd, out next);
                string text = PrintkLine.WithoutPrefix(clean[(stamped ? end : at)..(more ? nextStart : clean.Length)]);
                LogLine line = new(raw.Number, stamped ? time : null, text, more || !raw.Ended);
                if (Take(line) is { } finished)
                {
                    finished.LastLine = Math.Max(finished.FirstLine, raw.Number - 1);
                    LinuxFacts.AddTo(finished);
                    yield return finished;
                }

                stamped = more;
                (start, end, time) = (nextStart, nextEnd, next);
            }
            while (stamped);
        }

        LinuxFacts.AddTo(Current);
        yield return Current;
    }

    // Gives the boot before, when the line begins another.
    private BootLog? Take(LogLine line)
    {
        if (line.Text.StartsWith(BootLog.Prompt.AsSpan().TrimEnd(), StringComparison.Ordinal))
        {
            _inShell = true;
            _repeatedBoot = false;
            _repeating = line.Text.AsSpan(BootLog.Prompt.Length - 1).Trim().StartsWith("dmesg", StringComparison.Ordinal);
            return null;
        }

        BootLog? finished = null;
        Fact? fact = Fact.Parse(line);
        if (_repeating)
        {
            // dmesg repeats one boot line; another one is a reset in the middle of it.
            if (fact?.Kind != "boot" || !_repeatedBoot)
            {
                _repeatedBoot |= fact?.Kind == "boot";
                return null;
            }

            _repeating = false;
        }

        if (fact?.Kind == "boot" || (fact == null && LinuxVersion.Begins(line.Text)))
        {
            finished = Current;
            Current = new BootLog(name, Current.Boots + 1, line.Number);
            _inShell = false;
            _first = line.Microseconds;
        }

        if (fact != null)
        {
            Current.Add(fact);
        }

        if (_inShell || line.Text.Length == 0)
        {
            return finished;
        }

        if (_first is { } start && line.Microseconds is { } now && now >= start)
        {
            Current.Microseconds = now - start;
        }

        Current.Add(line, isFact: fact != null);
        return finished;
    }
}
