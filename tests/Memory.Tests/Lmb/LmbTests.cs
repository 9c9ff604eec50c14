using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Lmb;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Lmb;

/// <summary>lmb's tables, allocation and end, one behavior at a time.</summary>
public sealed unsafe class LmbTests
{
    private const ulong None = PhysicalAddress.None;

    [Fact]
    public void AFreshTableHasOneEmptyRegionThatTheFirstRangeReplaces()
    {
        using LmbUnderTest lmb = new();
        Assert.Equal("0-0", lmb.Memory);
        Assert.Equal(0, lmb.Add(0x1000, 0x1000));
        Assert.Equal("1000-2000", lmb.Memory);
        Assert.Equal("0-0", lmb.Reserved);
    }

    [Fact]
    public void Regression10_ARangeThatBridgesTwoOthersIsMergedWithBoth()
    {
        //  1    2    3    4    5
        //  |aaaa|    |cccc|
        //       |bbbb|
        // Expect one region, and 2 as the number of merges.
        using LmbUnderTest lmb = new();
        lmb.Reserve(0x1000, 0x1000);
        lmb.Reserve(0x3000, 0x1000);
        Assert.Equal(2, lmb.Reserve(0x2000, 0x1000));
        Assert.Equal("1000-4000", lmb.Reserved);
    }

    [Fact]
    public void TouchingExtendsOverlappingStandsBeside()
    {
        //  1    2    3    4    5
        //       |aaaa|             first
        //  |bbbb|                  touches below: merged
        //            |cccc|        touches above: merged
        //     |dddd|               overlaps: a region of its own
        //     |dddd|               known: nothing
        using LmbUnderTest lmb = new();
        Assert.Equal(0, lmb.Add(0x2000, 0x1000));
        Assert.Equal(1, lmb.Add(0x1000, 0x1000));
        Assert.Equal(1, lmb.Add(0x3000, 0x1000));
        Assert.Equal("1000-4000", lmb.Memory);
        Assert.Equal(0, lmb.Add(0x1800, 0x1000));
        Assert.Equal(0, lmb.Add(0x1800, 0x1000));
        Assert.Equal("1000-4000 1800-2800", lmb.Memory);
        lmb.Lmb->Analyze();
        Assert.Equal(0x4000u, lmb.Lmb->MemoryBytes);
    }

    [Fact]
    public void RemovingNeedsOneRegionThatHoldsTheRange()
    {
        //  1         3    4    5
        //  |aaaaaaaaa|    |bbbb|
        // Expect refusals outside and across, cuts at both ends, a split in the middle, and the whole.
        using LmbUnderTest lmb = new();
        lmb.Reserve(0x1000, 0x2000);
        lmb.Reserve(0x4000, 0x1000);
        Assert.Equal(-1, lmb.Free(0x2000, 0x2800));
        Assert.Equal(-1, lmb.Free(0x0, 0x1800));
        Assert.Equal(0, lmb.Free(0x1000, 0x400));
        Assert.Equal(0, lmb.Free(0x2c00, 0x400));
        Assert.Equal("1400-2c00 4000-5000", lmb.Reserved);
        Assert.Equal(0, lmb.Free(0x2000, 0x400));
        Assert.Equal("1400-2000 2400-2c00 4000-5000", lmb.Reserved);
        Assert.Equal(0, lmb.Free(0x2400, 0x800));
        Assert.Equal("1400-2000 4000-5000", lmb.Reserved);
    }

    [Fact]
    public void ATableThatWasEmptiedTakesRangesAgain()
    {
        // Linux leaves the removed region in place and counts it again here. Expect the new range.
        using LmbUnderTest lmb = new();
        lmb.Add(0x1000, 0x1000);
        Assert.Equal(0, lmb.Remove(0x1000, 0x1000));
        Assert.Equal("", lmb.Memory);
        Assert.Equal(0, lmb.Add(0x8000, 0x1000));
        Assert.Equal("8000-9000", lmb.Memory);
    }

    [Fact]
    public void ATableOutOfOrderLosesNothing()
    {
        // Extending the second region downwards puts it below the first; Linux then overwrites entry 0 with a range that
        // belongs before it. Expect the range behind the last region that does not start above it, and no loss.
        using LmbUnderTest lmb = new();
        lmb.Reserve(0x5000, 0x3000);
        lmb.Reserve(0x6000, 0x5000);
        lmb.Reserve(0x2000, 0x4000);
        Assert.Equal("5000-8000 2000-b000", lmb.Reserved);
        Assert.Equal(0, lmb.Reserve(0x3000, 0x800));
        Assert.Equal("5000-8000 2000-b000 3000-3800", lmb.Reserved);
    }

