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

/// <summary>What a scenario expects of a boot.</summary>
public enum ExpectationKind
{
    /// <summary>A good boot: the books balance and the self-tests pass.</summary>
    Ok,

    /// <summary>A panic whose message contains this text.</summary>
    Panic,

    /// <summary>The log contains this text.</summary>
    Says,

    /// <summary>The log does not contain this text.</summary>
    Silent,

    /// <summary>No page of RAM in the range is handed over.</summary>
    Keeps,

    /// <summary>Every page in the range is handed over.</summary>
    Frees,
}

/// <summary>One expectation.</summary>
/// <param name="Variant">The variant it applies to; null for all.</param>
/// <param name="Simulated">It applies to simulations.</param>
/// <param name="Booted">It applies to boots.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The text, if a text is expected.</param>
/// <param name="Start">First byte of the range, if a range is expected.</param>
/// <param name="End">End of the range, exclusive.</param>
/// <param name="Source">The expectation as written in the file.</param>
public sealed record Expectation(
    string? Variant, bool Simulated, bool Booted, ExpectationKind Kind, string Text, ulong Start, ulong End, string Source);

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
        bool inMap = false;
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].TrimEnd();
            string place = $"{file}:{i + 1}";
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            // Indented lines belong to the map above them.
            if (inMap && char.IsWhiteSpace(line[0]))
            {
                scenario._map.Add(line.Trim());
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || char.IsWhiteSpace(line[0]))
            {
                throw new BadInputException($"{place}: expected 'key: value', found '{PastedText.Quote(line.Trim())}'");
            }

            inMap = line[..colon] == "map";
            if (inMap)
            {
                scenario._mapLine = i + 1;
            }

            scenario.Take(place, line[..colon], line[(colon + 1)..].Trim());
        }

        string last = $"{file}:{lines.Count}";
        if (scenario.Title.Length == 0 || scenario._linux.Count == 0 || scenario.Source.Length == 0 || scenario._map.Count == 0
            || scenario._expectations.Count == 0)
        {
            throw new BadInputException($"{last}: expected at least the keys title, linux, source, map and expect");
        }

        if (scenario.Boot == null && scenario.BootNote.Length == 0)
        {
            throw new BadInputException(
                $"{last}: expected 'boot: EMULATOR MEMORY CPU MACHINE AS OPTIONS', or 'boot: none' with a boot-note that says why");
        }

        scenario.Map();
        return scenario;
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
            case "expect" or "simulate-expect" or "boot-expect":
                _expectations.Add(ReadExpectation(place, value, simulated: key != "boot-expect", booted: key != "simulate-expect"));
                break;
            default:
                throw new BadInputException(
                    $"{place}: expected one of the keys title, linux, here, source, show, map, options, kernel, module, low-memory-kb, "
                    + $"ebda-segment, mp-table, boot, boot-note, expect, simulate-expect, boot-expect, found '{PastedText.Quote(key)}'");
        }
    }

    // [VARIANT] ok | panic WORDS | says WORDS | silent WORDS | keeps START-END | frees START-END
    private static Expectation ReadExpectation(string place, string value, bool simulated, bool booted)
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
                $"{place}: expected '[VARIANT] ok', 'panic WORDS', 'says WORDS', 'silent WORDS', 'keeps START-END' or 'frees START-END', "
                + $"found '{PastedText.Quote(value)}'");
        }

        (ulong start, ulong end) = kind is ExpectationKind.Keeps or ExpectationKind.Frees ? Range(place, rest) : default;
        return new Expectation(variant, simulated, booted, kind, rest, start, end, value);
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
