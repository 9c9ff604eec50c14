using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Buddy;

/// <summary>
/// Frames that are cleared late, on the table of an earlier kernel (<see cref="ZoneUnderTest"/> leaves one): it must be told from this
/// kernel's, and stay as it is until it is needed.
/// </summary>
public sealed unsafe class SectionTests
{
    private const uint Section = 1024;

    [Fact]
    public void WhatTheTableHeldIsNobodysBlock()
    {
        // Pages 0..4095 reserved, then section 1 free as a whole. Expect each page in its section's state, and every free refused.
        using ZoneUnderTest zone = new(0, 4 * Section);
        zone.Pages->HandOver(Section, Zone.MaxOrder);
        for (uint pfn = 0; pfn < 4 * Section; pfn++)
        {
            bool free = pfn / Section == 1;
            Assert.Equal(free ? PageState.Free : PageState.Reserved, zone.Pages->StateOf(pfn, out uint head, out uint order));
            Assert.Equal((pfn / Section * Section, Zone.MaxOrder), (head, order));
            PageFrame stale = *zone.Frame(pfn);
            if (pfn % Section != 0 && stale.Forward >= PageFrame.AllocatedTag)
            {
                uint found = stale.Forward & PageFrame.LinkMask;
                Assert.Contains(free ? "double free" : "reserved", zone.Refused(z => z.Pages->Free(pfn, found)));
            }
        }

        zone.AssertSound();
    }

    [Fact]
    public void OnlyASectionThatIsNeededIsCleared()
    {
        // Four sections free as a whole. Expect one frame of each written; after one page was taken, one section clear.
        using ZoneUnderTest zone = new(0, 4 * Section);
        PageFrame stale = *zone.Frame(Section + 1);
        Assert.NotEqual(0u, stale.Forward);
        zone.Pages->HandOverRange(0, 4 * Section);
        Assert.Equal(4u, zone.Pages->FreeBlocks(Zone.MaxOrder));
        Assert.Equal(stale, *zone.Frame(Section + 1));
        Assert.Equal(3 * Section, zone.Pages->Allocate(0));
        Assert.Equal(stale, *zone.Frame(Section + 1));
        for (uint pfn = (3 * Section) + 3; pfn < 4 * Section; pfn++)
        {
            Assert.True(zone.Frame(pfn)->Forward <= ((Zone.MaxOrder * PageFrame.TagStep) | PageFrame.LinkMask), $"{pfn:x}");
        }

        zone.Pages->Free(3 * Section, 0);
        Assert.Equal(4u, zone.Pages->FreeBlocks(Zone.MaxOrder));
        zone.AssertSound();
    }

    [Fact]
    public void AWholeBlockThatIsTakenCanBeGivenBackOnlyAsWhatItIs()
    {
        using ZoneUnderTest zone = new(0, 2 * Section);
        zone.Pages->HandOverRange(0, 2 * Section);
        uint pfn = zone.Pages->Allocate(Zone.MaxOrder);
        Assert.Equal(Section, pfn);
        Assert.Contains("the allocated block is 400 order 10", zone.Refused(z => z.Pages->Free(pfn + 3, 3)));
        Assert.Contains("the allocated block is 400 order 10", zone.Refused(z => z.Pages->Free(pfn, 9)));
        zone.Pages->Free(pfn, Zone.MaxOrder);
        Assert.Contains("double free", zone.Refused(z => z.Pages->Free(pfn, Zone.MaxOrder)));
        Assert.Contains("double free", zone.Refused(z => z.Pages->Free(0, Zone.MaxOrder)));
        zone.AssertSound();
    }

    [Fact]
    public void ASectionIsHandedOverOnce()
    {
        using ZoneUnderTest zone = new(0, 2 * Section);
        zone.Pages->HandOver(0, Zone.MaxOrder);
        Assert.Contains("twice", zone.Refused(z => z.Pages->HandOver(0, Zone.MaxOrder)));
        Assert.Contains("twice", zone.Refused(z => z.Pages->HandOver(5, 0)));
        zone.Pages->HandOver(Section + 5, 0);
        Assert.Contains("twice", zone.Refused(z => z.Pages->HandOver(Section + 5, 0)));
        Assert.Equal(PageState.Reserved, zone.Pages->StateOf(Section + 6, out uint head, out uint order));
        Assert.Equal((Section + 6, 0u), (head, order));
        zone.AssertSound();
    }

    [Theory]
    [InlineData(0, 8 * Section)]
    [InlineData(5, (8 * Section) + 7)]
    [InlineData(Section - 1, (2 * Section) + 513)]
    [InlineData(Section, (4 * Section) + 1)]
    [InlineData((3 * Section) + 100, (3 * Section) + 600)]
    public void AStaleTableChangesNothing(uint start, uint end)
    {
        // The same random operations on a stale table and on zeros, and every answer compared.
        for (int seed = 0; seed < 20; seed++)
        {
            using ZoneUnderTest stale = new(start, end);
            using ZoneUnderTest clear = new(start, end);
            for (uint pfn = start & ~(Section - 1); pfn < end; pfn++)
            {
                *clear.Frame(pfn) = default;
            }

            clear.StartAgain(start, end);
            HandOverSome(new Random(seed), stale, start, end);
            HandOverSome(new Random(seed), clear, start, end);
            Assert.Equal(clear.Lists(), stale.Lists());
            Assert.Equal(Operate(new Random(seed), clear), Operate(new Random(seed), stale));
            Assert.Equal(clear.Lists(), stale.Lists());
            stale.AssertSound();
            clear.AssertSound();
            for (uint pfn = start; pfn < end; pfn++)
            {
                PageState expected = clear.Pages->StateOf(pfn, out uint head, out uint order);
                Assert.Equal((expected, head, order), (stale.Pages->StateOf(pfn, out uint found, out uint of), found, of));
            }
        }
    }