    [Fact]
    public void TheHundredAndTwentyNinthRegionIsRefused()
    {
        // Expect -1 and no change; a range that merges still goes in; an allocation finds no room to be noted.
        using LmbUnderTest lmb = new();
        lmb.Add(0, 0x1000000);
        for (ulong i = 1; i <= LmbTable.Capacity; i++)
        {
            Assert.Equal(0, lmb.Reserve(i * 0x2000, 0x1000));
        }

        Assert.Equal(-1, lmb.Reserve(0x800000, 0x1000));
        Assert.Equal(None, lmb.Lmb->AllocBase(0x1000, 0x1000, LmbAllocator.Anywhere));
        Assert.Equal(LmbTable.Capacity, lmb.Lmb->ReservedCount);
        Assert.Equal(2, lmb.Reserve(0x3000, 0x1000));
        Assert.Equal(0, lmb.Reserve(0x800000, 0x1000));
    }

    [Fact]
    public void QuestionsAreAnsweredAtTheBorders()
    {
        using LmbUnderTest lmb = new();
        Assert.Equal(-1, lmb.Lmb->FindReserved(0, ulong.MaxValue));
        lmb.Reserve(0x1000, 0x1000);
        lmb.Reserve(0x4000, 0x1000);
        Assert.Equal(
            (false, true, true, false),
            (lmb.Lmb->IsReserved(0xfff), lmb.Lmb->IsReserved(0x1000), lmb.Lmb->IsReserved(0x1fff), lmb.Lmb->IsReserved(0x2000)));
        Assert.Equal(
            (-1, 0, 1, -1),
            (
                lmb.Lmb->FindReserved(0x2000, 0x2000),
                lmb.Lmb->FindReserved(0x1fff, 0x8000),
                lmb.Lmb->FindReserved(0x2000, 0x2001),
                lmb.Lmb->FindReserved(0x5000, ulong.MaxValue - 0x5000)));
    }

    [Fact]
    public void ClippingGivesThePartInTheFirstRegionReached()
    {
        //  1    2    3    4
        //  |aaaa|    |bbbb|
        using LmbUnderTest lmb = new();
        lmb.Add(0x1000, 0x1000);
        lmb.Add(0x3000, 0x1000);
        ulong start = 0x1800;
        ulong size = 0x8000;
        Assert.True(lmb.Lmb->ClipToMemory(ref start, ref size));
        Assert.Equal((0x1800ul, 0x800ul), (start, size));
        (start, size) = (0x2000, 0x1000);
        Assert.False(lmb.Lmb->ClipToMemory(ref start, ref size));
    }

    [Theory]
    [InlineData(0x1000, 0x1000, 0, 0x2f000)]           // top-down
    [InlineData(0x1001, 0x1000, 0, 0x2e000)]           // the size is rounded up to the alignment
    [InlineData(0x1000, 0x1000, 0x20000, 0xf000)]      // below the upper region
    [InlineData(0x1000, 0x1000, 0x20fff, 0xf000)]      // not enough of the upper region below the maximum
    [InlineData(0x1000, 0x1000, 0x9000, 0x7000)]       // steps below the reservation
    [InlineData(0x8000, 0x1000, 0x9000, None)]         // not 0
    [InlineData(0x20000, 0x1000, 0, None)]             // larger than any region
    [InlineData(0x1000, 0x1000, 0x800, None)]          // a maximum below the size: nothing (Linux wraps round)
    [InlineData(1, 1UL << 63, 0, None)]
    [InlineData(ulong.MaxValue, 2, 0, None)]           // rounding the size up passes 2^64
    public void AllocationIsTopDown(ulong size, ulong align, ulong maxAddress, ulong expected)
    {
        //  0              8    9         10        20             30
        //  |aaaaaaaaaaaaaa|rrrr|aaaaaaaaa|         |bbbbbbbbbbbbbb|
        using LmbUnderTest lmb = new();
        lmb.Add(0, 0x10000);
        lmb.Add(0x20000, 0x10000);
        lmb.Reserve(0x8000, 0x1000);
        Assert.Equal(expected, lmb.Lmb->AllocBase(size, align, maxAddress));
    }

