using System.Collections.Generic;
using System.IO;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>One entry of a firmware's map: [Start, End) in bytes, type as in e820.</summary>
public readonly record struct FirmwareEntry(ulong Start, ulong End, uint Type);

/// <summary>Bytes that one of our own boot logs reports as taken, half-open, and by whom.</summary>
public readonly record struct LoggedRange(string Name, ulong Start, ulong End);

/// <summary>
/// A firmware's memory map, and what else the text it came from says about the boot: memory options, and, if the text is a boot log of
/// this kernel, where the image and the boot modules were. <see cref="MapReader"/> makes it.
/// </summary>
public sealed class FirmwareMap
{
    /// <summary>The entries, in the order of the text.</summary>
    public List<FirmwareEntry> Entries { get; } = [];

    /// <summary>
    /// The words <c>mem=</c> and <c>memmap=</c> of the boot's kernel command line, or of lines of their own; empty for none.
    /// </summary>
    public string Options { get; internal set; } = "";

    /// <summary>The ranges that a boot log of this kernel reports as taken before the page frame table; empty for any other text.</summary>
    public List<LoggedRange> Taken { get; } = [];

    /// <summary>What was read, in one line: <c>13 rows of boot 2 of 2, 0 not read</c>.</summary>
    public string Summary { get; internal set; } = "";

    /// <summary>A map of other entries, without options.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="summary">What was read, in one line.</param>
    public FirmwareMap With(IEnumerable<FirmwareEntry> entries, string summary)
    {
        FirmwareMap map = new() { Summary = summary };
        map.Entries.AddRange(entries);
        map.Taken.AddRange(Taken);
        return map;
    }

    /// <summary>Reads a map from a text; see <see cref="MapReader"/>.</summary>
    /// <param name="file">Name for error messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="BadInputException">A row cannot be read, or there is none; the message names file and line.</exception>
    public static FirmwareMap Read(string file, TextReader text) => MapReader.Read(file, text.ReadToEnd());

    /// <summary>Reads a map from a file of any usual encoding; see <see cref="MapReader"/>.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="BadInputException">It cannot be read or is too large, a row cannot be read, or there is none.</exception>
    public static FirmwareMap Load(string file) => MapReader.Read(file, PastedText.Load(file));
}
