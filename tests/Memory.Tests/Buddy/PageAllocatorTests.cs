using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Buddy;

/// <summary>Two zones over one table: the border at 16 MiB, fallback, sizes.</summary>
public sealed unsafe class PageAllocatorTests
{
    private const ulong TableAddress = 0x200000;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 4096)]
    [InlineData(512, 4096)]
    [InlineData(513, 8192)]
    [InlineData(4096, 32768)]
    [InlineData(0x40000, 0x200000)]
    [InlineData(0x100000, 0x800000)]
    [InlineData(Zone.MaxEndPfn, 0x80000000)]
    public void TheTableTakesEightBytesAPageInWholePages(ulong endPfn, ulong bytes)
    {
        Assert.Equal(bytes, PageAllocator.MetadataBytes(endPfn));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(100, 100, 0)]
    [InlineData(4095, 4095, 0)]
    [InlineData(4096, 4096, 0)]
    [InlineData(4097, 4096, 1)]
    [InlineData(0x100000, 4096, 0xff000)]
    public void TheDmaZoneEndsAtSixteenMebibytesOrTheEndOfMemory(uint endPfn, uint dmaPages, uint normalPages)
    {
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, endPfn);
        pages->HandOverRange(0, endPfn);
        Assert.Equal(dmaPages, pages->Dma.FreePages);
        Assert.Equal(normalPages, pages->Dma32.FreePages);
        Assert.Equal(endPfn, pages->FreePageCount);
        Assert.Equal(endPfn, pages->ManagedPages);
        Assert.Equal(PageAllocator.None, pages->FindFault());
    }

    [Fact]
    public void NormalFallsBackToDmaAndDmaNeverToNormal()
    {
        //  0 MiB         12 MiB  16 MiB        20 MiB  |   reserved  | DMA 4 | DMA32 4     | Expect DMA32, then DMA, then nothing for a
        // wish of DMA32; with DMA32 free again, nothing for a wish of DMA.
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, 5120);
        pages->HandOverRange(3072, 5120);
        Assert.Equal(4096u, pages->AllocatePages(10));
        Assert.Equal(3072u, pages->AllocatePages(10));
        Assert.Equal(PageAllocator.None, pages->AllocatePages(10));
        Assert.Equal(PageAllocator.None, pages->AllocatePages(0));
        pages->FreePages(4096, 10);
        Assert.Equal(PageAllocator.None, pages->AllocatePages(0, ZoneType.Dma));
        Assert.Equal(4096u, pages->AllocatePages(0));
        pages->FreePages(3072, 10);
        Assert.Equal(3072u, pages->AllocatePages(0, ZoneType.Dma));
    }

    [Fact]
    public void BlocksDoNotMergeAcrossTheZoneBorder()
    {
        //  4095 | 4096       the two pages around 16 MiB
        // Expect each in its own zone; 3072..4095 whole again when its last page comes back.
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, 8192);
        pages->HandOverRange(3072, 5120);
        Assert.Equal(3072u, pages->Dma.FirstFree(10));
        Assert.Equal(4096u, pages->Dma32.FirstFree(10));
        Assert.Equal(2u, pages->FreeBlockCount);
        Assert.Equal(PageState.Free, pages->StateOf(4095, out uint head, out uint order));
        Assert.Equal((3072u, 10u), (head, order));
        Assert.Equal(PageState.Free, pages->StateOf(4096, out head, out order));
        Assert.Equal((4096u, 10u), (head, order));

        // Nothing of 5120..6143 was handed over: one step knows of all.
        Assert.Equal(PageState.Reserved, pages->StateOf(5121, out head, out order));
        Assert.Equal((5120u, 10u), (head, order));
    }

    [Fact]
    public void AWrongZoneIsNoSourceOfConfusion()
    {
        // Expect a free to find the zone by its pfn, and to name that zone when the pfn is in none.
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, 5000);
        string message = Assert.Throws<KernelPanicException>(() => pages->FreePages(5000, 0)).Message;
        Assert.Equal("BUG: page free of pfn 1388 order 0 outside the zone 1000-1388", message);
        Assert.Throws<KernelPanicException>(() => Init(machine, Zone.MaxEndPfn + 1));
    }

    [Fact]
    public void ARunPastTheEndOfTheTableIsRefusedWhatever32BitsMakeOfIt()
    {
        // 2^32 + 1 pages further on would look like page 1.
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, 5000);
        string message = Assert.Throws<KernelPanicException>(() => PageAllocator.Receive(pages, 0x100000001, 0, 1)).Message;
        Assert.Equal("BUG: handing over pages 100000001-100000002 to a page allocator that ends at 1388", message);
        PageAllocator.Receive(pages, 4999, 0, 1);
        Assert.Equal(1u, pages->FreePageCount);
    }

    [Fact]
    public void RunsThatAreJoinedLeaveTheSameLists()
    {
        // What Linux's boot allocators hand over, page by page and 64 at a time, and memblock in aligned blocks.
        for (int seed = 0; seed < 30; seed++)
        {
            using HostMachine apart = new();
            using HostMachine joined = new();
            PageRuns runs = default;
            runs.Init(Init(apart, 20_000), &PageAllocator.Receive);
            PageRuns joining = default;
            joining.InitJoined(Init(joined, 20_000), &PageAllocator.Receive);
            Random random = new(seed);
            for (uint pfn = 0; pfn < 17_000;)
            {
                uint end = pfn + (uint)random.Next(1, 1 << random.Next(1, 12));
                if (random.Next(2) == 0)
                {
                    runs.AddRange(pfn, end);
                    joining.AddRange(pfn, end);
                }
                else
                {
                    runs.AddAligned(pfn, end);
                    joining.AddAligned(pfn, end);
                }

                pfn = end + (uint)random.Next(0, 3);
            }

            runs.Flush();
            joining.Flush();
            Assert.Equal(runs.Pages, joining.Pages);
            Assert.Equal(Lists(&apart.Memory->Pages), Lists(&joined.Memory->Pages));
            Assert.Equal(PageAllocator.None, joined.Memory->Pages.FindFault());
        }
    }

    private static List<string> Lists(PageAllocator* pages)
    {
        List<string> lists = [];
        for (uint order = 0; order < Zone.Orders; order++)
        {
            for (uint pfn = pages->Dma.FirstFree(order); pfn != PageAllocator.None; pfn = pages->Dma.NextFree(pfn))
            {
                lists.Add($"dma {order} {pfn:x}");
            }

            for (uint pfn = pages->Dma32.FirstFree(order); pfn != PageAllocator.None; pfn = pages->Dma32.NextFree(pfn))
            {
                lists.Add($"dma32 {order} {pfn:x}");
            }
        }

        return lists;
    }

    [Fact]
    public void FourGibibytesAreHandedOverAndTakenToTheLastPage()
    {
        // [0, 4 GiB) in 1,024 blocks of order 10. Expect every block once, the last one ending at 4 GiB exactly.
        using HostMachine machine = new();
        PageAllocator* pages = Init(machine, 0x100000);
        pages->HandOverRange(0, 0x100000);
        HashSet<uint> seen = [];
        for (uint pfn = pages->AllocatePages(10); pfn != PageAllocator.None; pfn = pages->AllocatePages(10))
        {
            Assert.True(seen.Add(pfn));
        }

        Assert.Equal(1024, seen.Count);
        Assert.Contains(0xffc00u, seen);
        Assert.Equal(0u, pages->FreePageCount);
        Assert.Equal(PageAllocator.None, pages->FindFault());
    }

    private static PageAllocator* Init(HostMachine machine, ulong endPfn)
    {
        MachineMemory* memory = machine.Memory;
        memory->Pages.Init(&memory->Log, &memory->Physical, TableAddress, endPfn);
        return &memory->Pages;
    }
}
