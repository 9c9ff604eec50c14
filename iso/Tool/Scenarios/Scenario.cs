using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using CosmosBootAlloc.Tool.Emulators;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>
/// A piece of history to watch: a machine, what Linux did on it, and what is expected of each variant here. A file of <c>key: value</c>
/// lines; docs/scenarios.md lists the keys.
/// </summary>
public sealed class Scenario
{
    /// <summary>The extension of scenario files.</summary>
    public const string Extension = ".scenario";

    private readonly List<Expectation> _expectations = [];
    private readonly List<string> _linux = [];
    private readonly List<string> _here = [];
    private readonly List<string> _show = [];
    private readonly List<(ulong Start, ulong End)> _modules = [];
    private readonly List<string> _map = [];
    private readonly List<LogExcerpt> _logs = [];
    private int _mapLine;
    private (ulong Start, ulong End)? _kernel;
    private int? _lowMemory;
    private int? _ebda;
    private FirmwareMpTable? _mpTable;

    private Scenario(string name)
    {
        Name = name;
    }

    /// <summary>The file's name without its extension.</summary>
    public string Name { get; }

    /// <summary>A title of one line.</summary>
    public string Title { get; private set; } = "";

    /// <summary>What Linux did.</summary>
    public string Linux => string.Join(' ', _linux);

    /// <summary>What happens here.</summary>
    public string Here => string.Join(' ', _here);

    /// <summary>The source for what Linux did.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Lines of real Linux logs that show it.</summary>
    public IReadOnlyList<LogExcerpt> Logs => _logs;

    /// <summary>Log lines that contain one of these texts are shown.</summary>
    public IReadOnlyList<string> Show => _show;

    /// <summary>What is expected.</summary>
    public IReadOnlyList<Expectation> Expectations => _expectations;

    /// <summary>Kernel options of the simulation.</summary>
    public string Options { get; private set; } = "";

    /// <summary>The machine of a real boot; null when no machine can show it.</summary>
    public NamedMachine? Boot { get; private set; }

    /// <summary>What a boot can show, and what it cannot.</summary>
    public string BootNote { get; private set; } = "";

    /// <summary>The map of the simulation.</summary>
    public FirmwareMap Map()
    {
        using StringReader text = new(string.Join('\n', _map));
        return FirmwareMap.Read($"{Name}{Extension} (map at line {_mapLine})", text);
    }

    /// <summary>What the simulation starts from.</summary>
    public SimulationOptions Simulation() => new()
    {
        Kernel = _kernel ?? new SimulationOptions().Kernel,
        Modules = _modules,
        CommandLine = Options,
        LowMemoryKilobytes = _lowMemory,
        EbdaSegment = _ebda,
        MpTable = _mpTable,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">It cannot be read, or a line is wrong.</exception>
    public static Scenario Load(string file)
    {
        return Read(file, InputFile.Table(file));
    }

    /// <summary>Reads the lines of a file.</summary>
    /// <exception cref="BadInputException">A line is wrong, or something is missing.</exception>
    public static Scenario Read(string file, IReadOnlyList<string> lines)
    {
        Scenario scenario = new(Path.GetFileNameWithoutExtension(file));
        string block = "";
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].TrimEnd();
            string place = $"{file}:{i + 1}";
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            // Indented lines belong to the map or the log above them.
            if (block == "map" && char.IsWhiteSpace(line[0]))
            {
                scenario._map.Add(line.Trim());
                continue;
            }

            if (block == "log" && char.IsWhiteSpace(line[0]))
            {
                scenario._logs[^1] = scenario._logs[^1].With(place, line);
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || char.IsWhiteSpace(line[0]))
            {
                throw new BadInputException($"{place}: expected 'key: value', found '{PastedText.Quote(line.Trim())}'");
            }

            block = line[..colon];
            if (block == "map")
            {
                scenario._mapLine = i + 1;
            }

            scenario.Take(place, block, line[(colon + 1)..].Trim());
        }

