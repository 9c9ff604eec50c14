using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Stages;

/// <summary>The lines about the node on machines that no recorded Linux had; those are in <c>LinuxLinesTests</c>.</summary>
public sealed class NodeLinesTests
{
    private const string First = "Zone PFN ranges:";

    public static TheoryData<string> Variants => [.. Simulation.Variants];

    // |page 0|1 .. 0x9f|  |0x100 ...... 12 MiB| Expect the limits of the zones, not the end of RAM, in their lines, and no pages of a zone
    // that has none. 2,974 active pages span 3,071 frames: 6 pages at 8 bytes.
    [Theory]
    [InlineData("nobootmem")]
    [InlineData("lmb")]
    [InlineData("memblock")]
    public void AMachineWithinTheDmaZone(string variant)
    {
        string[] expected =
        [
            "Zone PFN ranges:",
            "  DMA      0x00000001 -> 0x00001000",
            "  DMA32    0x00001000 -> 0x00100000",
            "  Normal   empty",
            "Movable zone start PFN for each node",
            "early_node_map[2] active PFN ranges",
            "    0: 0x00000001 -> 0x0000009f",
            "    0: 0x00000100 -> 0x00000c00",
            "On node 0 totalpages: 2974",
            "  DMA zone: 6 pages used for memmap",
            "  DMA zone: 0 pages reserved",
            "  DMA zone: 2968 pages, LIFO batch:0",
        ];
        Assert.Equal(expected, Node(Log(variant, new SimulationOptions(), (0, 0x9fc00), (0x100000, 0xc00000))));
    }

    // |0 .. 640K|  |1M image ........ 64M| With a bitmap: 64 pages of the image, 96 of the BIOS area [9fc00, 100000), one of the bitmap;
    // an image that ends at 16 MiB and a byte counts no more. Expect them as the DMA zone's reserved pages.
    [Theory]
    [InlineData(0x100000, 0x140000, 64 + 96 + 1)]
    [InlineData(0xff0000, 0x1000000, 16 + 96 + 1)]
    [InlineData(0xff0000, 0x1000001, 96 + 1)]
    public void BootmemCountsWhatIsReservedBelow16MiB(int start, int end, int reserved)
    {
        SimulationOptions options = new() { Kernel = ((ulong)start, (ulong)end) };
        List<string> lines = Node(Log("bootmem", options, (0, 0x9fc00), (0x100000, 0x4000000)));
        Assert.Equal(
            ["  DMA zone: 8 pages used for memmap", $"  DMA zone: {reserved} pages reserved",
                $"  DMA zone: {158 + 3840 - 8 - reserved} pages, LIFO batch:0"],
            lines.Where(l => l.StartsWith("  DMA zone", StringComparison.Ordinal)));
    }

    // |1M ....... 16M|  ...  |one page at 0xf0000| Expect Linux's warning where a zone's frames would fill more than the zone:
    // 0xef001 frames of 8 bytes are 1,912 pages and 8 bytes.
    [Theory]
    [MemberData(nameof(Variants))]
    public void AZoneSmallerThanItsFrames(string variant)
    {
        List<string> lines = Node(
            Log(variant, new SimulationOptions(), (0, 0x9fc00), (0x100000, 0x1000000), (0xf0000000, 0xf0001000)));
        Assert.Equal(
            ["  DMA32 zone: 1913 pages exceeds realsize 1", "  DMA32 zone: 1 pages, LIFO batch:0"],
            lines.Where(l => l.StartsWith("  DMA32 zone", StringComparison.Ordinal)));
    }

    // Nothing below 16 MiB. Expect an empty DMA zone.
    [Theory]
    [MemberData(nameof(Variants))]
    public void NoRamInTheDmaZone(string variant)
    {
        SimulationOptions options = new() { Kernel = (0x2000000, 0x2040000) };
        List<string> lines = Node(Log(variant, options, (0x2000000, 0x4000000), (0x5000000, 0x6000000)));
        Assert.Equal("  DMA      empty", lines[1]);
        Assert.Contains("On node 0 totalpages: 12288", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("  DMA zone", StringComparison.Ordinal));
    }

    // |...... 32M|   |0x2000800 .. 0x2000900| Expect the end of RAM in last_pfn and in Memory:'s total though the last range has no page.
    [Theory]
    [MemberData(nameof(Variants))]
    public void TheTotalEndsAtLastPfn(string variant)
    {
        List<string> log = Log(variant, new SimulationOptions(), (0, 0x9fc00), (0x100000, 0x1000000), (0x2000800, 0x2000900));
        Assert.Contains("last_pfn = 0x2000 max_arch_pfn = 0x400000000", log);
        Assert.Contains(log, l => l.StartsWith("Memory: ", StringComparison.Ordinal) && l.Contains("k/32768k available"));
    }

    // Two modules, the second with part of a page. Expect a line for each, its last page whole, before the zones.
    [Theory]
    [MemberData(nameof(Variants))]
    public void EachModuleHasALine(string variant)
    {
        SimulationOptions options = new() { Modules = [(0x200000, 0x280000), (0x300000, 0x30004d)] };
        List<string> log = Log(variant, options, (0, 0x9fc00), (0x100000, 0x4000000));
        int at = log.IndexOf("RAMDISK: 00200000 - 00280000");
        Assert.InRange(at, 1, log.IndexOf(First));
        Assert.Equal("RAMDISK: 00300000 - 00301000", log[at + 1]);
    }

    private static List<string> Log(string variant, SimulationOptions options, params (ulong Start, ulong End)[] ram)
    {
        FirmwareMap map = new();
        map.Entries.AddRange(ram.Select(r => new FirmwareEntry(r.Start, r.End, 1)));
        using Simulation simulation = Simulation.Run(variant, map, options);
        Assert.Null(simulation.Panic);
        BookAssertions.AreRight(simulation);
        return [.. simulation.Log];
    }

    private static List<string> Node(List<string> log)
        => [.. log.SkipWhile(l => l != First).TakeWhile(l => l == First || !l.StartsWith("bootalloc: ", StringComparison.Ordinal)
            && !l.StartsWith("Subtract", StringComparison.Ordinal) && !l.StartsWith("Memory", StringComparison.Ordinal))];
}
