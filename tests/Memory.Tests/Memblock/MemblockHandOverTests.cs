using CosmosBootAlloc.Simulator.Host;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>Everything free goes to the page allocator, in the largest blocks.</summary>
public sealed unsafe class MemblockHandOverTests
{
    [Theory]
    [InlineData(0, 0x400, "0:10x1")]                    // page 0 is aligned to everything
    [InlineData(0, 0x3ff, "0:9x1 200:8x1 300:7x1 380:6x1 3c0:5x1 3e0:4x1 3f0:3x1 3f8:2x1 3fc:1x1 3fe:0x1")]
    [InlineData(1, 0x800, "1:0x1 2:1x1 4:2x1 8:3x1 10:4x1 20:5x1 40:6x1 80:7x1 100:8x1 200:9x1 400:10x1")]
    [InlineData(3, 5, "3:0x2")]
    [InlineData(6, 7, "6:0x1")]
    [InlineData(4, 7, "4:1x1 6:0x1")]
    [InlineData(0x400, 0xc00, "400:10x2")]
    [InlineData(5, 5, "")]
    [InlineData(6, 5, "")]
    [InlineData(0xffffffffffffd, 0xfffffffffffff, "ffffffffffffd:0x2")]
    public void ARunIsCutIntoTheFewestAlignedBlocks(ulong start, ulong end, string expected)
    {
        List<BlockRun> blocks = CollectedRuns.Of(runs =>
        {
            runs->AddAligned(start, end);
            runs->Flush();
            return start < end ? end - start : 0;
        });
        Assert.Equal(expected, CollectedRuns.Text(blocks));
    }

    [Fact]
    public void OnlyWholeFreePagesGoOver()
    {
        //  0    1    2    3    4    5
        //     |aaaaaaaaaaaaaaaaaaa|      memory 0x800-0x4800
        //            |r|                 one byte of page 2 is reserved
        // Expect pages 1 and 3: a page with any other owner stays.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x800, 0x4000);
        blocks.Blocks->Reserve(0x2800, 1);
        Assert.Equal("1:0x1 3:0x1", CollectedRuns.Text(blocks.HandOver()));
    }

    [Fact]
    public void Regression13_ThePageLimitMayBeExactlyTheEndOfMemory()
    {
        // Expect the limit to cut, to be harmless at the end, and above it.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x10000);
        Assert.Equal("0:4x1", CollectedRuns.Text(blocks.HandOver(16)));
        Assert.Equal("0:4x1", CollectedRuns.Text(blocks.HandOver(17)));
        Assert.Equal("0:3x1 8:2x1 c:1x1 e:0x1", CollectedRuns.Text(blocks.HandOver(15)));
        Assert.Empty(blocks.HandOver(0));
    }

    [Fact]
    public void RemovableMemoryGoesOverWithItsNeighbours()
    {
        //  0         2         4
        //  |plain    |hotplug  |       movable_node on: not free so far
        // Expect one block of four pages: the marks are cleared first, so the regions are one again.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x4000);
        MemblockTraces.MarkHotplug(ref *blocks.Blocks, 0x2000, 0x2000);
        blocks.Blocks->SetMovableNode(true);
        Assert.Equal("0:2x1", CollectedRuns.Text(blocks.HandOver()));
        Assert.Equal("0-4000", blocks.Memory);
    }

    [Fact]
    public void NomapStays()
    {
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x4000);
        MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x1000, 0x1000);
        Assert.Equal("0:0x1 2:1x1", CollectedRuns.Text(blocks.HandOver()));
    }

    [Fact]
    public void AFullMemoryListNeedsNoRoomToBeHandedOver()
    {
        // Linux asks for room to split before it clears the marks, and panics here. Expect 128 pages.
        using MemblockUnderTest blocks = new();
        for (ulong i = 0; i < 128; i++)
        {
            blocks.Blocks->Add(i * 0x2000, 0x1000);
        }

        Assert.Equal(128, blocks.HandOver().Count);
    }

    [Fact]
    public void Regression11_MorePagesThanAnIntHolds()
    {
        // 16 TiB and a page: 2^32 + 1 pages. Expect 2^22 blocks of order 10, and one page.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, (1UL << 44) + 0x1000);
        List<BlockRun> runs = blocks.HandOver();
        Assert.Equal("0:10x4194304 100000000:0x1", CollectedRuns.Text(runs));
    }

    [Fact]
    public void TheZoneReceivesWhatIsFree()
    {
        // Expect the page allocator, fed through the receiver the kernel uses, to manage exactly the free pages.
        using HostMachine machine = new();
        MachineMemory* memory = machine.Memory;
        memory->Memblock.Init(&memory->Log, &memory->Physical, 1UL << 32);
        memory->Memblock.Add(0, 64 << 20);
        ulong bytes = PageAllocator.MetadataBytes(0x4000);
        ulong table = memory->Memblock.Alloc(bytes, PageSize.Bytes, 0, MemblockAllocator.Accessible);
        memory->Pages.Init(&memory->Log, &memory->Physical, table, 0x4000);
        PageRuns runs = default;
        runs.Init(&memory->Pages, &PageAllocator.Receive);
        ulong pages = memory->Memblock.HandOver(ulong.MaxValue, &runs);
        Assert.Equal(0x4000 - (bytes >> PageSize.Shift), pages);
        Assert.Equal(pages, memory->Pages.FreePageCount);
        Assert.Equal(PageAllocator.None, memory->Pages.FindFault());
    }
}
