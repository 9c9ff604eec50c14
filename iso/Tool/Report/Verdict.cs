using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// The comparison in sentences: how many pages more or less than the first log each variant hands over, and why, to the page. Free pages
/// are usable pages without those accounted for by name, so the difference of two logs is the sum of the differences of their accounts;
/// should that not come out, the sentence says how many pages are unexplained.
/// </summary>
public static class Verdict
{
    private static readonly Dictionary<string, string> s_names = new()
    {
        ["TEXT DATA BSS"] = "the kernel image",
        ["mem_map"] = "the page frame table",
        ["RAMDISK"] = "the boot module",
        ["BOOTMAP"] = "the bitmap",
        ["BRK"] = "the kernel's brk",
        ["PGTABLE"] = "the page tables",
        ["BOOTMEM"] = "other boot allocations",
        ["memblock"] = "other boot allocations",
        ["hash tables"] = "the hash tables",
        ["first 64 KiB"] = "the first 64 KiB",
        ["first MiB"] = "the first MiB",
        ["SWIOTLB"] = "the bounce buffers for devices",
        ["per-cpu"] = "the per-cpu areas",
        ["CRASH KERNEL"] = "the crash kernel's memory",
        ["BIOS reserved"] = "the BIOS's area",
        ["BOOT INFO"] = "the loader's information",
        ["RAT"] = "the page table RAT",
        ["SMT"] = "the small heap's table SMT",
    };

    // Owners of which it cannot be said that they are kept: what stands after "alone".
    private static readonly Dictionary<string, string> s_deeds = new()
    {
        ["never managed"] = "leaves RAM unmanaged",
        ["left out"] = "leaves RAM unregistered",
        ["not handed over"] = "keeps pages without any reservation",
        ["not listed"] = "keeps pages that its log does not name",
        ["heap since boot"] = "counts what its heap took since boot",
    };

    /// <summary>The sentences.</summary>
    public static IReadOnlyList<string> Of(Comparison comparison)
    {
        List<string> sentences = [];
        for (int i = 1; i < comparison.Logs.Count; i++)
        {
            sentences.Add(Pages(comparison, i));
        }

        sentences.AddRange(LinuxVerdict.Of(comparison));
        AddPlaces(comparison, sentences);
        AddMoved(comparison, sentences);
        AddTicks(comparison, sentences);
        AddBenches(comparison, sentences);
        return sentences;
    }

    /// <summary>
    /// Pages of the difference in free pages that the accounts do not explain; null when a log has no sum. 0 in good books.
    /// </summary>
    public static long? Unexplained(BootLog first, BootLog other)
    {
        if (Usable(first) is not { } usableFirst || Usable(other) is not { } usableOther || Free(first) is not { } freeFirst
            || Free(other) is not { } freeOther)
        {
            return null;
        }

        long accounts = Owners(first, other).Sum(o => Kept(other, o) - Kept(first, o));
        return freeOther - freeFirst - (usableOther - usableFirst) + accounts;
    }

    private static string Pages(Comparison comparison, int index)
    {
        (BootLog first, BootLog other) = (comparison.Logs[0], comparison.Logs[index]);
        (string a, string b) = (comparison.Titles[0], comparison.Titles[index]);
        if (Unexplained(first, other) is not { } unexplained)
        {
            if (comparison.HasLinux)
            {
                return $"{b}: its pages cannot be compared with {a}'s: the log of {(Free(first) == null ? a : b)} does not say how many "
                    + "were handed over, or of what map.";
            }

            return $"{b}: its pages cannot be compared with {a}'s: {(Free(first) == null ? a : b)} never balanced its books.";
        }

        long difference = Free(other)!.Value - Free(first)!.Value;
        string start = difference == 0
            ? $"{b} hands over as many pages as {a} ({Number(Free(first)!.Value)})"
            : $"{b} hands over {Count(Math.Abs(difference))} {(difference > 0 ? "more" : "less")} than {a} ({Number(Free(other)!.Value)} "
                + $"against {Number(Free(first)!.Value)})";

        // What makes it more first, then what makes it less.
        List<(long Effect, string Words)> reasons = [];
        long usable = Usable(other)!.Value - Usable(first)!.Value;
        if (usable != 0)
        {
            reasons.Add((usable, $"{b} has {Count(Math.Abs(usable))} {(usable > 0 ? "more" : "less")} of usable RAM"));
        }

        foreach (string owner in Owners(first, other))
        {
            (long before, long after) = (Kept(first, owner), Kept(other, owner));
            if (before != after)
            {
                reasons.Add((before - after, Reason(owner, a, before, b, after)));
            }
        }

        if (unexplained != 0)
        {
            reasons.Add((unexplained, $"{Count(Math.Abs(unexplained))} that no account explains"));
        }

        if (reasons.Count == 0)
        {
            return start + ", and every owner keeps as many in both.";
        }

        string why = string.Join("; ",
            reasons.OrderByDescending(r => r.Effect).Select(r => $"{r.Words} ({(r.Effect > 0 ? "+" : "-")}{Number(Math.Abs(r.Effect))})"));
        return $"{start}: {why}.";
    }

