using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>Memory is used up before it is refused, in the DMA zone as in the DMA32 one. A refusal's figures explain it.</summary>
public sealed unsafe class OutOfMemoryTests
{
    private const uint FirstPage = 0x300;
    private const uint Pages = 0xb00;

    [Theory]
    [InlineData(false, 2)]
    [InlineData(false, 3)]
    [InlineData(false, 5)]
    [InlineData(false, 11)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 5)]
    [InlineData(true, 11)]
    public void RowsFillTheZoneThereIs(bool dma, uint pages)
    {
        // About 2,900 pages in either zone, none in the other but the DMA zone's 256. One object after another, then single pages.
        using HeapUnderTest heap = Machine(dma);
        uint rows = Fill(heap.Objects, pages << PageSize.Shift);
        Assert.True(rows >= (Pages - 16) / pages, $"{rows} rows of {pages} pages");
        Assert.True(heap.Pages->FreePageCount < 16, $"{heap.Pages->FreePageCount} pages are left behind rows of {pages}");
        Fill(heap.Objects, (uint)PageSize.Bytes);
        Assert.Equal(0u, heap.Pages->FreePageCount);
        heap.AssertSound();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RowsBetweenSmallObjectsLeaveNothingEither(bool dma)
    {
        // Rows of three pages and objects of 100 and 700 bytes in turn, some of them given back at random, until there is no row of three.
        using HeapUnderTest heap = Machine(dma);
        Random random = new(5);
        List<uint> held = [];
        while (true)
        {
            void* row = heap.Objects->Allocate(3 << PageSize.Shift, 0);
            if (row == null)
            {
                break;
            }

            held.Add(heap.Address(row));
            held.Add(heap.Address(heap.Objects->Allocate(100, 0)));
            held.Add(heap.Address(heap.Objects->Allocate(700, 0)));
            if (random.Next(3) == 0)
            {
                int pick = random.Next(held.Count);
                heap.Objects->Free(heap.At(held[pick]));
                held.RemoveAt(pick);
            }
        }

        Assert.True(heap.Pages->FreePageCount < 32, $"{heap.Pages->FreePageCount} pages are left");
        heap.AssertSound();
        held.ForEach(address => heap.Objects->Free(heap.At(address)));
        heap.Objects->Trim();
        Assert.Equal(0u, heap.Objects->Objects);
        heap.AssertSound();
    }

    [Fact]
    public void ARowAmongManyShorterOnesIsFound()
    {
        //  A|F F F|A|F F|A|F F|A ...    The row of three is freed first, so it is last in the lists: far beyond the blocks that a best fit
        //                               looks at.
        using HeapUnderTest heap = new(1024);
        while (heap.Pages->AllocatePages(0) != PageAllocator.None)
        {
        }

        uint first = PageAllocator.DmaEndPfn + 1;
        for (uint pfn = first; pfn < first + 3; pfn++)
        {
            heap.Pages->FreePages(pfn, 0);
        }

        for (uint pfn = first + 4; pfn < PageAllocator.DmaEndPfn + 1000; pfn += 3)
        {
            heap.Pages->FreePages(pfn, 0);
            heap.Pages->FreePages(pfn + 1, 0);
        }

        void* row = heap.Raw->Allocate(3 << PageSize.Shift, 0);
        Assert.Equal(first << PageSize.Shift, heap.Address(row));
        heap.AssertSound();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void EveryRefusalIsExplainedByItsFigures(int seed, bool check)
    {
        Random random = new(seed);
        int refusals = 0;
        for (int machine = 0; machine < 40; machine++)
        {
            using HeapUnderTest heap = new((uint)random.Next(0, 300), check);
            heap.Pages->HandOverRange(0x10, 0x10 + (uint)random.Next(0, 0x80));
            heap.Objects->SetFloor((uint)random.Next(0, 100), random.Next(2) == 0);
            heap.Raw->SetFloor((uint)random.Next(0, 50), false);
            List<uint> held = [];
            for (int i = 0; i < 400; i++)
            {
                SlabHeap* from = random.Next(2) == 0 ? heap.Objects : heap.Raw;
                uint bytes = (uint)random.Next(1, 1 << random.Next(4, 19));
                void* memory = from->Allocate(bytes, 0);
                if (memory != null)
                {
                    held.Add(heap.Address(memory));
                }
                else
                {
                    from->Explain(bytes, out Refusal refusal);
                    Assert.True(refusal.Needed > refusal.Found, $"{bytes} bytes: {refusal.Needed} needed, {refusal.Found} found");
                    Assert.Equal(heap.Pages->FreePageCount, refusal.Free);
                    Assert.Equal(refusal.Free, refusal.Usable + refusal.Withheld);
                    refusals++;
                }

                if (held.Count != 0 && random.Next(3) == 0)
                {
                    int pick = random.Next(held.Count);
                    void* old = heap.At(held[pick]);
                    (heap.Raw->GaveOut(old) ? heap.Raw : heap.Objects)->Free(old);
                    held.RemoveAt(pick);
                }
            }
        }

        Assert.True(refusals > 100, $"{refusals} refusals");
    }

    [Fact]
    public void WhatIsWithheldIsNamed()
    {
        // 256 pages of DMA from 0xe00, 64 below 1 MiB, 32 of DMA32; one of them holds the descriptors.
        using HeapUnderTest heap = new(32);
        heap.Pages->HandOverRange(0x10, 0x50);
        heap.Objects->SetFloor(300, true);
        heap.Objects->Explain(10000, out Refusal refusal);
        Assert.Equal((3u, 31u, 31u, 0u, 64u, 256u), Figures(refusal));
        heap.Objects->SetFloor(340, true);
        heap.Objects->Explain(10000, out refusal);
        Assert.Equal((3u, 11u, 11u, 20u, 64u, 256u), Figures(refusal));
        heap.Objects->SetFloor(16, false);
        heap.Objects->Explain(100, out refusal);
        Assert.Equal((1u, 256u, 287u, 0u, 64u, 0u), Figures(refusal));
        heap.Raw->Explain(0xffffffff, out refusal);
        Assert.Equal((0x100000u, 256u, 351u, 0u, 0u, 0u), Figures(refusal));
    }

    private static (uint Needed, uint Found, uint Usable, uint Reserved, uint Low, uint SparedDma) Figures(Refusal refusal)
        => (refusal.Needed, refusal.Found, refusal.Usable, refusal.Reserved, refusal.Low, refusal.SparedDma);

    private static HeapUnderTest Machine(bool dma)
    {
        HeapUnderTest heap = new(dma ? 0 : Pages);
        if (dma)
        {
            heap.Pages->HandOverRange(FirstPage, FirstPage + Pages);
        }

        return heap;
    }

    private static uint Fill(SlabHeap* heap, uint bytes)
    {
        uint count = 0;
        while (heap->Allocate(bytes, 0) != null)
        {
            count++;
        }

        return count;
    }
}
