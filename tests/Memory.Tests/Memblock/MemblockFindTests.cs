using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Memblock;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>Looking for free memory and taking it.</summary>
public sealed unsafe class MemblockFindTests
{
    private const ulong None = PhysicalAddress.None;
    private const ulong Max = ulong.MaxValue;

    /// <summary>Memory [0, 0x10000) and [0x20000, 0x30000), with 0x8000-0x9000 reserved.</summary>
    private static MemblockUnderTest TwoRegions()
    {
        MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x10000);
        blocks.Blocks->Add(0x20000, 0x10000);
        blocks.Blocks->Reserve(0x8000, 0x1000);
        return blocks;
    }

    [Theory]
    [InlineData(0, 0, 0x1000, 0x1000, 0x2f000)]                // top-down: the highest
    [InlineData(0, 0x20000, 0x1000, 0x1000, 0xf000)]           // below an end between the regions
    [InlineData(0, 0x20800, 0x1000, 0x1000, 0xf000)]           // half a page under the end does not do
    [InlineData(0, 0x9000, 0x1000, 0x1000, 0x7000)]            // under the reservation
    [InlineData(0, Max, 0x10000, 0x10000, 0x20000)]            // a whole region, exactly
    [InlineData(0, Max, 0x10001, 1, None)]                     // one byte more than any region
    [InlineData(0, 0x10000, 0x7000, 1, 0x9000)]                // above the reservation, exactly
    [InlineData(0, 0x10000, 0x7001, 1, None)]                  // below it page 0 is missing
    [InlineData(0x30000, Max, 1, 1, None)]                     // nothing above all memory
    [InlineData(0x9000, 0x8000, 1, 1, None)]                   // end before start
    [InlineData(0, 1, 0x1000, 0x1000, 0x2f000)]                // 1 is another name for "up to the limit"
    [InlineData(0, Max, 0, 1, None)]                           // nothing is not found
    [InlineData(0, Max, Max, 1, None)]
    [InlineData(0, Max, 1, 1UL << 63, None)]
    public void TheHighestFittingAddressIsFound(ulong start, ulong end, ulong size, ulong align, ulong expected)
    {
        //  0    1         8    9         10        20             30
        //  |page|         |rrrr|          |         |              |
        //  |aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|         |bbbbbbbbbbbbbb|
        using MemblockUnderTest blocks = TwoRegions();
        Assert.Equal(expected, blocks.Blocks->Find(start, end, size, align));
        Assert.Equal("8000-9000", blocks.Reserved);
    }

    [Theory]
    [InlineData(0, 0, 0x1000, 0x1000, 0x1000)]                 // never page 0
    [InlineData(0x7001, 0, 0x1000, 0x1000, 0x9000)]            // rounded up, over the reservation
    [InlineData(0xf001, 0, 0x1000, 1, 0x20000)]                // not enough left in the first region
    [InlineData(0xf000, 0x10000, 0x1000, 1, 0xf000)]           // exactly up to the end
    [InlineData(0xf000, 0xffff, 0x1000, 1, None)]
    [InlineData(0xffff, 0, 1, 1, 0xffff)]                      // the last byte of a region
    [InlineData(0x7fff, 0, 1, 1, 0x7fff)]                      // and of a gap
    [InlineData(0, Max, 0x10000, 1, 0x20000)]
    [InlineData(0, Max, 1, 1UL << 63, None)]
    [InlineData(Max, Max, 1, 0x1000, None)]                    // rounding up passes 2^64
    public void TheLowestFittingAddressIsFoundBottomUp(ulong start, ulong end, ulong size, ulong align, ulong expected)
    {
        using MemblockUnderTest blocks = TwoRegions();
        blocks.Blocks->SetBottomUp(true);
        Assert.Equal(expected, blocks.Blocks->Find(start, end, size, align));
    }

    [Fact]
    public void Regression01_AGoalAboveAllMemoryIsDropped()
    {
        // Expect AllocTry to fall back below its goal, Alloc not to.
        using MemblockUnderTest blocks = TwoRegions();
        Assert.Equal(None, blocks.Blocks->Alloc(0x1000, 0x1000, 0x1000000, 0));
        Assert.Equal(0x2f000u, blocks.Blocks->AllocTry(0x1000, 0x1000, 0x1000000, 0));
        Assert.Equal("8000-9000 2f000-30000", blocks.Reserved);
    }

    [Fact]
    public void TheLimitBindsAllocTryEvenWhenAnywhereIsAsked()
    {
        // Expect: up to the limit 0x10000; Alloc may go above it when it says so, AllocTry may not.
        using MemblockUnderTest blocks = TwoRegions();
        blocks.Blocks->SetLimit(0x10000);
        Assert.Equal(0xf000u, blocks.Blocks->Alloc(0x1000, 0x1000, 0, MemblockAllocator.Accessible));
        Assert.Equal(0xe000u, blocks.Blocks->AllocTry(0x1000, 0x1000, 0, MemblockAllocator.Anywhere));
        Assert.Equal(0x2f000u, blocks.Blocks->Alloc(0x1000, 0x1000, 0, MemblockAllocator.Anywhere));
    }

    [Fact]
    public void AlignmentZeroMeansACacheLineAndNoPowerOfTwoIsABug()
    {
        using MemblockUnderTest blocks = TwoRegions();
        Assert.Equal(0x2ffc0u, blocks.Blocks->Alloc(1, 0, 0, 0));
        Assert.Equal(None, blocks.Blocks->Find(0, 0, 1, 0));
        Assert.Equal("BUG: memblock: alignment 0x30 is no power of two", blocks.Panic(b => b.Blocks->Alloc(1, 0x30, 0, 0)));
    }

    [Fact]
    public void AnAllocationDoesNotSpanRegionsThatTouch()
    {
        //  1         2         3
        //  |plain    |hotplug  |
        // Expect none for more than one of the two has.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x10000, 0x20000);
        MemblockTraces.MarkHotplug(ref *blocks.Blocks, 0x20000, 0x10000);
        Assert.Equal(None, blocks.Blocks->Find(0, 0, 0x10001, 1));
        Assert.Equal("10000-20000 20000-30000", blocks.Free);
    }

    [Fact]
    public void NomapIsNeverFreeAndHotplugOnlyWithoutMovableNode()
    {
        //  1    2    3    4
        //  |aaaa|hotp|nomp|
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x3000);
        MemblockTraces.MarkHotplug(ref *blocks.Blocks, 0x2000, 0x1000);
        MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x3000, 0x1000);
        Assert.Equal("1000-2000 2000-3000", blocks.Free);
        blocks.Blocks->SetMovableNode(true);
        Assert.Equal("1000-2000", blocks.Free);
        Assert.Equal(0x1000u, blocks.Blocks->Find(0, 0, 0x1000, 0x1000));
    }

    [Fact]
    public void MirroredMemoryIsPreferredAndTheLogSaysWhenItDoesNotSuffice()
    {
        //  1    2    3    4
        //  |aaaa|mirr|aaaa|
        // Expect the mirrored page first, then the log line and the highest plain one.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x3000);
        MemblockTraces.MarkMirror(ref *blocks.Blocks, 0x2000, 0x1000);
        Assert.Equal(0x2000u, blocks.Blocks->Alloc(0x1000, 0x1000, 0, 0));
        Assert.Empty(blocks.Log);
        Assert.Equal(0x3000u, blocks.Blocks->Alloc(0x1000, 0x1000, 0, 0));
        Assert.Equal("Could not allocate 0x0000000000001000 bytes of mirrored memory", Assert.Single(blocks.Log));
    }

    [Fact]
    public void TwoReservationsThatTouchAndDifferInFlagsHaveAnEmptyFreeRangeBetween()
    {
        //  1    2    3    4
        //  |noin|rrrr|        reserved, flags 10 and 0
        //  |aaaaaaaaaaaaaa|   memory
        // Expect Linux's rows: an empty range at 0x2000, then the free page.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x3000);
        blocks.Blocks->Reserve(0x1000, 0x1000);
        MemblockTraces.MarkNoinit(ref *blocks.Blocks, 0x1000, 0x1000);
        blocks.Blocks->Reserve(0x2000, 0x1000);
        Assert.Equal("1000-2000/10 2000-3000", blocks.Reserved);
        Assert.Equal("2000-2000 3000-4000", blocks.Free);
        Assert.Equal("3:0x1", CollectedRuns.Text(blocks.HandOver()));
    }

    [Fact]
    public void AnAllocationIsReservedAndTheNextOneLiesBelow()
    {
        // Expect neighbors to merge, so that a boot's allocations stay one region.
        using MemblockUnderTest blocks = TwoRegions();
        Assert.Equal(0x2ff00u, blocks.Blocks->Alloc(0x100, 0x40, 0, 0));
        Assert.Equal(0x2fe00u, blocks.Blocks->Alloc(0x100, 0x40, 0, 0));
        Assert.Equal("8000-9000 2fe00-30000", blocks.Reserved);
    }
}
