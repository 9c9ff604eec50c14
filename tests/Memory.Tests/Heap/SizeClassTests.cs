using System.Linq;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>The sizes of small objects and what they waste.</summary>
public sealed unsafe class SizeClassTests
{
    [Fact]
    public void ClassesRiseAndEndAtTheLargest()
    {
        uint[] sizes = [.. Enumerable.Range(0, (int)SizeClass.Count).Select(i => SizeClass.Bytes((uint)i))];
        Assert.Equal(8u, sizes[0]);
        Assert.Equal(SizeClass.LargestBytes, sizes[^1]);
        Assert.All(sizes.Zip(sizes.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.All(sizes, bytes => Assert.Equal(0u, bytes % SizeClass.Grain));

        // Every power of two is a class: such objects are aligned to their size.
        Assert.All(new uint[] { 8, 16, 32, 64, 128, 256, 512, 1024, 2048 }, bytes => Assert.Contains(bytes, sizes));
    }

    [Fact]
    public void RoundingWastesAtMostAnEighthOnAverage()
    {
        double wanted = 0;
        double given = 0;
        double shares = 0;
        for (uint bytes = 1; bytes <= SizeClass.LargestBytes; bytes++)
        {
            uint room = Enumerable.Range(0, (int)SizeClass.Count).Select(i => SizeClass.Bytes((uint)i)).First(size => size >= bytes);
            wanted += bytes;
            given += room;
            shares += (room - bytes) / (double)room;
        }

        Assert.InRange((given - wanted) / given, 0, 0.125);
        Assert.InRange(shares / SizeClass.LargestBytes, 0, 0.125);
    }

    [Fact]
    public void SlabsLeaveAtMostASixteenthOverAndTheTableTakesTwoPercentAtMost()
    {
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            uint slabBytes = (uint)PageSize.Bytes << (int)SizeClass.SlabOrder(i);
            uint objects = slabBytes / SizeClass.Bytes(i);
            Assert.True(objects >= 8, $"{SizeClass.Bytes(i)}: {objects} objects a slab");
            Assert.True((slabBytes - (objects * SizeClass.Bytes(i))) * 16 <= slabBytes, $"{SizeClass.Bytes(i)}: too much left over");
            Assert.True(objects * SizeClass.Bytes(i) < Slab.OffsetMask, "an offset does not fit the list's word");
        }

        Assert.Equal((int)Slab.Bytes, sizeof(Slab));
        Assert.True(Slab.Bytes * 50 <= PageSize.Bytes);
    }

    [Fact]
    public void EverySizeGetsTheSmallestClassThatHoldsIt()
    {
        using HeapUnderTest heap = new();
        for (uint bytes = 0; bytes <= SizeClass.LargestBytes; bytes++)
        {
            uint least = bytes == 0 ? 1 : bytes;
            uint room = Enumerable.Range(0, (int)SizeClass.Count).Select(i => SizeClass.Bytes((uint)i)).First(size => size >= least);
            void* memory = heap.Raw->Allocate(bytes, 0);
            Assert.Equal(room, heap.Raw->UsableBytes(memory));
            heap.Raw->Free(memory);
        }

        heap.AssertAllBack();
    }
}
