using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Buddy;

/// <summary>One zone: order of blocks, merging, limits, contracts, and what a walk tells.</summary>
public sealed unsafe class BuddyTests
{
    [Fact]
    public void MetadataIsEightBytesAPage()
    {
        Assert.Equal(8, sizeof(PageFrame));
        Assert.Equal((int)PageFrame.Size, sizeof(PageFrame));
        Assert.Equal(PageFrame.Size, 1u << PageFrame.SizeShift);
    }

    [Fact]
    public void AnEmptyZoneHasNothing()
    {
        // Expect no block of any order from a zone whose pages are all reserved, and from a zone without pages.
        using ZoneUnderTest zone = new(0, 64);
        using ZoneUnderTest nothing = new(7, 7);
        for (uint order = 0; order <= Zone.MaxOrder + 1; order++)
        {
            Assert.Equal(Zone.None, zone.Pages->Allocate(order));
            Assert.Equal(Zone.None, nothing.Pages->Allocate(order));
        }

        zone.AssertSound();
        nothing.AssertSound();
    }

    [Fact]
    public void AnAllocationKeepsTheLowerPartAndPushesTheUpperHalves()
    {
        //  0   1   2       4               8
        //  |aa | 1 |   2   |       3       |   after one page of a block of 8
        // Expect page 0, and one block of each order 0..2 at 1, 2 and 4.
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        Assert.Equal(0u, zone.Pages->Allocate(0));
        Assert.Equal("0: 1; 1: 2; 2: 4", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void TheBlockFreedLastIsTakenFirst()
    {
        //  |0|1|2|3|4|5|6|7|   all allocated; 6, 2, 4 freed (no two are buddies)
        // Expect 4, 2, 6 back.
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        for (uint page = 0; page < 8; page++)
        {
            Assert.Equal(page, zone.Pages->Allocate(0));
        }

        zone.Pages->Free(6, 0);
        zone.Pages->Free(2, 0);
        zone.Pages->Free(4, 0);
        Assert.Equal("0: 4 2 6", zone.Lists());
        Assert.Equal(4u, zone.Pages->Allocate(0));
        Assert.Equal(2u, zone.Pages->Allocate(0));
        Assert.Equal(6u, zone.Pages->Allocate(0));
    }

    [Fact]
    public void ABlockInTheMiddleOfAListMergesAway()
    {
        //  |0|1|2|3|4|5|6|7|   free list of order 0: 6 4 2 0; then 5 is freed Expect 4 taken out between 6 and 2, and the pair 4-5 in the
        // list of order 1; the neighbors' links hold both ways.
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(0, 3);
        for (uint page = 0; page < 8; page++)
        {
            zone.Pages->Allocate(0);
        }

        for (uint page = 0; page < 8; page += 2)
        {
            zone.Pages->Free(page, 0);
        }

        Assert.Equal("0: 6 4 2 0", zone.Lists());
        zone.Pages->Free(5, 0);
        Assert.Equal("0: 6 2 0; 1: 4", zone.Lists());
        zone.AssertSound();
        zone.Pages->Free(1, 0);
        Assert.Equal("0: 6 2; 1: 0 4", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void TenSplitsAreUndoneByTenMerges()
    {
        using ZoneUnderTest zone = new(0x400, 0x800);
        zone.Pages->HandOver(0x400, 10);
        Assert.Equal(0x400u, zone.Pages->Allocate(0));
        Assert.Equal("0: 401; 1: 402; 2: 404; 3: 408; 4: 410; 5: 420; 6: 440; 7: 480; 8: 500; 9: 600", zone.Lists());
        zone.Pages->Free(0x400, 0);
        Assert.Equal("10: 400", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void BlocksOfTheLargestOrderDoNotMerge()
    {
        //  0          1024        2048
        //  |    10    |    10     |
        // Expect two blocks, the one handed over last at the head, and no order 11.
        using ZoneUnderTest zone = new(0, 2048);
        zone.Pages->HandOver(0, 10);
        zone.Pages->HandOver(1024, 10);
        Assert.Equal("10: 400 0", zone.Lists());
        Assert.Equal(Zone.None, zone.Pages->Allocate(11));
        Assert.Equal(Zone.None, zone.Pages->Allocate(uint.MaxValue));
        zone.AssertSound();
    }

    [Fact]
    public void PagesOutsideTheZoneAreNobodysBuddy()
    {
        //     3   4               8           12  13
        //  ...|   |                           |   |... Expect the odd pages at both ends to stay alone: their buddies 2 and 13 are outside,
        // whatever the table there says.
        using ZoneUnderTest zone = new(3, 13);
        *zone.Frame(13) = new PageFrame { Forward = PageFrame.TagStep | PageFrame.NoLink };
        zone.Pages->HandOverRange(3, 13);
        Assert.Equal("0: c 3; 2: 8 4", zone.Lists());
        Assert.Equal(10u, zone.Pages->FreePages);
        zone.AssertSound();
    }

    [Fact]
    public void ARangeIsHandedOverInItsLargestAlignedBlocks()
    {
        //  0x3ff  0x400          0x800   0x802 0x803
        //  | 0    |      10      |   1   |  0  |
        using ZoneUnderTest zone = new(0x3ff, 0x803);
        zone.Pages->HandOverRange(0x3ff, 0x803);
        Assert.Equal("0: 802 3ff; 1: 800; 10: 400", zone.Lists());
        Assert.Equal(0x404u, zone.Pages->ManagedPages);
        zone.Pages->HandOverRange(5, 5);
        zone.Pages->HandOverRange(9, 5);
        Assert.Equal(0x404u, zone.Pages->FreePages);
        zone.AssertSound();
    }

    [Fact]
    public void ALongRangeIsTheSameAsItsBlocksOneByOne()
    {
        //  0x3f0   0x400   0x800   0xc00   0x1000  0x1008
        //  | small |  10   |  10   |  10   |  3    |
        using ZoneUnderTest range = new(0x3f0, 0x1400);
        using ZoneUnderTest blocks = new(0x3f0, 0x1400);
        range.Pages->HandOverRange(0x3f0, 0x1008);
        blocks.Pages->HandOver(0x3f0, 4);
        foreach (uint pfn in new uint[] { 0x400, 0x800, 0xc00 })
        {
            blocks.Pages->HandOver(pfn, 10);
        }

        blocks.Pages->HandOver(0x1000, 3);
        Assert.Equal("3: 1000; 4: 3f0; 10: c00 800 400", range.Lists());
        Assert.Equal(blocks.Lists(), range.Lists());
        Assert.Equal(blocks.Pages->ManagedPages, range.Pages->ManagedPages);
        range.AssertSound();
    }

    [Theory]
    [InlineData(0x400u, 0x2000u, "BUG: handing over pfn 1400 order 10 outside the zone 400-1500", 0x1000u)]
    [InlineData(0x2000u, 0x2800u, "BUG: handing over pfn 2000 order 10 outside the zone 400-1500", 0u)]
    public void ALongRangeThatLeavesTheZoneIsRefusedAtTheFirstBlockOutside(uint start, uint end, string words, uint managed)
    {
        using ZoneUnderTest zone = new(0x400, 0x1500);
        Assert.Equal(words, zone.Refused(z => z.Pages->HandOverRange(start, end)));
        Assert.Equal(managed, zone.Pages->ManagedPages);
        zone.AssertSound();
    }

    [Fact]
    public void ALongRangeThatWasPartlyHandedOverIsRefused()
    {
        using ZoneUnderTest zone = new(0x400, 0x1800);
        zone.Pages->HandOver(0xc00, 10);
        Assert.Equal(
            "BUG: handing over pfn c00 order 10 twice: it lies in the block c00 order 10",
            zone.Refused(z => z.Pages->HandOverRange(0x400, 0x1800)));
        Assert.Equal("10: 800 400 c00", zone.Lists());
        zone.AssertSound();
    }

    [Fact]
    public void PagesUpToOneTebibyteCanBeManaged()
    {
        // Expect the last page that 28-bit links can name, 2^28-2, to be handed over, taken and given back; a zone one page
        // longer is refused, its last pfn being the end-of-list mark.
        const uint End = Zone.MaxEndPfn;
        Assert.Equal((1u << 28) - 1, End);
        using ZoneUnderTest zone = new(End - 3, End);
        zone.Pages->HandOverRange(End - 3, End);
        Assert.Equal("0: ffffffe; 1: ffffffc", zone.Lists());
        Assert.Equal(0xffffffeu, zone.Pages->Allocate(0));
        Assert.Equal(0xffffffcu, zone.Pages->Allocate(1));
        zone.Pages->Free(0xffffffe, 0);
        zone.Pages->Free(0xffffffc, 1);
        zone.AssertSound();
        Assert.Equal(
            "BUG: zone fffffff-10000000 with a page table from ffffc00: needs table <= start of the zone's first 4 MiB, "
                + "start <= end <= fffffff",
            zone.Refused(z => z.Reinit(End, End + 1)));
    }

    public static TheoryData<uint, uint, string> WrongFrees() => new()
    {
        // What stands there: 0..3 allocated as one block, 4 allocated alone, 5, 6-7 free, 8-15 reserved; the zone is [0,16).
        { 0, 1, "BUG: page free of pfn 0 order 1: the allocated block is 0 order 2" },
        { 2, 0, "BUG: page free of pfn 2 order 0: the allocated block is 0 order 2" },
        { 5, 0, "BUG: double free of pfn 5 order 0: it lies in the free block 5 order 0" },
        { 7, 0, "BUG: double free of pfn 7 order 0: it lies in the free block 6 order 1" },
        { 8, 0, "BUG: page free of pfn 8 order 0, which is reserved: it was never handed over" },
        { 16, 0, "BUG: page free of pfn 10 order 0 outside the zone 0-10" },
        { uint.MaxValue, 0, "BUG: page free of pfn ffffffff order 0 outside the zone 0-10" },
        { 4, 11, "BUG: page free of pfn 4 order 11: the allocated block is 4 order 0" },
        { 4, 0xf0000000, "BUG: page free of pfn 4 order 4026531840: the allocated block is 4 order 0" },
        { 4, uint.MaxValue, "BUG: page free of pfn 4 order 4294967295: the allocated block is 4 order 0" },
    };

    [Theory]
    [MemberData(nameof(WrongFrees))]
    public void AFreeThatIsNotAnAllocationSaysWhatItFound(uint pfn, uint order, string message)
    {
        using ZoneUnderTest zone = new(0, 16);
        zone.Pages->HandOver(0, 3);
        Assert.Equal(0u, zone.Pages->Allocate(2));
        Assert.Equal(4u, zone.Pages->Allocate(0));
        Assert.Equal(message, zone.Refused(z => z.Pages->Free(pfn, order)));
    }

    public static TheoryData<uint, uint, string> WrongHandOvers() => new()
    {
        // 0x40-0x47 are free, 0x48 is allocated; the zone is [0x40,0x60).
        { 0x50, 11, "BUG: handing over pfn 50 order 11: needs an order up to 10 and a pfn aligned to it" },
        { 0x51, 1, "BUG: handing over pfn 51 order 1: needs an order up to 10 and a pfn aligned to it" },
        { 0x3f, 0, "BUG: handing over pfn 3f order 0 outside the zone 40-60" },
        { 0x60, 0, "BUG: handing over pfn 60 order 0 outside the zone 40-60" },
        { 0x40, 6, "BUG: handing over pfn 40 order 6 outside the zone 40-60" },
        { 0x40, 3, "BUG: handing over pfn 40 order 3 twice: it lies in the block 40 order 3" },
        { 0x45, 0, "BUG: handing over pfn 45 order 0 twice: it lies in the block 40 order 3" },
        { 0x48, 0, "BUG: handing over pfn 48 order 0 twice: it lies in the block 48 order 0" },
        { 0x48, 3, "BUG: handing over pfn 48 order 3 twice: it lies in the block 48 order 0" },
    };

    [Theory]
    [MemberData(nameof(WrongHandOvers))]
    public void AHandOverOfWhatIsNotReservedIsRefused(uint pfn, uint order, string message)
    {
        using ZoneUnderTest zone = new(0x40, 0x60);
        zone.Pages->HandOver(0x48, 0);
        Assert.Equal(0x48u, zone.Pages->Allocate(0));
        zone.Pages->HandOver(0x40, 3);
        Assert.Equal(message, zone.Refused(z => z.Pages->HandOver(pfn, order)));
    }

    [Fact]
    public void TheWalkTellsFreeAllocatedAndReservedApart()
    {
        //  0       2   3   4               8       10
        //  | rrrrr | a | f |  allocated 2  |  rrr  |
        using ZoneUnderTest zone = new(0, 10);
        zone.Pages->HandOver(4, 2);
        Assert.Equal(4u, zone.Pages->Allocate(2));
        zone.Pages->HandOver(2, 1);
        Assert.Equal(2u, zone.Pages->Allocate(0));
        List<string> walk = [];
        for (uint pfn = 0; pfn < 10;)
        {
            PageState state = zone.Pages->BlockAt(pfn, out uint order);
            walk.Add($"{pfn} {state} {order}");
            pfn += 1u << (int)order;
        }

        Assert.Equal(["0 Reserved 0", "1 Reserved 0", "2 Allocated 0", "3 Free 0", "4 Allocated 2", "8 Reserved 0", "9 Reserved 0"], walk);
        Assert.Equal(PageState.Allocated, zone.Pages->StateOf(7, out uint head, out uint headOrder));
        Assert.Equal((4u, 2u), (head, headOrder));
        Assert.Equal(6u, zone.Pages->ManagedPages);
        Assert.Equal(1u, zone.Pages->FreePages);
        zone.AssertSound();
    }

    [Fact]
    public void NoPageOfMemoryIsTouched()
    {
        // Expect every byte of 64 pages to be as it was after they went through hand-over, splits, merges.
        using ZoneUnderTest zone = new(0x100, 0x140);
        new Span<byte>(zone.Page(0x100), 64 * (int)PageSize.Bytes).Fill(0xa5);
        zone.Pages->HandOverRange(0x100, 0x140);
        for (int i = 0; i < 32; i++)
        {
            zone.Pages->Allocate(1);
        }

        for (uint pfn = 0x100; pfn < 0x140; pfn += 2)
        {
            zone.Pages->Free(pfn, 1);
        }

        Assert.Equal("6: 100", zone.Lists());
        Assert.Equal(-1, new Span<byte>(zone.Page(0x100), 64 * (int)PageSize.Bytes).IndexOfAnyExcept((byte)0xa5));
    }

    [Fact]
    public void TheSelfCheckFindsPlantedFaults()
    {
        // Each fault is planted in a sound zone of 32 pages: 0-15 free, 16 allocated, 17, 18-19, 20-23, 24-31 free.
        AssertFaultAt(3, frame: 3, new PageFrame { Forward = PageFrame.AllocatedTag });
        AssertFaultAt(20, frame: 17, new PageFrame { Forward = PageFrame.TagStep | 20 });
        AssertFaultAt(16, frame: 16, new PageFrame { Forward = PageFrame.AllocatedTag | 11 });
        AssertFaultAt(17, frame: 16, new PageFrame { Forward = PageFrame.AllocatedTag | 1 });
        AssertFaultAt(17, frame: 17, default);
        AssertFaultAt(32, frame: 16, default);

        static void AssertFaultAt(uint expected, uint frame, PageFrame planted)
        {
            using ZoneUnderTest zone = new(0, 32);
            zone.Pages->HandOver(0, 4);
            zone.Pages->HandOver(16, 4);
            Assert.Equal(0u, zone.Pages->Allocate(4));
            Assert.Equal(16u, zone.Pages->Allocate(0));
            zone.Pages->Free(0, 4);
            zone.AssertSound();
            *zone.Frame(frame) = planted;
            Assert.Equal(expected, zone.Pages->FindFault());
        }
    }

    [Fact]
    public void AnOverlappedHandOverIsFoundByTheSelfCheck()
    {
        //  0   1                   8
        //  |   |f|                     page 2 handed over first, then all of [0,8) again
        // Expect the check to name page 2, which lies inside the new block and still says it is a head.
        using ZoneUnderTest zone = new(0, 8);
        zone.Pages->HandOver(2, 0);
        zone.Pages->HandOver(0, 3);
        Assert.Equal(2u, zone.Pages->FindFault());
    }
}
