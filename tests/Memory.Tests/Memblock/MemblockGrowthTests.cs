using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Memblock;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>Full lists: 128 entries, then 256, 512, ... in memory that memblock takes for itself.</summary>
public sealed unsafe class MemblockGrowthTests
{
    private const ulong MiB = 1 << 20;

    [Fact]
    public void AFullListIsAPanicUntilResizingIsAllowed()
    {
        // Expect 128 reservations to fit, and Linux's words at the 129th; the same for memory.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.ReserveEverySecondPage(0x100, 128);
        Assert.Equal(128u, blocks.Blocks->ReservedCount);
        Assert.Equal("memblock: cannot resize reserved array", blocks.Panic(b => b.Blocks->Reserve(0x1000, 0x1000)));
        for (ulong i = 1; i < 128; i++)
        {
            blocks.Blocks->Add(128 * MiB + i * 0x2000, 0x1000);
        }

        Assert.Equal("memblock: cannot resize memory array", blocks.Panic(b => b.Blocks->Add(256 * MiB, 0x1000)));
    }

    [Fact]
    public void TheDoubledListLiesInItsOwnReservedPages()
    {
        // 256 entries of 24 bytes take two pages; top-down that is the end of memory. Expect the 129 reservations and the list's own,
        // which the regions are then read from.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 129);
        Assert.Equal(256u, blocks.Blocks->ReservedCapacity);
        Assert.Equal(130u, blocks.Blocks->ReservedCount);
        Assert.EndsWith(" 200000-201000 3ffe000-4000000", blocks.Reserved);
        Assert.True((byte*)blocks.Blocks->ReservedRegion(0) == blocks.Byte(0x3ffe000));
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Find(0x3ffe000, 0, 1, 1));
    }

    [Fact]
    public void Regression09_TheNextDoublingGivesTheOldListBack()
    {
        // 512 entries take three pages, found below the two of the old list, which are free again afterwards.
        //         3ffb         3ffe     4000
        //  ...    |new list    |old     |
        // Expect the new list reserved, the old one not: it is handed out next.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 256);
        Assert.Equal(512u, blocks.Blocks->ReservedCapacity);
        Assert.EndsWith(" 3ffb000-3ffe000", blocks.Reserved);
        Assert.Equal(257u, blocks.Blocks->ReservedCount);
        Assert.Equal(0x3fff000u, blocks.Blocks->Alloc(0x1000, 0x1000, 0, 0));
    }

    [Fact]
    public void TheListIsNotPutIntoTheRangeAboutToBeReserved()
    {
        //            3ffd     3fff     4000
        //  ...       |        |range   |
        // Expect the list below the range, as nothing is above it.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 128);
        Assert.True(blocks.Blocks->Reserve(0x3fff000, 0x1000));
        Assert.EndsWith(" 3ffd000-4000000", blocks.Reserved);
        Assert.True((byte*)blocks.Blocks->ReservedRegion(0) == blocks.Byte(0x3ffd000));
    }

    [Fact]
    public void TheListGoesAboveTheRangeFirst()
    {
        // Expect memory above the range to be looked at first even when there is more below.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->SetBottomUp(true);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 128);
        Assert.True(blocks.Blocks->Reserve(0x3000000, 0x1000));
        Assert.True((byte*)blocks.Blocks->ReservedRegion(0) == blocks.Byte(0x3001000));
    }

    [Fact]
    public void RemovingAsksForRoomToSplit()
    {
        // 127 regions leave one slot, splitting may need two. Expect the list to double although nothing is split.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 126);
        blocks.Blocks->Free(0x1000, 0x1000);
        Assert.Equal(128u, blocks.Blocks->ReservedCapacity);
        blocks.ReserveEverySecondPage(0x300, 1);
        blocks.Blocks->Free(0x1000, 0x1000);
        Assert.Equal(256u, blocks.Blocks->ReservedCapacity);
    }

    [Fact]
    public void TheMemoryListGrowsToo()
    {
        // Expect 300 memory regions, their list reserved and below the limit.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->SetLimit(32 * MiB);
        blocks.Blocks->AllowResize();
        for (ulong i = 0; i < 300; i++)
        {
            Assert.True(blocks.Blocks->Add((128 * MiB) + (i * 0x2000), 0x1000));
        }

        Assert.Equal(301u, blocks.Blocks->MemoryCount);
        Assert.Equal(512u, blocks.Blocks->MemoryCapacity);
        Assert.Equal("1ffb000-1ffe000", blocks.Reserved);
    }

    [Fact]
    public void Regression13_TheListLiesWhereAThirtyTwoBitKernelReachesIt()
    {
        //  0        64 MiB          4 GiB       5 GiB
        //  |aaaaaaaa|               |bbbbbbbbbbb|
        // Expect the list in the lower memory, although there is no limit and the upper is higher.
        using MemblockUnderTest blocks = new(reachEnd: 1UL << 32);
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->Add(1UL << 32, 1024 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 129);
        Assert.EndsWith(" 3ffe000-4000000", blocks.Reserved);
    }

    [Fact]
    public void WithoutMemoryForTheListTheOperationFailsAndSaysSo()
    {
        // Expect a refusal, Linux's line and unchanged lists; the 128 regions stay usable.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x2000);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 128);
        string before = blocks.Reserved;
        Assert.False(blocks.Blocks->Reserve(0x1000, 0x1000));
        Assert.Equal("memblock: Failed to double reserved array from 128 to 256 entries !", Assert.Single(blocks.Log));
        Assert.Equal(before, blocks.Reserved);
        Assert.False(blocks.Blocks->Free(0x100000, 0x1000));
        Assert.Equal(before, blocks.Reserved);
        Assert.Equal(PhysicalAddress.None, blocks.Blocks->Alloc(0x1000, 0x1000, 0, 0));
    }

    [Fact]
    public void DiscardingHandsTheGrownListsOver()
    {
        // Expect exactly the pages of the two moved lists, once the hand-over proper has left them out.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 64 * MiB);
        blocks.Blocks->AllowResize();
        blocks.ReserveEverySecondPage(0x100, 129);
        Assert.DoesNotContain(blocks.HandOver(), run => run.Pfn >= 0x3ffe);
        Assert.Equal("3ffe:1x1", CollectedRuns.Text(CollectedRuns.Of(runs => blocks.Blocks->Discard(runs))));
        Assert.Equal("", blocks.Reserved);
    }
}
