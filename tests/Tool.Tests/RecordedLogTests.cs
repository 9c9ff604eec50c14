using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Boots that were recorded for real: what is worked out of their logs has to agree with what the kernel itself counted.</summary>
public sealed class RecordedLogTests
{
    internal static string Folder => Path.Combine(AppContext.BaseDirectory, "Data", "logs");

    public static TheoryData<string> Names
        => [.. Directory.GetFiles(Folder, "*.log").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>Those that came to a good end.</summary>
    internal static IReadOnlyList<BootLog> Good { get; } =
        [.. Directory.GetFiles(Folder, "*.log").Order(StringComparer.Ordinal).Select(BootLog.Load)
            .Where(l => BootLogChecks.CheckOne(l).Count == 0)];

    // Expect the pages of each owner at the end to be those of the kernel's account, and the pages without a holder to be those that it
    // handed over.
    [Theory]
    [MemberData(nameof(Names))]
    public void WhoHoldsWhatAgreesWithTheKernelsBooks(string name)
    {
        BootLog log = BootLog.Load(Path.Combine(Folder, name));
        if (log.Accounted == null)
        {
            Assert.NotNull(log.Panic);
            return;
        }

        // The baseline's accounts have no ranges: of what it counts and does not place there is no picture to hold against them.
        if (log.IsStock)
        {
            Assert.Null(log.History.End);
            Assert.Equal(log.Accounts.Select(a => a["name"]), log.History.Unplaced);
            return;
        }

        MemoryMoment last = log.History.End!;
        Assert.Equal(log.Accounts.Select(a => a["name"]).Distinct().ToDictionary(n => n!, n => log.PagesOf(n!)!.Value).OrderBy(p => p.Key),
            last.Owners.OrderBy(o => o.Key));
        Assert.Equal(log.Accounted.Number("free_pages"), last.FreePages);
        Assert.Equal(log.Stage("e820")!.Number("usable_pages"), last.FreePages + last.HeldPages);
        Assert.Equal(log.Stages.Select(s => s["name"]), log.History.Moments.Select(m => m.Stage));
    }

    // Expect the strip to be without gap or overlap, and no stage to lose a page.
    [Theory]
    [MemberData(nameof(Names))]
    public void MemoryIsCoveredOnce(string name)
    {
        foreach (MemoryMoment moment in BootLog.Load(Path.Combine(Folder, name)).History.Moments)
        {
            ulong at = 0;
            foreach (MemorySegment segment in moment.Segments)
            {
                Assert.Equal(at, segment.Start);
                Assert.True(segment.End > segment.Start);
                at = segment.End;
            }
        }
    }

    // Expect the verdict to explain every page between any two boots, of whatever machines.
    [Fact]
    public void TheVerdictExplainsEveryPage()
    {
        Assert.True(Good.Count >= 10);
        foreach (BootLog first in Good)
        {
            foreach (BootLog other in Good)
            {
                Assert.Equal(0, Verdict.Unexplained(first, other));
            }
        }
    }

    // Expect JSON that is JSON, with the figures of the log.
    [Fact]
    public void JsonHoldsTheLogsFigures()
    {
        BootLog[] logs = [.. Good.Take(3)];

        using JsonDocument json = JsonDocument.Parse(ComparisonJson.Make(new Comparison(logs), []));

        for (int i = 0; i < logs.Length; i++)
        {
            JsonElement log = json.RootElement.GetProperty("logs")[i];
            Assert.Equal(logs[i].Accounted!.Number("free_pages"), log.GetProperty("accounted")[0].GetProperty("free_pages").GetUInt64());
            Assert.Equal(logs[i].Stages.Count(), log.GetProperty("stages").GetArrayLength());
            Assert.Equal(
                logs[i].History.Last!.FreePages, log.GetProperty("held").EnumerateArray().Last().GetProperty("free_pages").GetUInt64());
        }
    }

    // Expect the document to the byte: keys, order, numbers, null, escapes,
    // duplicate keys.
    [Fact]
    public void TheJsonDocumentIsWhatItAlwaysWas()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Data", "json");
        BootCapture[] captures = [.. new[] { "first.log", "second.log" }.Select(f => BootCapture.Read(f, Lines(Path.Combine(folder, f))))];

        string document = ComparisonJson.Make(new Comparison([.. captures.SelectMany(c => c.Kept)]), captures);

        Assert.Equal(File.ReadAllText(Path.Combine(folder, "expected.json")).TrimEnd('\n'), document);

        static List<RawLine> Lines(string file)
        {
            using FileStream stream = File.OpenRead(file);
            return [.. LineSource.Read(stream)];
        }
    }
}
