using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// The comparison as a JSON document; docs/compare.md explains the fields. The property names here are the document's, in snake case.
/// </summary>
/// <param name="Format">The version of the document's form.</param>
/// <param name="Files">The files that were read; empty when the logs were made here.</param>
/// <param name="Logs">The logs, in the order of the columns.</param>
/// <param name="Rows">Each fact in every log.</param>
/// <param name="Messages">For each log, its messages that not every log has.</param>
/// <param name="Baseline">The figures against the first log's.</param>
/// <param name="Chain">What the chains leave out, save, and place elsewhere, in sentences; empty where that cannot be told.</param>
/// <param name="Verdict">The comparison in sentences; empty for a single log.</param>
public sealed record ComparisonDocument(
    int Format,
    IReadOnlyList<FileDocument> Files,
    IReadOnlyList<LogDocument> Logs,
    IReadOnlyList<RowDocument> Rows,
    IReadOnlyList<IReadOnlyList<string>> Messages,
    BaselineDocument Baseline,
    IReadOnlyList<string> Chain,
    IReadOnlyList<string> Verdict);

/// <summary>A file with boots.</summary>
public sealed record FileDocument(string File, int Lines, int Boots, int BadBoots, IReadOnlyList<BadBootDocument> Bad);

/// <summary>A boot that was not good.</summary>
public sealed record BadBootDocument(int Boot, int FirstLine, int LastLine, string Variant, bool Ended, IReadOnlyList<string> Problems);

/// <summary>A boot log. Facts are objects with the keys of their lines.</summary>
public sealed record LogDocument(
    string File,
    string Title,
    string Variant,
    int BootInFile,
    int FirstLine,
    int LastLine,
    string? Cpu,
    bool TicksAreInstructions,
    IReadOnlyList<string> Problems,
    IReadOnlyList<JsonObject> Boot,
    IReadOnlyList<JsonObject> Ram,
    IReadOnlyList<JsonObject> Stages,
    IReadOnlyList<JsonObject> Accounts,
    IReadOnlyList<JsonObject> Accounted,
    IReadOnlyList<JsonObject> FreeBlocks,
    IReadOnlyList<JsonObject> Selftests,
    IReadOnlyList<JsonObject> Benches,
    IReadOnlyList<JsonObject> Done,
    IReadOnlyList<JsonObject> Panic,
    IReadOnlyList<RangeDocument> Reservations,
    IReadOnlyList<MoveDocument> Moves,
    IReadOnlyList<string> Unplaced,
    IReadOnlyList<HeldDocument> Held);

/// <summary>A named range of addresses, hexadecimal as in the log.</summary>
public sealed record RangeDocument(string Name, string Start, string End);

/// <summary>A range taken or given back in a stage.</summary>
public sealed record MoveDocument(string Stage, string Change, string Name, string Start, string End);

/// <summary>Memory at the end of a stage.</summary>
public sealed record HeldDocument(string After, ulong FreePages, IReadOnlyList<OwnerDocument> Owners);

/// <summary>Pages that an owner holds.</summary>
public sealed record OwnerDocument(string Name, ulong Pages);

/// <summary>A fact in every log; null where a log lacks it.</summary>
public sealed record RowDocument(string Section, string Name, bool Differs, IReadOnlyList<string?> Values);

/// <summary>The figures against the first log's.</summary>
public sealed record BaselineDocument(string Title, bool Stock, IReadOnlyList<BaselineRowDocument> Rows);

/// <summary>A figure of every log, and its ratio to the first log's; null where a log lacks it.</summary>
public sealed record BaselineRowDocument(
    string Group, string Name, bool MoreIsBetter, IReadOnlyList<ulong?> Values, IReadOnlyList<double?> Ratios);
