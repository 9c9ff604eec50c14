using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Stages;

/// <summary>
/// What the boot allocators' own tables take: the figures that end a stage's line, against the lines about who holds what.
/// </summary>
public sealed partial class BootTablesTests
{
    private static readonly string[] s_tables = ["BOOTMAP", "early_res", "memblock memory", "memblock reserved"];

    public static TheoryData<string, string> VariantsAndMaps => VariantTests.VariantsAndMaps;

    // Expect the transient bytes of each stage to be what its allocator holds in RAM by the lines before it, nothing at the end, and a
    // peak that is no less than any of them and never falls.
    [Theory]
    [MemberData(nameof(VariantsAndMaps))]
    public void TransientBytesAreWhatIsHeld(string variant, string map)
    {
        using StreamReader reader = new(Path.Combine(AppContext.BaseDirectory, "Data", "e820", map));
        FirmwareMap firmware = FirmwareMap.Read(map, reader);
        using Simulation simulation = Simulation.Run(variant, firmware, VariantTests.KernelWhereThereIsRam(firmware));

        AssertTheHoldsAddUp(simulation.Log);
    }

    // |0 .. 640K|  |1M ................ 128M| 32,768 pages. Expect a page of bitmap, its summary beside it, and early_res's table too
    // until that is taken over; without bootmem only the table, and the list in which the ranges are sorted in the end.
    [Fact]
    public void WithoutBootmemThereIsNoBitmap()
    {
        Dictionary<string, ulong[]> with = Figures(Run("bootmem", ""));
        Dictionary<string, ulong[]> without = Figures(Run("nobootmem", ""));
        const ulong table = (32 * 32) + 2048;

        Assert.Equal([table, 0, table], with["early_res"]);
        Assert.Equal([2048, 4096, table + 2048 + 4096], with["bootmem"]);
        Assert.Equal([0, 0, table + 2048 + 4096], with["buddy"]);
        Assert.Equal([table, 0, table], without["early_res"]);
        Assert.Equal([table, 0, table], without["nobootmem"]);
        Assert.Equal([0, 0, table + 512], without["buddy"]);
        Assert.Contains(Run("nobootmem", ""), l => l.Contains(" scratch_bytes=512 ", StringComparison.Ordinal));
    }

    // Two tables of 128 regions, of 16 and of 24 bytes: expect both to lie in the image and to be in use until the hand-over.
    [Theory]
    [InlineData("lmb", 2 * 128 * 16)]
    [InlineData("memblock", 2 * 128 * 24)]
    public void TheirSuccessorsTakeTheirTablesFromTheImage(string variant, int bytes)
    {
        Dictionary<string, ulong[]> figures = Figures(Run(variant, ""));

        Assert.Equal([(ulong)bytes, 0, (ulong)bytes], figures[variant]);
        Assert.Equal([0, 0, (ulong)bytes], figures["buddy"]);
    }

    // 30 modules: the table doubles to 64 slots, in RAM. Expect it to be held from then on, and given back where it ends: when the bitmap
    // takes over, or at the hand-over. Both tables were in use when it moved.
    [Theory]
    [InlineData("bootmem", "bootmem")]
    [InlineData("nobootmem", "buddy")]
    public void ATableThatMovedIsHeldUntilItEnds(string variant, string end)
    {
        List<string> log = Run(
            variant, "", [.. Enumerable.Range(0, 30).Select(i => 0x400000UL + ((ulong)i << 16)).Select(start => (start, start + 0x800))]);
        Dictionary<string, ulong[]> figures = Figures(log);

        Assert.Equal([2048, 2048, 2048 + 1024 + 2048], figures["early_res"]);
        string held = Assert.Single(log, l => l.StartsWith("bootalloc: hold stage=early_res name=\"early_res\"", StringComparison.Ordinal));
        string released = Assert.Single(log, l => l.StartsWith("bootalloc: release", StringComparison.Ordinal) && l.Contains("early_res"));
        Assert.Equal(held.Replace("hold stage=early_res", "release stage=" + end, StringComparison.Ordinal), released);
        AssertTheHoldsAddUp(log);
    }

    // |64K|64K|64K| ... 140 ranges with holes: memblock's list of memory doubles, into two pages of RAM. Expect them to be held until the
    // hand-over.
    [Fact]
    public void AListThatGrewIsHeldUntilTheHandOver()
    {
        string ranges = string.Join(',', Enumerable.Range(0, 140).Select(i => $"64K@{(32 << 10) + (i * 128)}K"));
        List<string> log = Run("memblock", "memmap=exactmap,639K@0,15M@1M," + ranges);

        Assert.Equal([3072, 8192, 3072 + 3072 + 8192], Figures(log)["memblock"]);
        Assert.Single(log, l => l.StartsWith("bootalloc: hold stage=memblock name=\"memblock memory\"", StringComparison.Ordinal));
        Assert.Single(log, l => l.StartsWith("bootalloc: release stage=buddy name=\"memblock memory\"", StringComparison.Ordinal));
        AssertTheHoldsAddUp(log);
    }

    private static List<string> Run(string variant, string line, IReadOnlyList<(ulong Start, ulong End)>? modules = null)
    {
        FirmwareMap map = new();
        map.Entries.Add(new FirmwareEntry(0, 0x9fc00, 1));
        map.Entries.Add(new FirmwareEntry(0x100000, 0x8000000, 1));
        using Simulation simulation = Simulation.Run(
            variant, map, new SimulationOptions { CommandLine = line, Modules = [.. modules ?? []] });
        Assert.Null(simulation.Panic);
        BookAssertions.AreRight(simulation);
        return [.. simulation.Log];
    }

    private static void AssertTheHoldsAddUp(IEnumerable<string> log)
    {
        ulong held = 0;
        ulong peak = 0;
        int stages = 0;
        foreach (string line in log)
        {
            if (Move().Match(line) is { Success: true } move && s_tables.Contains(move.Groups[2].Value))
            {
                ulong bytes = Hex(move.Groups[4]) - Hex(move.Groups[3]);
                held = move.Groups[1].Value == "hold" ? held + bytes : held - bytes;
            }
            else if (Stage().Match(line) is { Success: true } stage)
            {
                ulong[] figures = Of(stage);
                Assert.Equal(held, figures[1]);
                Assert.True(figures[2] >= Math.Max(peak, figures[0] + figures[1]), line);
                peak = figures[2];
                stages++;
            }
        }

        Assert.Equal(0UL, held);
        Assert.True(stages >= 2);
    }

    private static Dictionary<string, ulong[]> Figures(IEnumerable<string> log)
        => log.Select(l => Stage().Match(l)).Where(m => m.Success).ToDictionary(m => m.Groups[1].Value, Of);

    private static ulong[] Of(Match stage)
        => [.. stage.Groups.Values.Skip(2).Select(g => ulong.Parse(g.ValueSpan, CultureInfo.InvariantCulture))];

    private static ulong Hex(Group group) => ulong.Parse(group.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [GeneratedRegex("^bootalloc: (hold|release) stage=[a-z0-9_]+ name=\"([^\"]+)\" start=([0-9a-f]+) end=([0-9a-f]+)$")]
    private static partial Regex Move();

    [GeneratedRegex("^bootalloc: stage name=([a-z_0-9]+) .* static_bytes=([0-9]+) transient_bytes=([0-9]+) peak_bytes=([0-9]+)$")]
    private static partial Regex Stage();
}
