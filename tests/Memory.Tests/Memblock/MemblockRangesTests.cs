using CosmosBootAlloc.Memory.Memblock;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>The interval algebra: what adding, removing and marking does to the lists.</summary>
public sealed unsafe class MemblockRangesTests
{
    [Fact]
    public void ARegionTakesTwentyFourBytes()
    {
        Assert.Equal(24, sizeof(MemblockRegion));
        Assert.Equal(MemblockRegion.Bytes, (ulong)sizeof(MemblockRegion));
    }

    [Fact]
    public void RangesThatTouchOrOverlapBecomeOne()
    {
        //  1    2    3    4    5
        //  |aaaa|    |cccc|        disjoint
        //       |bbbb|             touches both
        //            |ddddddddd|   overlaps c, reaches further
        // Expect one region over all of it, however it was put together.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x1000);
        blocks.Blocks->Add(0x3000, 0x1000);
        Assert.Equal("1000-2000 3000-4000", blocks.Memory);
        blocks.Blocks->Add(0x3000, 0x2000);
        Assert.Equal("1000-2000 3000-5000", blocks.Memory);
        blocks.Blocks->Add(0x2000, 0x1000);
        Assert.Equal("1000-5000", blocks.Memory);
        Assert.Equal(0x4000u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void Regression10_ARangeThatBridgesTwoOthersIsMergedWithBoth()
    {
        //  1    2    3    4    5    6    7
        //  |aaaa|         |cccc|    |eeee|
        //       |bbbbbbbbb|                  exactly between: bridges a and c
        //     |dddddddddddddddddddddddd|     over c and the gap before e: bridges all
        // Expect one region each time, with nothing left of the bridged ones.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Reserve(0x1000, 0x1000);
        blocks.Blocks->Reserve(0x4000, 0x1000);
        blocks.Blocks->Reserve(0x6000, 0x1000);
        blocks.Blocks->Reserve(0x2000, 0x2000);
        Assert.Equal("1000-5000 6000-7000", blocks.Reserved);
        blocks.Blocks->Reserve(0x1800, 0x5000);
        Assert.Equal("1000-7000", blocks.Reserved);
        Assert.Equal(0x6000u, blocks.Blocks->ReservedBytes);
    }

    [Fact]
    public void ARangeOverManyRegionsFillsTheGapsAndMerges()
    {
        //  |a| |b| |c| |d| |e|    five regions
        //    |aaaaaaaaaaa|        over b, c, d and four gaps
        // Expect one region: a to e.
        using MemblockUnderTest blocks = new();
        for (ulong i = 0; i < 5; i++)
        {
            blocks.Blocks->Reserve(i * 0x2000, 0x1000);
        }

        blocks.Blocks->Reserve(0x1000, 0x7000);
        Assert.Equal("0-9000", blocks.Reserved);
    }

    [Fact]
    public void RegionsKeepTheirFlagsWhenARangeIsAddedOverThem()
    {
        //  1    2    3    4    5    6
        //       |nomap   |              marked
        //  |ooooooooooooooooooooooo|    added over everything
        // Expect the marked region to stay as it is, plain regions around it.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x2000, 0x2000);
        MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x2000, 0x2000);
        blocks.Blocks->Add(0x1000, 0x5000);
        Assert.Equal("1000-2000 2000-4000/4 4000-6000", blocks.Memory);
        Assert.Equal(0x5000u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void RemovingCutsWhateverIsThere()
    {
        //  1    2    3    4    5    6    7    8
        //  |aaaaaaaa|     |bbbb|    |cccccccc|
        //      |xxxxxxxxxxxxxxxxxxxxxxxx|          from inside a to inside c
        // Expect the head of a and the tail of c; holes in the range are no error.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x2000);
        blocks.Blocks->Add(0x4000, 0x1000);
        blocks.Blocks->Add(0x6000, 0x2000);
        Assert.True(blocks.Blocks->Remove(0x1800, 0x5000));
        Assert.Equal("1000-1800 6800-8000", blocks.Memory);
        Assert.True(blocks.Blocks->Remove(0x2000, 0x1000));
        Assert.Equal("1000-1800 6800-8000", blocks.Memory);
        Assert.Equal(0x2000u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void RemovingTheMiddleLeavesTwoRegionsOfTheSameFlags()
    {
        //  1        3    4        6
        //  |hotplug |xxxx|hotplug |
        // Expect both remains to be hotplug.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x5000);
        MemblockTraces.MarkHotplug(ref *blocks.Blocks, 0x1000, 0x5000);
        blocks.Blocks->Remove(0x3000, 0x1000);
        Assert.Equal("1000-3000/1 4000-6000/1", blocks.Memory);
    }

    [Fact]
    public void MarkingSplitsAndClearingMergesAgain()
    {
        //  1    2    3    4  |aaaa|mark|aaaa| Expect three regions while marked and one afterwards; the part of the mark outside memory is
        // ignored.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x3000);
        Assert.True(MemblockTraces.MarkHotplug(ref *blocks.Blocks, 0x2000, 0x1000));
        Assert.Equal("1000-2000 2000-3000/1 3000-4000", blocks.Memory);
        Assert.True(MemblockTraces.ClearHotplug(ref *blocks.Blocks, 0, ulong.MaxValue));
        Assert.Equal("1000-4000", blocks.Memory);
        Assert.True(MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x3000, 0x8000));
        Assert.Equal("1000-3000 3000-4000/4", blocks.Memory);
        Assert.True(MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x8000, 0x1000));
        Assert.Equal("1000-3000 3000-4000/4", blocks.Memory);
    }

    [Fact]
    public void Regression07_AnEmptyRangeChangesNothingAndComesBack()
    {
        // Expect done, and the lists as before, for every operation on an empty range.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x1000);
        blocks.Blocks->Reserve(0x1000, 0x800);
        Assert.True(blocks.Blocks->Add(0x5000, 0));
        Assert.True(blocks.Blocks->Remove(0x1800, 0));
        Assert.True(blocks.Blocks->Reserve(0x5000, 0));
        Assert.True(blocks.Blocks->Free(0x1400, 0));
        Assert.True(MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x1800, 0));
        Assert.Equal("1000-2000", blocks.Memory);
        Assert.Equal("1000-1800", blocks.Reserved);
    }

    [Theory]
    [InlineData(0xffffffffffffd000, 0x8000, "ffffffffffffd000-ffffffffffffffff")]
    [InlineData(0xffffffffffffffff, 1, "")]
    [InlineData(0, ulong.MaxValue, "0-ffffffffffffffff")]
    [InlineData(0xfffffffffffffffe, ulong.MaxValue, "fffffffffffffffe-ffffffffffffffff")]
    public void ARangeIsCutBelowTheLastByteOfTheAddressSpace(ulong start, ulong size, string expected)
    {
        // Expect sums never to wrap: the end is at most 2^64-1, so the last byte is never part of a region.
        using MemblockUnderTest blocks = new();
        Assert.True(blocks.Blocks->Add(start, size));
        Assert.Equal(expected, blocks.Memory);
        Assert.True(blocks.Blocks->Remove(start, size));
        Assert.Equal("", blocks.Memory);
        Assert.Equal(0u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void TrimRoundsInwardsAndDropsWhatVanishes()
    {
        //  0    1    2    3    4
        //     |aaaaaaaaa|            0x800-0x2400 becomes 1-2
        //                 |b|        less than a page: dropped
        // and the last half page below 2^64: rounding its start up would wrap to 0. Expect whole pages only; the byte count follows (in
        // Linux it does not).
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x800, 0x1c00);
        blocks.Blocks->Add(0x2800, 0x200);
        blocks.Blocks->Add(0xfffffffffffff800, 0x10000);
        blocks.Blocks->Trim(0x1000);
        Assert.Equal("1000-2000", blocks.Memory);
        Assert.Equal(0x1000u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void TrimRefusesAnAlignmentThatIsNoPowerOfTwo()
    {
        using MemblockUnderTest blocks = new();
        Assert.StartsWith("BUG: memblock: alignment 0x3000", blocks.Panic(b => b.Blocks->Trim(0x3000)));
        Assert.StartsWith("BUG: memblock: alignment 0x0", blocks.Panic(b => b.Blocks->Trim(0)));
    }

    [Fact]
    public void EnforcingALimitKeepsTheLowestBytes()
    {
        //  1    2         4         6
        //  |aaaa|         |bbbbbbbbb|
        //                    ^ 0x1800 bytes of memory end at 0x4800
        // Expect memory and reservations cut there; 0 and more than there is change nothing.
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x1000);
        blocks.Blocks->Add(0x4000, 0x2000);
        blocks.Blocks->Reserve(0x3000, 0x2000);
        MemblockTraces.EnforceLimit(ref *blocks.Blocks, 0);
        MemblockTraces.EnforceLimit(ref *blocks.Blocks, 0x3001);
        Assert.Equal("1000-2000 4000-6000", blocks.Memory);
        MemblockTraces.EnforceLimit(ref *blocks.Blocks, 0x1800);
        Assert.Equal("1000-2000 4000-4800", blocks.Memory);
        Assert.Equal("3000-4800", blocks.Reserved);
        MemblockTraces.EnforceLimit(ref *blocks.Blocks, 0x1000);
        Assert.Equal("1000-2000", blocks.Memory);
        Assert.Equal("", blocks.Reserved);
    }

    [Fact]
    public void CappingKeepsTheRangeAndWhatIsNotMapped()
    {
        //  1    2    3    4    5    6
        //  |plain         |nomap|pln|
        //       |keep|
        // Expect the kept part and the nomap region; reservations outside the range go.
        using MemblockUnderTest blocks = new();
        MemblockTraces.CapRange(ref *blocks.Blocks, 0x2000, 0x1000);
        Assert.Equal("memblock_cap_memory_range: No memory registered yet", Assert.Single(blocks.Log));
        blocks.Blocks->Add(0x1000, 0x5000);
        MemblockTraces.MarkNomap(ref *blocks.Blocks, 0x4000, 0x1000);
        blocks.Blocks->Reserve(0x1000, 0x5000);
        MemblockTraces.CapRange(ref *blocks.Blocks, 0x2000, 0);
        Assert.Equal("1000-4000 4000-5000/4 5000-6000", blocks.Memory);
        MemblockTraces.CapRange(ref *blocks.Blocks, 0x2000, 0x1000);
        Assert.Equal("2000-3000 4000-5000/4", blocks.Memory);
        Assert.Equal("2000-3000", blocks.Reserved);
        Assert.Equal(0x2000u, blocks.Blocks->MemoryBytes);
    }

    [Fact]
    public void CappingToTheTopKeepsReservationsUpThere()
    {
        // Expect a size that passes 2^64 to mean "to the top" (Linux wraps here and drops every reservation).
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0x1000, 0x5000);
        blocks.Blocks->Reserve(0x1000, 0x5000);
        MemblockTraces.CapRange(ref *blocks.Blocks, 0x2000, ulong.MaxValue);
        Assert.Equal("2000-6000", blocks.Memory);
        Assert.Equal("2000-6000", blocks.Reserved);
    }

    [Fact]
    public void QuestionsAreAnsweredAtTheBorders()
    {
        //  1    2    3    4
        //  |aaaa|nomp|            memory
        //    |rrrr|               reserved 0x1400-0x2400
        using MemblockUnderTest blocks = new();
        MemblockAllocator* b = blocks.Blocks;
        Assert.Equal(0u, b->MemoryStart);
        Assert.Equal(0u, b->MemoryEnd);
        b->Add(0x1000, 0x2000);
        MemblockTraces.MarkNomap(ref *b, 0x2000, 0x1000);
        b->Reserve(0x1400, 0x1000);
        Assert.Equal((0x1000ul, 0x3000ul), (b->MemoryStart, b->MemoryEnd));
        Assert.Equal(
            (false, true, true, false),
            (
                MemblockTraces.IsMemory(ref *b, 0xfff),
                MemblockTraces.IsMemory(ref *b, 0x1000),
                MemblockTraces.IsMemory(ref *b, 0x2fff),
                MemblockTraces.IsMemory(ref *b, 0x3000)));
        Assert.Equal(
            (true, false, false),
            (
                MemblockTraces.IsMapMemory(ref *b, 0x1fff),
                MemblockTraces.IsMapMemory(ref *b, 0x2000),
                MemblockTraces.IsMapMemory(ref *b, 0x3000)));
        Assert.Equal(
            (false, true, true, false),
            (
                MemblockTraces.IsReserved(ref *b, 0x13ff),
                MemblockTraces.IsReserved(ref *b, 0x1400),
                MemblockTraces.IsReserved(ref *b, 0x23ff),
                MemblockTraces.IsReserved(ref *b, 0x2400)));

        // A region is all memory only if one entry holds it; it is reserved if any byte is.
        Assert.True(MemblockTraces.IsRegionMemory(ref *b, 0x1000, 0x1000));
        Assert.False(MemblockTraces.IsRegionMemory(ref *b, 0x1000, 0x1001));
        Assert.True(MemblockTraces.IsRegionReserved(ref *b, 0x1000, 0x401));
        Assert.False(MemblockTraces.IsRegionReserved(ref *b, 0x1000, 0x400));
        Assert.False(MemblockTraces.IsRegionReserved(ref *b, 0x2400, ulong.MaxValue));
        Assert.True(MemblockTraces.IsRegionReserved(ref *b, 0, ulong.MaxValue));
        Assert.False(MemblockTraces.IsRegionReserved(ref *b, 0x1400, 0));
        Assert.True(MemblockTraces.IsRegionReserved(ref *b, 0x1401, 0));
    }

    [Fact]
    public void PfnRangesAreTheWholePagesOfEachRegion()
    {
        //  0    1    2    3    4
        //  |aa|    |bbbbbbbbbb|     0-0x400 has no whole page; 0x1800-0x4800 has pages 2 and 3
        using MemblockUnderTest blocks = new();
        blocks.Blocks->Add(0, 0x400);
        blocks.Blocks->Add(0x1800, 0x3000);
        blocks.Blocks->Reserve(0, 0x8000);
        uint index = 0;
        Assert.True(MemblockTraces.NextPfnRange(ref *blocks.Blocks, ref index, out ulong start, out ulong end));
        Assert.Equal((2ul, 4ul), (start, end));
        Assert.False(MemblockTraces.NextPfnRange(ref *blocks.Blocks, ref index, out _, out _));
    }
}
