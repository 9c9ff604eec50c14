using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>The list of page ranges that hold RAM.</summary>
public sealed unsafe class ActiveRangesTests
{
    private const int Pages = 120;

    [Fact]
    public void RegistersWholePagesOfRamInMapOrderClipped()
    {
        // map order: high RAM first, then one with ragged ends, then one smaller than a page.
        // Expect ragged ends rounded inwards, the small one dropped, everything clipped to [2, 0x900).
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0x800000, 0x800000, 1);
        map->Add(0x1800, 0x4000, 1);
        map->Add(0x20800, 0xfff, 1);
        map->Add(0x30000, 0x1000, 2);
        ActiveRanges* ranges = &machine.Memory->Active;
        ranges->RegisterFromMap(map, 3, 0x900);
        Assert.Equal([(0x800UL, 0x900UL), (3, 5)], BootTestSupport.Ranges(ranges));
    }

    [Fact]
    public void TheFirstRangeThatOverlapsOrTouchesIsExtended()
    {
        // [10 20) [30 40): [20 25) touches the first, [28 30) the second, [12 15) is inside, [50 60) is new.
        Assert.Equal([(10UL, 25UL), (28, 40), (50, 60)], Added((10, 20), (30, 40), (20, 25), (28, 30), (12, 15), (50, 60)));
    }

    [Fact]
    public void RangesThatComeToTouchStayTwoAsInLinux()
    {
        // [10 20)   [30 40)
        //        [20 30)
        // Expect the first extended up to the second, the second as it is.
        Assert.Equal([(10UL, 30UL), (30, 40)], Added((10, 20), (30, 40), (20, 30)));
    }

    [Fact]
    public void Regression10_ARangeThatBridgesTwoOthersIsMergedWithBoth()
    {
        // [10   20)      [30   40)
        //      [15          35)
        // Expect one range: with two, as in 2.6.34, pages 30..34 would be handed out twice.
        Assert.Equal([(10UL, 40UL)], Added((10, 20), (30, 40), (15, 35)));
    }

    [Fact]
    public void ARangeThatReachesOutOnBothSidesKeepsItsLowerPart()
    {
        //      [50 60)
        // [40          70)
        // Expect [40 70); 2.6.34 loses [40 50).
        Assert.Equal([(40UL, 70UL)], Added((50, 60), (40, 70)));
    }

    [Fact]
    public void ExactlyFullIsFineAndMoreIsTruncatedWithALine()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        ActiveRanges* ranges = &machine.Memory->Active;
        for (ulong i = 0; i < ActiveRanges.Capacity; i++)
        {
            ranges->Add(i * 2, (i * 2) + 1);
        }

        Assert.Empty(machine.Log);
        ranges->Add(10000, 10001);
        Assert.Equal("More than 256 memory regions, truncating", Assert.Single(machine.Log));
        ranges->Add(511, 512);
        Assert.Single(machine.Log);
        Assert.Equal((510UL, 512UL), (ranges->StartPfn(255), ranges->EndPfn(255)));
    }

    [Fact]
    public void RemoveCutsShrinksAndDrops()
    {
        // [0 10) [20 30) [40 50) [60 70)
        //     [5                   65)
        // Expect [0 5) and [65 70).
        TraceFiles.AssertTrace("e820", """
            add_active 0 10
            add_active 20 30
            add_active 40 50
            add_active 60 70
            remove_active 5 65
            > remove_active_range (0, 5, 65)
            active_map
            - 0x0 0x5
            - 0x41 0x46
            = 2
            """);
    }

    [Fact]
    public void RemoveFromTheMiddleAddsTheTailAtTheEnd()
    {
        TraceFiles.AssertTrace("e820", """
            add_active 0 100
            add_active 200 300
            remove_active 0x28 0x32
            > remove_active_range (0, 40, 50)
            active_map
            - 0x0 0x28
            - 0xc8 0x12c
            - 0x32 0x64
            = 3
            sort_active
            active_map
            - 0x0 0x28
            - 0x32 0x64
            - 0xc8 0x12c
            = 3
            """);
    }

    [Fact]
    public void AFirstRangeThatVanishesStaysAsAnEmptyOne()
    {
        TraceFiles.AssertTrace("e820", """
            add_active 10 20
            add_active 30 40
            remove_active 10 20
            > remove_active_range (0, 10, 20)
            active_map
            - 0x0 0x0
            - 0x1e 0x28
            = 2
            """);
    }

    [Fact]
    public void FuzzAgainstAnArrayOfPages()
    {
        Gen.Select(Gen.ULong[0, Pages], Gen.ULong[0, 30], Gen.Int[0, 9]).Array[1, 40].Fuzz(
            3000,
            steps =>
            {
                using HostMachine machine = BootTestSupport.NewMachine();
                ActiveRanges* ranges = &machine.Memory->Active;
                bool[] pages = new bool[Pages + 40];
                foreach ((ulong start, ulong count, int kind) in steps)
                {
                    if (kind == 9)
                    {
                        ranges->Sort();
                        Assert.Equal(BootTestSupport.Ranges(ranges).Order(), BootTestSupport.Ranges(ranges));
                    }
                    else if (kind >= 7)
                    {
                        ranges->Remove(start, start + count);
                        Array.Fill(pages, false, (int)start, (int)count);
                    }
                    else
                    {
                        ranges->Add(start, start + count);
                        Array.Fill(pages, true, (int)start, (int)count);
                    }

                    AssertEachPageOnce(pages, BootTestSupport.Ranges(ranges));
                }
            });
    }

    private static void AssertEachPageOnce(bool[] pages, List<(ulong StartPfn, ulong EndPfn)> ranges)
    {
        bool[] found = new bool[pages.Length];
        foreach ((ulong startPfn, ulong endPfn) in ranges)
        {
            for (ulong pfn = startPfn; pfn < endPfn; pfn++)
            {
                Assert.False(found[pfn]);
                found[pfn] = true;
            }
        }

        Assert.Equal(pages, found);
    }

    private static List<(ulong StartPfn, ulong EndPfn)> Added(params (ulong StartPfn, ulong EndPfn)[] ranges)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        foreach ((ulong startPfn, ulong endPfn) in ranges)
        {
            machine.Memory->Active.Add(startPfn, endPfn);
        }

        return BootTestSupport.Ranges(&machine.Memory->Active);
    }
}
