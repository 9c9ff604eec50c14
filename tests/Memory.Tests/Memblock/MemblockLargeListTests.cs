using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>Lists of thousands of reservations: blocks of several lengths, rings turned anywhere, bounds raised and lowered.</summary>
public sealed unsafe class MemblockLargeListTests
{
    private const ulong First = 0x1000000;
    private const ulong Step = 0x4000;
    private const ulong Ram = 1UL << 32;

    public static TheoryData<string, int> Orders => new()
    {
        { "ascending", 5000 }, { "descending", 5000 }, { "random", 5000 }, { "ascending", 127 }, { "descending", 127 }, { "random", 129 },
    };

    // Reservations of a page that keep apart, in any order, over several doublings. Expect each once and ascending, no gap between them
    // large enough for 16 KiB, and the first gap and the last that are large enough for 12 KiB.
    [Theory]
    [MemberData(nameof(Orders))]
    public void InAnyOrderTheListIsTheSame(string order, int count)
    {
        using MemblockUnderTest blocks = Machine();
        foreach (uint i in InOrder(order, count))
        {
            Assert.True(blocks.Blocks->Reserve(First + (i * Step), 0x1000));
        }

        ulong end = First + ((ulong)count * Step);
        List<(ulong Start, ulong End)> list = [.. Regions(blocks.Blocks).Where(r => r.Start < end)];
        Assert.Equal(Enumerable.Range(0, count).Select(i => (First + ((ulong)i * Step), First + ((ulong)i * Step) + 0x1000)), list);
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(First, end - 0x3000, 0x4000, 0x1000));
        Assert.Equal(end - 0x3000, blocks.Blocks->Find(First, end, 0x3000, 0x1000));
        blocks.Blocks->SetBottomUp(true);
        Assert.Equal(First + 0x1000, blocks.Blocks->Find(First, end, 0x3000, 0x1000));
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(First, end - 0x3000, 0x4000, 0x1000));
    }

    // 3,000 reservations; a search in vain makes the bounds exact. Then room is made in the middle. Expect the next search to see it,
    // whether it came from a part of one, from a whole one, from many at once, or from an end.
    [Theory]
    [InlineData(0x800UL, 0x800UL, 0x3800UL)]
    [InlineData(0UL, 0x1000UL, 0x7000UL)]
    [InlineData(0UL, 100 * Step, (100 * Step) + 0x3000)]
    [InlineData(0UL, 0x400UL, 0x3400UL)]
    public void RoomThatIsMadeIsFound(ulong offset, ulong size, ulong found)
    {
        using MemblockUnderTest blocks = Machine();
        foreach (uint i in InOrder("random", 3000))
        {
            Assert.True(blocks.Blocks->Reserve(First + (i * Step), 0x1000));
        }

        ulong end = First + (2999 * Step);
        ulong hole = First + (1700 * Step) + offset;
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(First, end, found, 1));
        Assert.True(blocks.Blocks->Free(hole, size));
        ulong address = blocks.Blocks->Find(First, end, found, 1);
        Assert.InRange(address, hole - 0x3000, hole);
        blocks.Blocks->SetBottomUp(true);
        Assert.Equal(address, blocks.Blocks->Find(First, end, found, 1));
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(First, end, found + 1, 1));
        Assert.True(blocks.Blocks->Reserve(hole, size));
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(First, end, found, 1));
    }

    [Fact]
    public void RandomSequencesAreThoseOfAListThatIsWalked()
    {
        // Reservations and frees of any length at random places: some touch, some overlap, some cover hundreds, some cut in the
        // middle. After each 50 the whole list, and searches in both directions through random windows.
        Gen.Select(Gen.Int[300, 4000], Gen.Int).Fuzz(10, both => Run(both.Item1, both.Item2));
    }

    private static void Run(int steps, int seed)
    {
        using MemblockUnderTest blocks = Machine();
        Random random = new(seed);
        List<(ulong Start, ulong End)> model = [];
        ulong span = (ulong)steps * 0x2000;
        for (int i = 0; i < steps; i++)
        {
            ulong start = First + ((ulong)random.NextInt64((long)span / 0x40) * 0x40);
            ulong size = random.Next(40) == 0 ? span / 16 : 0x40UL * (ulong)random.Next(1, 64);
            bool free = random.Next(3) == 0;
            Assert.True(free ? blocks.Blocks->Free(start, size) : blocks.Blocks->Reserve(start, size));
            Change(model, start, start + size, free);
            if (i % 50 == 0 || i == steps - 1)
            {
                ulong end = First + (2 * span);
                Assert.Equal(model, Regions(blocks.Blocks).Where(r => r.Start < end));
                for (int j = 0; j < 12; j++)
                {
                    Search(blocks.Blocks, model, random, span);
                }
            }
        }
    }

    private static void Search(MemblockAllocator* blocks, List<(ulong Start, ulong End)> model, Random random, ulong span)
    {
        ulong low = First + (ulong)random.NextInt64((long)span);
        ulong high = low + (ulong)random.NextInt64((long)span);
        ulong size = 0x20UL << random.Next(0, 13);
        ulong align = 1UL << random.Next(0, 14);
        bool up = random.Next(2) == 0;
        ulong expected = PhysicalAddress.None;
        ulong from = low;
        foreach ((ulong start, ulong end) in model.Where(r => r.End > low && r.Start < high).Append((high, high)))
        {
            ulong lowest = Bits.RoundUp(from, align);
            if (start > from && start - from >= size)
            {
                ulong candidate = up ? lowest : Bits.RoundDown(start - size, align);
                if (candidate >= from && candidate + size <= start)
                {
                    expected = candidate;
                    if (up)
                    {
                        break;
                    }
                }
            }

            from = end;
        }

        blocks->SetBottomUp(up);
        Assert.Equal(expected, blocks->Find(low, high, size, align));
        blocks->SetBottomUp(false);
    }

    private static void Change(List<(ulong Start, ulong End)> model, ulong start, ulong end, bool free)
    {
        List<(ulong Start, ulong End)> touched = [.. model.Where(r => r.End >= start && r.Start <= end)];
        int place = model.FindIndex(r => r.End >= start);
        place = place < 0 ? model.Count : place;
        model.RemoveRange(place, touched.Count);
        if (!free)
        {
            model.Insert(place, (touched.Select(r => r.Start).Append(start).Min(), touched.Select(r => r.End).Append(end).Max()));
            return;
        }

        foreach ((ulong oldStart, ulong oldEnd) in touched)
        {
            if (oldStart < start)
            {
                model.Insert(place++, (oldStart, Math.Min(oldEnd, start)));
            }

            if (oldEnd > end)
            {
                model.Insert(place++, (Math.Max(oldStart, end), oldEnd));
            }
        }
    }

    /// <summary>4 GiB of memory; the lists that double lie at its end, above everything that is reserved here.</summary>
    private static MemblockUnderTest Machine()
    {
        MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, Ram);
        blocks.Blocks->AllowResize();
        return blocks;
    }

    private static uint[] InOrder(string order, int count)
    {
        uint[] numbers = [.. Enumerable.Range(0, count).Select(i => (uint)i)];
        switch (order)
        {
            case "descending":
                Array.Reverse(numbers);
                break;
            case "random":
                new Random(1).Shuffle(numbers);
                break;
        }

        return numbers;
    }

    private static List<(ulong Start, ulong End)> Regions(MemblockAllocator* blocks)
    {
        List<(ulong, ulong)> regions = [];
        for (uint i = 0; i < blocks->ReservedCount; i++)
        {
            regions.Add((blocks->ReservedRegion(i)->Base, blocks->ReservedRegion(i)->End));
        }

        return regions;
    }
}
