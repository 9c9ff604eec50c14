using CosmosBootAlloc.Memory.Physical;
using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Bootmem;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Bootmem;

/// <summary>The bitmap against an array of pages: searches of any length, and whole lives from set-up to hand-over.</summary>
public sealed unsafe class BootmemFuzzTests
{
    private readonly record struct Step(uint Kind, uint A, uint B, int Align, uint Goal);

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.UInt[0, 9],
        Gen.UInt,
        Gen.Frequency((5, Gen.UInt[1, 0x4000]), (1, Gen.UInt[1, 0x60000])),
        Gen.Frequency((6, Gen.Int[0, 7]), (2, Gen.Int[8, 15]), (1, Gen.Int[16, 22])),
        Gen.Frequency((3, Gen.Const(0u)), (2, Gen.UInt)),
        (kind, a, b, align, goal) => new Step(kind, a, b, align, goal));

    [Fact]
    public void SearchesInTheBitmapAreThoseOfAPageArray()
    {
        // Up to three sizes of summary group: a step of the walk is a range of pages that is freed or reserved, then two searches.
        Gen<(uint Pages, (bool Free, uint From, uint Length, uint Search)[] Steps)> cases = Gen.Select(
            Gen.Frequency((4, Gen.UInt[1, 3000]), (1, Gen.UInt[500_000, 1_400_000])),
            Gen.Select(Gen.Bool, Gen.UInt, Gen.Frequency((3, Gen.UInt[0, 200]), (1, Gen.UInt[0, 300_000])), Gen.UInt).Array[1, 40]);
        cases.Fuzz(600, c => RunBitmap(c.Pages, c.Steps));
    }

    private static void RunBitmap(uint pages, (bool Free, uint From, uint Length, uint Search)[] steps)
    {
        uint[] words = new uint[PageBitmap.Bytes(pages) / 4];
        bool[] free = new bool[pages];
        fixed (uint* start = words)
        {
            PageBitmap bitmap = default;
            bitmap.Init(start, pages);
            foreach ((bool isFree, uint from, uint length, uint search) in steps)
            {
                uint first = from % pages;
                uint end = Math.Min(pages, first + length);
                if (isFree)
                {
                    bitmap.Free(first, end);
                }
                else
                {
                    bitmap.Reserve(first, end);
                }

                free.AsSpan((int)first, (int)(end - first)).Fill(isFree);
                uint at = search % pages;
                uint stop = Math.Min(pages, at + search % 2 * 1000 + search % 7 * 100_000);
                Span<bool> window = free.AsSpan((int)at, (int)(stop - at));
                Assert.Equal(window.IndexOf(true) is var f && f < 0 ? stop : at + (uint)f, bitmap.NextFree(at, stop));
                Assert.Equal(window.IndexOf(false) is var r && r < 0 ? stop : at + (uint)r, bitmap.NextReserved(at, stop));
                Assert.Equal(!free[at], bitmap.IsReserved(at));
            }

            uint seen = 0;
            for (uint run = bitmap.NextFree(0, pages); run < pages; run = bitmap.NextFree(bitmap.NextReserved(run, pages), pages))
            {
                seen += bitmap.NextReserved(run, pages) - run;
            }

            Assert.Equal((uint)free.Count(page => page), seen);
        }
    }

    [Fact]
    public void ASearchThatEndsInsideASummaryGroupSaysNothingAboutItsRest()
    {
        //  2^20 pages: a group is two words, 64 pages.    64        96        127
        //                                                 |  full   |      free|
        // A search up to page 96 finds nothing. Expect the next one to find page 127 all the same, and a whole search in vain to be right.
        const uint Pages = 1 << 20;
        fixed (uint* words = new uint[PageBitmap.Bytes(Pages) / 4])
        {
            PageBitmap bitmap = default;
            bitmap.Init(words, Pages);
            bitmap.Free(127, 128);
            Assert.Equal(96u, bitmap.NextFree(0, 96));
            Assert.Equal(127u, bitmap.NextFree(0, Pages));
            bitmap.Reserve(127, 128);
            Assert.Equal(Pages, bitmap.NextFree(0, Pages));
            bitmap.Free(Pages - 1, Pages);
            Assert.Equal(Pages - 1, bitmap.NextFree(0, Pages));
        }
    }

    [Fact]
    public void ALifeIsThatOfAPageArray()
    {
        Gen<(uint Start, uint Length, Step[] Steps)> cases = Gen.Select(
            Gen.Frequency((2, Gen.UInt[0, 8].Select(i => i * 64)), (1, Gen.UInt[0, 300])),
            Gen.UInt[8, 700],
            s_step.Array[0, 120]);
        cases.Fuzz(700, c => RunLife(c.Start, c.Length, c.Steps), c => $"node {c.Start:x}+{c.Length:x}: {string.Join(", ", c.Steps)}");
    }

    [Fact]
    public void ALifeOfSmallAllocationsIsThatOfAPageArray()
    {
        // Most allocations fit the page in which the last one ended; between them single pages are freed and reserved, often that very one.
        Gen<Step> small = Gen.Select(
            Gen.Frequency((1, Gen.UInt[0, 2]), (6, Gen.Const(3u))),
            Gen.UInt[0, 0x5fff],
            Gen.Frequency((8, Gen.UInt[1, 200]), (1, Gen.UInt[0xf00, 0x1100])),
            Gen.Frequency((6, Gen.Int[0, 6]), (1, Gen.Int[11, 14])),
            Gen.Frequency((12, Gen.Const(0u)), (1, Gen.UInt)),
            (kind, a, b, align, goal) => new Step(kind, a, kind is 1 or 2 ? b + 0x1000 : b, align, goal));
        Gen<(uint Start, uint Length, Step[] Steps)> cases = Gen.Select(Gen.UInt[0, 3], Gen.UInt[1, 8], small.Array[20, 200]);
        cases.Fuzz(700, c => RunLife(c.Start, c.Length, c.Steps), c => $"node {c.Start:x}+{c.Length:x}: {string.Join(", ", c.Steps)}");
    }

    private static void RunLife(uint start, uint length, Step[] steps)
    {
        using BootMachine machine = new();

        // The bitmap lies behind the node, where no step can free and no allocation can zero it.
        uint mapPfn = start + length;
        BootmemAllocator* bitmap = machine.Bitmap;
        bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, mapPfn, start, start + length);
        bitmap->FreePages(start, start + length);
        PageArray model = new(start, length);
        foreach (Step step in steps)
        {
            ulong address = ((ulong)start << 12) + step.A % (length << 12);
            ulong size = Math.Min(step.B, ((ulong)(start + length) << 12) - address);
            switch (step.Kind)
            {
                case 0:
                    bool exclusive = step.Align % 2 == 0;
                    Assert.Equal(model.Reserve(address, size, exclusive), bitmap->Reserve(address, size, exclusive));
                    break;
                case 1:
                case 2:
                    if (model.Free(address, size))
                    {
                        bitmap->Free(address, size);
                    }

                    break;
                default:
                    ulong align = 1UL << step.Align;
                    ulong goal = step.Goal == 0
                        ? 0
                        : ((ulong)start << 12) - Math.Min((ulong)start << 12, 0x2000) + step.Goal % ((length + 4) << 12);
                    Assert.Equal(model.Allocate(step.B, align, goal), bitmap->TryAllocate(step.B, align, goal, 0));
                    break;
            }

            Assert.Equal(model.Hint, bitmap->Hint);
            Assert.Equal(model.LastEnd, bitmap->LastEndOffset);
            Assert.Equal(model.FreeRuns(), machine.FreeRuns());
        }

        List<(ulong, uint, ulong)> rows = model.HandOver(mapPfn);
        Assert.Equal((ulong)rows.Sum(row => (long)(row.Item3 << (int)row.Item2)), machine.HandOver(bitmap: true));
        Assert.Equal(rows, machine.Runs);
    }

    [Fact]
    public void ARunTakenAsOneRangeLeavesTheSameListsAsBlockByBlock()
    {
        // The promise of PageRuns: 64-page blocks and single pages handed over one by one, as Linux does, or by whole runs.
        Gen<(uint Start, uint Length)[]> cases = Gen.Select(
            Gen.UInt[1, 200],
            Gen.Frequency((1, Gen.UInt[1, 70]), (1, Gen.UInt[1, 3000]))).Array[1, 12];
        cases.Fuzz(500, gaps =>
        {
            uint end = (uint)gaps.Sum(gap => gap.Item1 + gap.Item2);
            using ZoneUnderTest blocks = new(0, end);
            using ZoneUnderTest ranges = new(0, end);
            uint pfn = 0;
            foreach ((uint hole, uint length) in gaps)
            {
                pfn += hole;
                uint first = (pfn + 63) & ~63u;
                uint last = (pfn + length) & ~63u;
                (uint From, uint To, uint Order)[] runs = first < last
                    ? [(pfn, first, 0), (first, last, 6), (last, pfn + length, 0)]
                    : [(pfn, pfn + length, 0)];
                foreach ((uint from, uint to, uint order) in runs)
                {
                    for (uint block = from; block < to; block += 1u << (int)order)
                    {
                        blocks.Pages->HandOver(block, order);
                    }

                    ranges.Pages->HandOverRange(from, to);
                }

                pfn += length;
            }

            Assert.Equal(blocks.Lists(), ranges.Lists());
        });
    }

    /// <summary>The rules of the bitmap over one bool a page, with no thought for speed.</summary>
    private sealed class PageArray
    {
        private readonly uint _start;
        private readonly bool[] _free;

        internal PageArray(uint start, uint length)
        {
            _start = start;
            _free = new bool[length];
            Array.Fill(_free, true);
        }

        internal uint Hint { get; private set; }

        internal ulong LastEnd { get; private set; }

        internal void Fill(uint from, uint to, bool free)
        {
            for (uint pfn = from; pfn < to; pfn++)
            {
                _free[pfn - _start] = free;
            }
        }

        internal bool Reserve(ulong address, ulong size, bool exclusive)
        {
            uint from = (uint)(address >> 12);
            uint to = (uint)((address + size + 4095) >> 12);
            for (uint pfn = from; pfn < to && exclusive; pfn++)
            {
                if (!_free[pfn - _start])
                {
                    Hint = Math.Min(Hint, from - _start);
                    return false;
                }
            }

            Fill(from, to, free: false);
            return true;
        }

        /// <summary>False, and nothing done, if the range would be refused.</summary>
        internal bool Free(ulong address, ulong size)
        {
            uint from = (uint)((address + 4095) >> 12);
            uint to = (uint)((address + size) >> 12);
            if (from - _start >= _free.Length)
            {
                return false;
            }

            for (uint pfn = from; pfn < to; pfn++)
            {
                if (_free[pfn - _start])
                {
                    return false;
                }
            }

            Fill(from, to, free: true);
            Hint = Math.Min(Hint, from - _start);
            return true;
        }

        internal ulong Allocate(ulong size, ulong align, ulong goal)
        {
            uint goalPfn = (uint)(goal >> 12);
            uint wished = goalPfn > _start && goalPfn < _start + _free.Length ? goalPfn - _start : 0;
            uint[] starts = [Math.Max(wished, Hint), wished, Hint, 0];
            foreach (uint from in starts)
            {
                for (uint page = from; page < _free.Length; page++)
                {
                    if (((ulong)(page + _start) << 12) % align != 0 && align > 4096)
                    {
                        continue;
                    }

                    uint pages = (uint)((size + 4095) >> 12);
                    if (page + pages <= _free.Length && Enumerable.Range((int)page, (int)pages).All(p => _free[p]))
                    {
                        return Place(page, size, align);
                    }
                }
            }

            return PhysicalAddress.None;
        }

        private ulong Place(uint page, ulong size, ulong align)
        {
            ulong startBytes = (ulong)_start << 12;
            ulong address = startBytes + ((ulong)page << 12);
            if (LastEnd % 4096 != 0 && (LastEnd >> 12) + 1 == page)
            {
                address = (startBytes + LastEnd + align - 1) / align * align;
            }

            LastEnd = address + size - startBytes;
            Hint = (uint)((LastEnd + 4095) >> 12);
            Fill((uint)(address >> 12), _start + Hint, free: false);
            return address;
        }

        internal string FreeRuns()
        {
            List<string> rows = [];
            for (int i = 0; i < _free.Length; i++)
            {
                int end = i;
                while (end < _free.Length && _free[end])
                {
                    end++;
                }

                if (end > i)
                {
                    rows.Add($"{_start + i:x}-{_start + end:x}");
                    i = end;
                }
            }

            return string.Join(" ", rows);
        }

        /// <summary>Word by word of 64 pages, as Linux does it, then joined to runs.</summary>
        internal List<(ulong, uint, ulong)> HandOver(uint mapPfn)
        {
            List<(ulong Pfn, uint Order, ulong Count)> runs = [];
            for (int word = 0; word < _free.Length; word += 64)
            {
                bool whole = _start % 64 == 0 && word + 64 < _free.Length && _free.Skip(word).Take(64).All(free => free);
                for (int page = word; page < Math.Min(word + 64, _free.Length); page++)
                {
                    if (whole && page == word)
                    {
                        Add((ulong)(_start + page), 6);
                    }
                    else if (!whole && _free[page])
                    {
                        Add((ulong)(_start + page), 0);
                    }
                }
            }

            Add(mapPfn, 0);
            return runs.ConvertAll(run => (run.Pfn, run.Order, run.Count));

            void Add(ulong pfn, uint order)
            {
                if (runs.Count > 0 && runs[^1].Order == order && runs[^1].Pfn + (runs[^1].Count << (int)order) == pfn)
                {
                    runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
                }
                else
                {
                    runs.Add((pfn, order, 1));
                }
            }
        }
    }
}
