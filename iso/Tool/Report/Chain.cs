using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>Pages that an owner took or gave back in a stage.</summary>
public sealed record ChainMove(string Owner, ulong Pages);

/// <summary>One stage of a boot, at its place in the chain.</summary>
/// <param name="Column">Its place, an index of <see cref="Chain.Columns"/>.</param>
/// <param name="Span">Places that it fills: two for the tables that do the work of early_res and bootmem.</param>
/// <param name="Stage">The stage's line in the log; null when nothing ran in this place.</param>
/// <param name="LeftOut">The stages of the full chain that are left out here.</param>
/// <param name="Took">Whole pages of RAM that found an owner in it.</param>
/// <param name="GaveBack">Whole pages of RAM that lost theirs.</param>
public sealed record ChainPart(
    int Column, int Span, Fact? Stage, IReadOnlyList<string> LeftOut, IReadOnlyList<ChainMove> Took, IReadOnlyList<ChainMove> GaveBack)
{
    /// <summary>The stage's name; empty when nothing ran here.</summary>
    public string Name => Stage?["name"] ?? "";

    /// <summary>Ticks of the stage; null when the log does not say.</summary>
    public ulong? Ticks => Stage?.Number("ticks");

    /// <summary>Bytes of RAM in tables at its end that are given back later; null when the log does not say.</summary>
    public ulong? Transient => Stage?.Number("transient_bytes");

    /// <summary>Bytes of tables inside the kernel image that are in use at its end; null when the log does not say.</summary>
    public ulong? InImage => Stage?.Number("static_bytes");

    /// <summary>Bytes of the list in which the hand-over sorts its ranges; null when the log does not say.</summary>
    public ulong? Scratch => Stage?.Number("scratch_bytes");

    /// <summary>
    /// Bytes of tables that it sets up for good: the page frame table, the heaps' descriptors; null when the log does not say.
    /// </summary>
    public ulong? Lasting => Stage?.Number("metadata_bytes") ?? (Stage?.Number("descriptor_kb") << 10);
}

/// <summary>
/// The chain of one boot, as its log records it: e820, early_res, bootmem, buddy, heap; what ran in each place, what it took, gave back,
/// and cost, and what was left out.
/// </summary>
public sealed class Chain
{
    private const int Reserve = 1;
    private const int Allocate = 2;

    private readonly BootLog _log;

    /// <summary>Works it out.</summary>
    public Chain(BootLog log)
    {
        _log = log;
        List<ChainPart> parts = [Part(0, 1, "e820")];
        if (log.Stage("lmb") != null || log.Stage("memblock") != null)
        {
            parts.Add(Part(Reserve, 2, log.Stage("lmb") != null ? "lmb" : "memblock", Columns[Reserve], Columns[Allocate]));
        }
        else
        {
            parts.Add(Part(Reserve, 1, "early_res"));
            parts.Add(log.Stage("nobootmem") != null ? Part(Allocate, 1, "nobootmem", Columns[Allocate]) : Part(Allocate, 1, "bootmem"));
        }

        parts.Add(Part(3, 1, "buddy"));
        parts.Add(Part(4, 1, "heap"));
        Parts = parts;
    }

    /// <summary>The full chain.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["e820", "early_res", "bootmem", "buddy", "heap"];

    /// <summary>What is done in each place, whoever does it.</summary>
    public static IReadOnlyList<string> Work { get; } = ["read the map", "reserve", "allocate", "hand over", "objects"];

    /// <summary>The parts, from the map to the heap.</summary>
    public IReadOnlyList<ChainPart> Parts { get; }

    /// <summary>Stages of the full chain that did not run.</summary>
    public IReadOnlyList<string> LeftOut => [.. Parts.SelectMany(p => p.LeftOut)];

    /// <summary>The most bytes of tables at one moment of the boot, in the image, in RAM, on the stack; null when not recorded.</summary>
    public ulong? Peak => _log.Stages.Max(s => s.Number("peak_bytes"));

    /// <summary>The most bytes of RAM in tables at the end of a stage that are given back later; null when not recorded.</summary>
    public ulong? MostTransient => _log.Stages.Max(s => s.Number("transient_bytes"));

    /// <summary>Memory when all stages up to a place have run; null when the log does not record it.</summary>
    public MemoryMoment? MomentAt(int column) => _log.History.Moments.LastOrDefault(m => ColumnOf(m.Stage) <= column);

    /// <summary>What changed hands in a place: pages by owner, against the place before.</summary>
    public (IReadOnlyList<ChainMove> Took, IReadOnlyList<ChainMove> GaveBack) MovesAt(int column)
    {
        if (MomentAt(column) is not { } now)
        {
            return ([], []);
        }

        MemoryMoment? before = column == 0 ? null : MomentAt(column - 1);
        List<ChainMove> took = [];
        List<ChainMove> gave = [];
        foreach (string owner in now.Owners.Concat(before?.Owners ?? []).Select(o => o.Key).Distinct())
        {
            (ulong had, ulong has) = (before?.PagesOf(owner) ?? 0, now.PagesOf(owner));
            if (has > had)
            {
                took.Add(new ChainMove(owner, has - had));
            }
            else if (has < had)
            {
                gave.Add(new ChainMove(owner, had - has));
            }
        }

        return (took, gave);
    }

    /// <summary>The place of a stage; what is not of the chain stands at its end.</summary>
    public static int ColumnOf(string stage) => stage switch
    {
        "e820" => 0,
        "early_res" or "lmb" or "memblock" => Reserve,
        "bootmem" or "nobootmem" => Allocate,
        "buddy" => 3,
        _ => 4,
    };

    private ChainPart Part(int column, int span, string name, params string[] leftOut)
    {
        Fact? stage = _log.Stage(name);
        (IReadOnlyList<ChainMove> took, IReadOnlyList<ChainMove> gave) = MovesAt(column);

        // A boot that never came to the hand-over left nothing out, so far as its log knows.
        bool isLeftOut = stage == null && column is (Reserve or Allocate) && _log.Stage("buddy") != null;
        return new ChainPart(
            column, span, stage, isLeftOut ? [Columns[column]] : leftOut, stage == null ? [] : took, stage == null ? [] : gave);
    }
}