    [Fact]
    public void OneNodeAllocationTakesTheLowestRegionFromItsTop()
    {
        using LmbUnderTest lmb = new();
        lmb.Add(0x1000, 0x1000);
        lmb.Add(0x4000, 0x2000);
        Assert.Equal(0x1000u, lmb.Lmb->AllocNode(0x1000, 0x1000));
        Assert.Equal(0x5000u, lmb.Lmb->AllocNode(0x1000, 0x1000));
        Assert.Equal(0x4000u, lmb.Lmb->AllocNode(1, 0x1000));
        Assert.Equal("1000-2000 4000-6000", lmb.Reserved);
    }

    [Fact]
    public void Regression02_AFailedAllocationPanicsWhereItIsNotLookedAt()
    {
        // Expect none from the call whose result is looked at, Linux's words from the ones whose result is not.
        using LmbUnderTest lmb = new();
        lmb.Add(0x1000, 0x1000);
        Assert.Equal(None, lmb.Lmb->AllocBase(0x2000, 0x1000, LmbAllocator.Anywhere));
        Assert.Equal("ERROR: Failed to allocate 0x2000 bytes below 0x0.", lmb.Panic(l => l.Lmb->Alloc(0x2000, 0x1000)));
        Assert.Equal("ERROR: Failed to allocate 0x2000 bytes below 0x0.", lmb.Panic(l => l.Lmb->AllocNode(0x2000, 0x1000)));
    }

    [Fact]
    public void EmptyRequestsAreBugs()
    {
        using LmbUnderTest lmb = new();
        Assert.Equal("BUG: lmb: an allocation of 0 bytes", lmb.Panic(l => l.Lmb->AllocBase(0, 1, 0)));
        Assert.Equal("BUG: lmb: an allocation of 0 bytes", lmb.Panic(l => l.Lmb->AllocNode(0, 1)));
        Assert.Equal("BUG: lmb: a reservation of 0 bytes at 0x1000", lmb.Panic(l => l.Reserve(0x1000, 0)));
        Assert.Equal("BUG: lmb: alignment 0x3 is no power of two", lmb.Panic(l => l.Lmb->AllocBase(1, 3, 0)));
    }

    [Fact]
    public void EnforcingALimitCutsMemoryReservationsAndTheRealModeArea()
    {
        //  0         2    4         6
        //  |aaaaaaaaa|    |bbbbbbbbb|
        //                    |rrrrrrrrr|
        using LmbUnderTest lmb = new();
        lmb.Add(0, 0x2000);
        lmb.Add(0x4000, 0x2000);
        lmb.Reserve(0x4800, 0x2000);
        lmb.Lmb->EnforceLimit(0);
        Assert.Equal("4800-6800", lmb.Reserved);
        lmb.Lmb->EnforceLimit(0x3000);
        Assert.Equal("0-2000 4000-5000", lmb.Memory);
        Assert.Equal("4800-5000", lmb.Reserved);
        Assert.Equal(0x2000u, lmb.Lmb->RealModeBytes);
        lmb.Lmb->EnforceLimit(0x1000);
        Assert.Equal("0-1000", lmb.Memory);
        Assert.Equal("", lmb.Reserved);
        Assert.Equal(0x1000u, lmb.Lmb->RealModeBytes);
    }

    [Fact]
    public void EachFreePageIsHandedOverOnceEvenIfRegionsOverlap()
    {
        //  0    1    2    3    4    5    6    7    8
        //  |aaaaaaaaaaaaaaaaaaaaaaaa|                  memory, overlapping
        //            |bbbbbbbbbbbbbbbbbbbbbbbbbbbbb|
        //       |rrrrrrr|   reserved 0x1000-0x2800
        //          |ssss|   and 0x1800-0x2800, inside
        // Expect page 0, then 3 to 7.
        using LmbUnderTest lmb = new();
        lmb.Add(0, 0x5000);
        lmb.Add(0x2000, 0x6000);
        lmb.Reserve(0x1000, 0x1800);
        lmb.Reserve(0x1800, 0x1000);
        Assert.Equal("0:0x1 3:0x1 4:2x1", CollectedRuns.Text(lmb.HandOver()));
        Assert.Equal("0:0x1 3:0x1 4:1x1", CollectedRuns.Text(lmb.HandOver(6)));
    }
}