        scenario.CheckComplete($"{file}:{lines.Count}");
        return scenario;
    }

    private void CheckComplete(string last)
    {
        if (Title.Length == 0 || _linux.Count == 0 || Source.Length == 0 || _map.Count == 0 || _expectations.Count == 0)
        {
            throw new BadInputException($"{last}: expected at least the keys title, linux, source, map and expect");
        }

        if (Boot == null && BootNote.Length == 0)
        {
            throw new BadInputException(
                $"{last}: expected 'boot: EMULATOR MEMORY CPU MACHINE AS OPTIONS', or 'boot: none' with a boot-note that says why");
        }

        if (_logs.Find(l => l.Lines.Count == 0) is { } empty)
        {
            throw new BadInputException($"{last}: expected lines 'NUMBER: TEXT', indented, below 'log: {PastedText.Quote(empty.File)}'");
        }

        if (_logs.Count == 0 && _expectations.Exists(e => e.Runs == ScenarioRuns.LinuxMachine))
        {
            throw new BadInputException($"{last}: expected 'log: FILE' for the key log-expect");
        }

        Map();
    }

    // One case per key; keys that may appear several times add to a list or a text.
    private void Take(string place, string key, string value)
    {
        switch (key)
        {
            case "title":
                Title = value;
                break;
            case "linux":
                _linux.Add(value);
                break;
            case "here":
                _here.Add(value);
                break;
            case "source":
                Source = value;
                break;
            case "show":
                _show.Add(value);
                break;
            case "map" when value.Length == 0:
                break;
            case "log" when value.Length != 0:
                _logs.Add(new LogExcerpt(value, []));
                break;
            case "options":
                Options = Options.Length == 0 ? value : $"{Options} {value}";
                break;
            case "kernel":
                _kernel = Range(place, value);
                break;
            case "module":
                _modules.Add(Range(place, value));
                break;
            case "low-memory-kb":
                _lowMemory = (int)Number(place, value, 0xffff);
                break;
            case "ebda-segment":
                _ebda = (int)Number(place, value, 0xffff);
                break;
            case "mp-table":
                string[] fields = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                _mpTable = fields.Length == 3
                    ? new FirmwareMpTable(
                        Number(place, fields[0], uint.MaxValue), Number(place, fields[1], uint.MaxValue),
                            (int)Number(place, fields[2], 0xffff))
                    : throw new BadInputException($"{place}: expected 'mp-table: POINTER CONFIGURATION BYTES', "
                        + $"found '{PastedText.Quote(value)}'");
                break;
            case "boot" when value == "none":
                break;
            case "boot":
                Boot = NamedMachine.Parse(place, $"{Name} {value}");
                break;
            case "boot-note":
                BootNote = value;
                break;
            case "expect":
                _expectations.Add(ReadExpectation(place, value, ScenarioRuns.Simulation | ScenarioRuns.Boot));
                break;
            case "simulate-expect":
                _expectations.Add(ReadExpectation(place, value, ScenarioRuns.Simulation));
                break;
            case "log-expect":
                _expectations.Add(ReadExpectation(place, value, ScenarioRuns.LinuxMachine));
                break;
            case "boot-expect":
                _expectations.Add(ReadExpectation(place, value, ScenarioRuns.Boot));
                break;
            default:
                throw new BadInputException(
                    $"{place}: expected one of the keys title, linux, here, source, log, show, map, options, kernel, module, "
                    + "low-memory-kb, ebda-segment, mp-table, boot, boot-note, expect, simulate-expect, log-expect, boot-expect, found "
                    + $" '{PastedText.Quote(key)}'");
        }
    }

    // [VARIANT] ok | panic WORDS | says WORDS | silent WORDS | keeps START-END | frees START-END | places START-END NAME
    private static Expectation ReadExpectation(string place, string value, ScenarioRuns runs)
    {
        string[] words = value.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        string? variant = null;
        if (words.Length == 2 && Simulator.Simulate.Simulation.Variants.Contains(words[0]))
        {
            variant = words[0];
            words = words[1].Split(' ', 2, StringSplitOptions.RemoveEmptyEntries);
        }

        string rest = words.Length == 2 ? words[1].Trim() : "";
        if (words.Length == 0 || !Enum.TryParse(words[0], ignoreCase: true, out ExpectationKind kind)
            || !words[0].All(char.IsAsciiLetter) || rest.Length == 0 != (kind == ExpectationKind.Ok))
        {
            throw new BadInputException(
                $"{place}: expected '[VARIANT] ok', 'panic WORDS', 'says WORDS', 'silent WORDS', 'keeps START-END', 'frees START-END' or "
                + $"'places START-END NAME', found '{PastedText.Quote(value)}'");
        }

        string[] placed = kind == ExpectationKind.Places ? rest.Split(' ', 2, StringSplitOptions.TrimEntries) : [rest];
        if (kind == ExpectationKind.Places && (placed.Length != 2 || placed[1].Length == 0))
        {
            throw new BadInputException($"{place}: expected 'places START-END NAME', found '{PastedText.Quote(value)}'");
        }

        bool ranged = kind is ExpectationKind.Keeps or ExpectationKind.Frees or ExpectationKind.Places;
        (ulong start, ulong end) = ranged ? Range(place, placed[0]) : default;
        return new Expectation(variant, runs, kind, placed[^1], start, end, value);
    }

    private static (ulong Start, ulong End) Range(string place, string text)
    {
        string[] ends = text.Split('-');
        if (ends.Length == 2 && TryNumber(ends[0], out ulong start) && TryNumber(ends[1], out ulong end) && start < end)
        {
            return (start, end);
        }

        throw new BadInputException(
            $"{place}: expected START-END in bytes, hexadecimal with 0x or decimal, END exclusive and above START, "
                + $"found '{PastedText.Quote(text)}'");
    }

    private static ulong Number(string place, string text, ulong most)
        => TryNumber(text, out ulong number) && number <= most
            ? number
            : throw new BadInputException($"{place}: expected a number up to {most}, hexadecimal with 0x or decimal, "
                + $"found '{PastedText.Quote(text)}'");

    private static bool TryNumber(string text, out ulong number)
        => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
