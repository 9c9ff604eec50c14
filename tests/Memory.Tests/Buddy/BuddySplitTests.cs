using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Buddy;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Buddy;

/// <summary>Rows of exactly that many pages: tails go back, rows fill memory, everything merges again.</summary>
public sealed unsafe class BuddySplitTests
{
    [Fact]
    public void TheTailOfABlockGoesBack()
    {
        //  0       4   5   6       8
        //  |A A A A|A|f|f f|          5 of 8 pages
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        Assert.Equal(0u, zone.Pages->AllocateExact(5));
        Assert.Equal("0: 5; 1: 6", zone.Lists());
        Assert.Equal(PageState.Allocated, zone.Pages->StateOf(3, out uint head, out uint order));
        Assert.Equal((0u, 2u), (head, order));
        zone.AssertSound();
        zone.Pages->FreeExact(0, 5);
        Assert.Equal("3: 0", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void ShrinkingCutsABlockInTheMiddle()
    {
        //  |A A A A A A A|f|  ->  |A A A|f|f f f f|
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        zone.Pages->AllocateExact(7);
        zone.Pages->Shrink(0, 7, 3);
        Assert.Equal("0: 3; 2: 4", zone.Lists());
        zone.Pages->FreeExact(0, 3);
        Assert.Equal("3: 0", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void PackedRowsStartWhereTheLastOneEnded()
    {
        //  0     3     6     9
        //  |A A A|B B B|C C C| ...
        using ZoneUnderTest zone = new(0, 1024);
        zone.Pages->HandOver(0, 10);
        for (uint i = 0; i < 341; i++)
        {
            Assert.Equal(3 * i, zone.Pages->AllocateFitting(3, 0, false));
            zone.AssertSound();
        }

        Assert.Equal(PageFrame.NoLink, zone.Pages->AllocateFitting(3, 0, false));
        Assert.Equal(1u, zone.Pages->FreePages);
        for (uint i = 0; i < 341; i++)
        {
            zone.Pages->FreeExact(3 * (i * 7 % 341), 3);
        }

        Assert.Equal("10: 0", zone.Lists());
    }

    [Fact]
    public void ARowLongerThanTheLargestBlockTakesNeighbours()
    {
        // Blocks of 1,024 at 0 (used), 1024, 2048, 3072. Expect 2,500 pages from 1024, the last 572 back, and nothing left for 1,025 more.
        using ZoneUnderTest zone = new(0, 4096);
        zone.Pages->HandOverRange(0, 4096);
        uint[] blocks = [.. Enumerable.Range(0, 4).Select(_ => zone.Pages->Allocate(10))];
        foreach (uint block in blocks.Where(pfn => pfn != 0))
        {
            zone.Pages->Free(block, 10);
        }

        Assert.Equal(1024u, zone.Pages->AllocateExact(2500));
        Assert.Equal(572u, zone.Pages->FreePages);
        Assert.Equal(PageFrame.NoLink, zone.Pages->AllocateExact(1025));
        zone.AssertSound();
        zone.Pages->FreeExact(1024, 2500);
        zone.Pages->Free(0, 10);
        Assert.Equal(4096u, zone.Pages->FreePages);
        zone.AssertSound();
    }

    [Fact]
    public void AboveALimitNothingBelowIsTaken()
    {
        using ZoneUnderTest zone = new(0, 64);
        zone.Pages->HandOver(0, 4);
        zone.Pages->HandOver(32, 3);
        Assert.Equal(32u, zone.Pages->AllocateAbove(3, 20));
        Assert.Equal(36u, zone.Pages->AllocateAbove(4, 20));
        Assert.Equal(35u, zone.Pages->AllocateAbove(1, 20));
        Assert.Equal(PageFrame.NoLink, zone.Pages->AllocateAbove(1, 20));
        Assert.Equal(0u, zone.Pages->AllocateAbove(1, 0));
        zone.AssertSound();
    }

    [Fact]
    public void GivingARowBackTwiceIsABug()
    {
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        zone.Pages->AllocateExact(5);
        zone.Pages->FreeExact(0, 5);
        Assert.Contains("double free", zone.Refused(z => z.Pages->FreeExact(0, 5)), StringComparison.Ordinal);
    }

    [Fact]
    public void RowsNeverOverlapAndAllComesBack()
    {
        Gen.Select(Gen.UInt[1, 2500], Gen.Select(Gen.Int[0, 3], Gen.UInt[1, 40], Gen.UInt).Array[0, 200]).Fuzz(1_000, c =>
        {
            using ZoneUnderTest zone = new(100, 100 + c.Item1);
            zone.Pages->HandOverRange(100, 100 + c.Item1);
            string before = zone.Lists();
            List<(uint Pfn, uint Pages)> live = [];
            HashSet<uint> used = [];
            foreach ((int what, uint pages, uint pick) in c.Item2)
            {
                if (what < 2)
                {
                    uint lowest = 100 + (pick % c.Item1);
                    bool quick = (pages & 1) == 0;
                    uint pfn = what == 0 ? zone.Pages->AllocateFitting(pages, lowest, quick) : zone.Pages->AllocateAbove(pages, lowest);
                    if (pfn == Zone.None)
                    {
                        continue;
                    }

                    Assert.True(pfn >= lowest);
                    Assert.All(Enumerable.Range((int)pfn, (int)pages), page => Assert.True(used.Add((uint)page)));
                    live.Add((pfn, pages));
                }
                else if (live.Count > 0)
                {
                    int index = (int)(pick % (uint)live.Count);
                    (uint pfn, uint had) = live[index];
                    uint keep = what == 2 ? 0 : pages % (had + 1);
                    live.RemoveAt(index);
                    if (keep == 0)
                    {
                        zone.Pages->FreeExact(pfn, had);
                    }
                    else
                    {
                        zone.Pages->Shrink(pfn, had, keep);
                        live.Add((pfn, keep));
                    }

                    used.RemoveWhere(page => page >= pfn + keep && page < pfn + had);
                }
            }

            zone.AssertSound();
            Assert.Equal(c.Item1 - (uint)used.Count, zone.Pages->FreePages);
            live.ForEach(row => zone.Pages->FreeExact(row.Pfn, row.Pages));
            zone.AssertSound();
            Assert.Equal(c.Item1, zone.Pages->FreePages);
            Assert.Equal(Sorted(before), Sorted(zone.Lists()));
        });
    }

    private static string Sorted(string lists)
        => string.Join(
            "; ",
            lists.Split("; ").Select(row => string.Join(' ', row.Split(' ').OrderBy(word => word, StringComparer.Ordinal))));
}