    private static string Reason(string owner, string a, long before, string b, long after)
    {
        if (before == 0)
        {
            return $"{b} alone {Deed(owner)}, {Count(after)}";
        }

        string name = Name(owner);
        name = name.StartsWith("the ", StringComparison.Ordinal) ? name[4..] : name;
        return after == 0
            ? $"{a} alone {Deed(owner)}, {Count(before)}"
            : $"{b}'s {name} {(IsPlural(owner) ? "are" : "is")} "
                + $"{Count(Math.Abs(after - before))} {(after > before ? "larger" : "smaller")} ({Number(after)} against {Number(before)})";
    }

    // The same owner somewhere else.
    private static void AddPlaces(Comparison comparison, List<string> sentences)
    {
        foreach (string owner in comparison.Logs.SelectMany(l => l.Accounts).Select(x => x["name"]!).Distinct())
        {
            List<(string Title, string Place)> places = [];
            for (int i = 0; i < comparison.Logs.Count; i++)
            {
                Fact[] own = [.. comparison.Logs[i].Accounts.Where(f => f["name"] == owner)];
                if (own.Length == 1 && own[0].Address("start") is { } start)
                {
                    places.Add((comparison.Titles[i], start.ToString("x", CultureInfo.InvariantCulture)));
                }
            }

            List<IGrouping<string, (string Title, string Place)>> groups = [.. places.GroupBy(p => p.Place)];
            if (groups.Count > 1)
            {
                sentences.Add($"{Capital(Name(owner))} lies at "
                    + $"{string.Join(", ", groups.Select(g => $"{g.Key} in {string.Join(" and ", g.Select(p => p.Title))}"))}.");
            }
        }
    }

    // What was held for a while and given back.
    private static void AddMoved(Comparison comparison, List<string> sentences)
    {
        for (int i = 0; i < comparison.Logs.Count; i++)
        {
            MemoryMove[] released = [.. comparison.Logs[i].History.Moves.Where(m => !m.Taken)];
            foreach (IGrouping<string, MemoryMove> group in released.GroupBy(m => m.Owner).Where(g => g.Key != "BOOT INFO"))
            {
                ulong kilobytes = group.Aggregate(0UL, (sum, m) => sum + (m.End - m.Start)) >> 10;
                sentences.Add($"{Capital(Name(group.Key))} of {comparison.Titles[i]} ({Number((long)kilobytes)} kB) is gone at the end: "
                    + $"freed in stage {group.First().Stage}.");
            }
        }
    }

    private static void AddTicks(Comparison comparison, List<string> sentences)
    {
        // Stock cannot say: Cosmos's heap is there before the log begins. The others are compared without it.
        List<(int Log, ulong Ticks)> known =
        [
            .. comparison.Logs.Select((l, i) => (i, l.TicksToHeap)).Where(x => x.TicksToHeap is not (null or 0))
                .Select(x => (x.i, x.TicksToHeap!.Value)),
        ];
        if (known.Count < 2 || comparison.Logs.Where((l, i) => !l.IsStock && !l.IsLinux && !known.Exists(x => x.Log == i)).Any())
        {
            return;
        }

        (int fastest, ulong fewest) = known.MinBy(x => x.Ticks);
        string others = string.Join(", ", known.Where(x => x.Log != fastest)
            .Select(
                x => $"{comparison.Titles[x.Log]} {Number((long)x.Ticks)} ({Times(x.Ticks, fewest)}, most of it in "
                    + $"{Slowest(comparison.Logs[x.Log])})"));
        string silent = string.Concat(
            comparison.Titles.Where((_, i) => !comparison.Logs[i].IsLinux && !known.Exists(x => x.Log == i))
                .Select(t => $"; {t} does not report its ticks"));
        sentences.Add($"From map to heap {comparison.Titles[fastest]} takes the fewest ticks, {Number((long)fewest)}: {others}{silent}.");
        if (comparison.Logs.Any(l => !l.IsLinux && !l.CountsInstructions))
        {
            sentences.Add("Ticks are clock ticks here, not instructions, and differ between two boots of one image; boot with --icount for "
                + "figures that repeat.");
        }
    }

    private static void AddBenches(Comparison comparison, List<string> sentences)
    {
        Baseline baseline = new(comparison);
        for (int i = 1; i < comparison.Logs.Count; i++)
        {
            if (baseline.InWords(i) is { } sentence)
            {
                sentences.Add(sentence);
            }
        }
    }

    private static string Slowest(BootLog log) => log.Stages.MaxBy(s => s.Number("ticks") ?? 0)!["name"]!;

    private static string Times(ulong value, ulong reference)
        => "x" + (value / (double)reference).ToString("0.00", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Owners(BootLog first, BootLog other)
        => first.Accounts.Concat(other.Accounts).Select(a => a["name"]!).Distinct();

    private static long Kept(BootLog log, string owner) => (long)(log.PagesOf(owner) ?? 0);

    private static long? Free(BootLog log) => (long?)log.Accounted?.Number("free_pages");

    private static long? Usable(BootLog log) => (long?)log.Accounted?.Number("usable_pages");

    private static string Name(string owner) => s_names.TryGetValue(owner, out string? name) ? name : owner;

    private static bool IsPlural(string owner) => owner is "hash tables" or "PGTABLE" or "BOOTMEM" or "memblock" or "per-cpu" or "SWIOTLB";

    private static string Deed(string owner) => s_deeds.TryGetValue(owner, out string? deed) ? deed : $"keeps {Name(owner)}";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string Count(long pages) => pages == 1 ? "1 page" : $"{Number(pages)} pages";

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