    [Fact]
    public void ASectionInPartsIsClearedWhenAPageOfItIsTaken()
    {
        // |5..499| hole |600..1023|   |1025..2044|     300, 700 and 1300 lie inside blocks, 550 in the hole.
        using ZoneUnderTest zone = new(0, 2 * Section);
        uint[] inside = [300, 550, 700, Section + 276];
        PageFrame[] stale = [.. Array.ConvertAll(inside, pfn => *zone.Frame(pfn))];
        zone.Pages->HandOverRange(5, 500);
        zone.Pages->HandOverRange(600, Section);
        zone.Pages->HandOverRange(Section + 1, (2 * Section) - 3);
        Assert.Equal(stale, Array.ConvertAll(inside, pfn => *zone.Frame(pfn)));

        // The last page handed over is the first to go: expect its section clear, and the other as it was.
        Assert.Equal((2 * Section) - 4, zone.Pages->Allocate(0));
        Assert.Equal(stale[..3], Array.ConvertAll(inside[..3], pfn => *zone.Frame(pfn)));
        Assert.Equal(0u, zone.Frame(inside[3])->Forward);

        // A hole, a head in a row, and what was never handed over.
        Assert.Contains("reserved", zone.Refused(z => z.Pages->Free(550, 0)));
        Assert.Contains("double free of pfn 12c order 0: it lies in the free block 100 order 7", zone.Refused(z => z.Pages->Free(300, 0)));
        Assert.Contains("reserved", zone.Refused(z => z.Pages->Free(Section, 0)));
        zone.AssertSound();
        zone.Pages->Free((2 * Section) - 4, 0);
        zone.AssertSound();
    }

    [Fact]
    public void PartsInOrderBecomeTheBlocksThatTheyWouldOneByOne()
    {
        // Block by block every section is cleared at once: what must come out the same, by lists and by what is done with them. But for a
        // best fit, which does not look back in a section in parts.
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            uint start = (uint)random.Next(0, 1500);
            uint end = start + (uint)random.Next(1, 9000);
            using ZoneUnderTest parts = new(start, end);
            using ZoneUnderTest single = new(start, end);
            int longest = 1 << random.Next(1, 13);
            for (uint pfn = start; pfn < end;)
            {
                pfn += (uint)random.Next(0, 40);
                uint next = Math.Min(end, pfn + (uint)random.Next(1, longest));
                if (pfn >= next)
                {
                    break;
                }

                parts.Pages->HandOverRange(pfn, next);
                while (pfn != next)
                {
                    uint order = PageBlock.LargestOrder(pfn, next - pfn);
                    single.Pages->HandOver(pfn, order);
                    pfn += 1u << (int)order;
                }
            }

            Assert.Equal(single.Lists(), parts.Lists());
            Assert.Equal(Operate(new Random(seed), single, fitting: false), Operate(new Random(seed), parts, fitting: false));
            Assert.Equal(single.Lists(), parts.Lists());
            parts.AssertSound();
        }
    }

    private static void HandOverSome(Random random, ZoneUnderTest zone, uint start, uint end)
    {
        for (uint pfn = start; pfn < end;)
        {
            uint length = (uint)Math.Min(end - pfn, 1 + random.Next(random.Next(2) == 0 ? 40 : 3000));
            if (random.Next(4) != 0)
            {
                zone.Pages->HandOverRange(pfn, pfn + length);
            }

            pfn += length;
        }
    }

    private static List<string> Operate(Random random, ZoneUnderTest zone, bool fitting = true)
    {
        List<string> answers = [];
        List<(uint Pfn, uint Pages, bool Row)> held = [];
        for (int i = 0; i < 400; i++)
        {
            if (held.Count != 0 && random.Next(5) < 2)
            {
                int pick = random.Next(held.Count);
                (uint pfn, uint pages, bool row) = held[pick];
                held.RemoveAt(pick);
                if (row)
                {
                    zone.Pages->FreeExact(pfn, pages);
                }
                else
                {
                    zone.Pages->Free(pfn, pages);
                }

                continue;
            }

            uint size = (uint)random.Next(1, random.Next(10) == 0 ? 2500 : 60);
            int what = random.Next(5);
            uint order = (uint)random.Next(0, 11);
            uint taken = what switch
            {
                0 => zone.Pages->Allocate(order),
                1 => zone.Pages->AllocateExact(size),
                2 when fitting => zone.Pages->AllocateFitting(size, 0, random.Next(2) == 0),
                2 or 3 => zone.Pages->AllocateRow(size, zone.Pages->StartPfn + 17),
                _ => zone.Pages->AllocateAbove(size, zone.Pages->StartPfn + 600),
            };
            answers.Add($"{what} {taken:x}");
            if (taken != Zone.None)
            {
                held.Add((taken, what == 0 ? order : size, what != 0));
            }
        }

        return answers;
    }
}
