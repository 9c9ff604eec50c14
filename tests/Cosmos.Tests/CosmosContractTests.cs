using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Plugs.Heaps;
using CosmosBootAlloc.Plugs.Targets;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>What kernels rely on besides Alloc and Free: live counts, collections on their own, the heaps by size.</summary>
[Collection(nameof(SimulatedCosmos))]
public sealed unsafe class CosmosContractTests
{
    private static uint Free => RatPlug.GetPageCount((byte)RAT.PageType.Empty);

    [Fact]
    public void TheCountOfFreePagesIsLiveThroughEveryCall()
    {
        // Small blocks until slabs come and go, a large one that grows and shrinks, an object, pages, a collection, a prune.
        Assert.Equal(Free, RAT.FreePageCount);
        byte*[] small = new byte*[3000];
        for (int i = 0; i < small.Length; i++)
        {
            small[i] = HeapPlug.Alloc((uint)(i % 900) + 1);
            Assert.Equal(Free, RAT.FreePageCount);
        }

        byte* large = HeapPlug.Alloc(50_000);
        Assert.Equal(Free, RAT.FreePageCount);
        large = HeapPlug.Realloc(large, 200_000);
        Assert.Equal(Free, RAT.FreePageCount);
        large = HeapPlug.Realloc(large, 9_000);
        Assert.Equal(Free, RAT.FreePageCount);
        GCImplementationPlug.AllocNewObject(30_000);
        Assert.Equal(Free, RAT.FreePageCount);
        void* pages = RatPlug.AllocPages(RAT.PageType.HeapLarge, 3);
        Assert.Equal(Free, RAT.FreePageCount);
        RatPlug.Free(pages);
        HeapPlug.Free(large);
        Assert.Equal(Free, RAT.FreePageCount);
        foreach (byte* block in small)
        {
            HeapPlug.Free(block);
            Assert.Equal(Free, RAT.FreePageCount);
        }

        HeapPlug.Collect();
        Assert.Equal(Free, RAT.FreePageCount);
        HeapSmallPlug.PruneSMT();
        Assert.Equal(Free, RAT.FreePageCount);
    }

    [Fact]
    public void TheFirstAllocPagesTakesItsOwnPagesAndNoMore()
    {
        // The table of types is there from the start, one byte a page, and mRAT points at it.
        uint free = Free;
        byte* pages = (byte*)RatPlug.AllocPages(RAT.PageType.GCManaged, 2);
        Assert.Equal(free - 2, Free);
        uint first = RatPlug.GetFirstRATIndex(pages);
        Assert.Equal((byte)RAT.PageType.GCManaged, RAT.mRAT[first]);
        Assert.Equal((byte)RAT.PageType.Extension, RAT.mRAT[first + 1]);
        Assert.Equal((byte)RAT.PageType.Empty, RAT.mRAT[first + 2]);
        RatPlug.Free(pages);
        Assert.Equal((byte)RAT.PageType.Empty, RAT.mRAT[first]);
        Assert.Equal(free, RAT.FreePageCount);
    }

    [Fact]
    public void BelowTheMinimumEachTakingOfPagesIsFollowedByACollection()
    {
        HeapPlug.Collect();
        uint triggered = RAT.GCTriggered;
        HeapPlug.Free(HeapPlug.Alloc(24));
        RAT.MinFreePages = int.MaxValue;
        try
        {
            // Room in a slab: no page is taken, nothing happens.
            HeapPlug.Free(HeapPlug.Alloc(24));
            HeapPlug.Free(HeapPlug.Alloc(24));
            uint settled = RAT.GCTriggered;
            HeapPlug.Free(HeapPlug.Alloc(24));
            Assert.Equal(settled, RAT.GCTriggered);

            // A large block takes pages; the allocation after it collects, once.
            byte* large = HeapPlug.Alloc(20_000);
            Assert.Equal(settled, RAT.GCTriggered);
            HeapPlug.Free(HeapPlug.Alloc(24));
            Assert.Equal(settled + 1, RAT.GCTriggered);
            HeapPlug.Free(HeapPlug.Alloc(24));
            Assert.Equal(settled + 1, RAT.GCTriggered);
            HeapPlug.Free(large);

            // AllocPages collects by itself, before it takes.
            RatPlug.Free(RatPlug.AllocPages(RAT.PageType.HeapLarge, 1));
            Assert.Equal(settled + 2, RAT.GCTriggered);

            // An object that takes pages, then one that does not.
            GCImplementationPlug.AllocNewObject(20_000);
            HeapPlug.Free(HeapPlug.Alloc(24));
            Assert.Equal(settled + 3, RAT.GCTriggered);

            // Enough free, or switched off: nothing.
            RAT.MinFreePages = 10;
            HeapPlug.Free(HeapPlug.Alloc(20_000));
            HeapPlug.Free(HeapPlug.Alloc(24));
            RAT.MinFreePages = -1;
            HeapPlug.Free(HeapPlug.Alloc(20_000));
            HeapPlug.Free(HeapPlug.Alloc(24));
            Assert.Equal(settled + 3, RAT.GCTriggered);
            Assert.True(settled <= triggered + 1);
        }
        finally
        {
            RAT.MinFreePages = -1;
            HeapPlug.Collect();
        }
    }

    [Fact]
    public void AnObjectThatTookPagesOutlivesTheCollectionThatItCaused()
    {
        // The collection comes before the next allocation, when a root or the stack holds the object.
        RAT.MinFreePages = int.MaxValue;
        try
        {
            ushort* thing = (ushort*)GCImplementationPlug.AllocNewObject(20_000);
            GCImplementationPlug.IncRootCount(thing);
            GCImplementationPlug.AllocNewObject(24);
            Assert.Equal(RAT.PageType.HeapLarge, RatPlug.GetPageType(thing));
            GCImplementationPlug.DecRootCount(thing);
            HeapPlug.Collect();
            Assert.Equal(RAT.PageType.Empty, RatPlug.GetPageType(thing));
        }
        finally
        {
            RAT.MinFreePages = -1;
        }
    }

    [Fact]
    public void TheHeapsBySizeGiveBlocksOfTheOneHeapAndCountThem()
    {
        int count = HeapSmallPlug.GetAllocatedObjectCount();
        byte* small = HeapSmallPlug.Alloc(100);
        uint thing = GCImplementationPlug.AllocNewObject(24);
        byte* medium = HeapMediumPlug.Alloc(3000);
        byte* large = HeapLargePlug.Alloc(100_000, RAT.PageType.HeapLarge);
        Assert.Equal(count + 2, HeapSmallPlug.GetAllocatedObjectCount());
        Assert.Equal(RAT.PageType.HeapSmall, RatPlug.GetPageType(small));
        Assert.Equal(RAT.PageType.HeapLarge, RatPlug.GetPageType(medium));
        Assert.Equal(RAT.PageType.HeapLarge, RatPlug.GetPageType(large));

        // Any of them frees what another gave, as Heap.Free does.
        HeapLargePlug.Free(small);
        HeapSmallPlug.Free((void*)thing);
        HeapPlug.Free(medium);
        HeapMediumPlug.Free(large);
        Assert.Equal(count, HeapSmallPlug.GetAllocatedObjectCount());
    }

    [Theory]
    [InlineData(1u, 4u)]
    [InlineData(4u, 4u)]
    [InlineData(5u, 12u)]
    [InlineData(124u, 124u)]
    [InlineData(125u, 156u)]
    [InlineData(ManagedHeap.LargestSmallBytes, ManagedHeap.LargestSmallBytes)]
    [InlineData(ManagedHeap.LargestSmallBytes + 1, 4092u)]
    [InlineData(4093u, 8188u)]
    public void ARoundedSizeIsWhatABlockReallyHas(uint bytes, uint rounded)
    {
        Assert.Equal(rounded, HeapSmallPlug.GetRoundedSize(bytes));
        byte* block = HeapPlug.Alloc(bytes);
        Assert.Equal(rounded + ManagedHeap.HeadBytes, KernelState.Memory->Raw.UsableBytes(block - ManagedHeap.HeadBytes));
        HeapPlug.Free(block);
    }

    [Fact]
    public void PruneReturnsThePagesItGaveBackAndMarkingByHandChangesNothing()
    {
        HeapPlug.Free(HeapPlug.Alloc(1000));
        uint pages = RatPlug.GetPageCount((byte)RAT.PageType.HeapSmall);
        uint free = Free;
        uint tables = KernelState.Memory->Slabs.Pages;
        int pruned = HeapSmallPlug.PruneSMT();
        Assert.True(pruned > 0);
        Assert.Equal(pages - (uint)pruned, RatPlug.GetPageCount((byte)RAT.PageType.HeapSmall));
        Assert.Equal(free + (uint)pruned + (tables - KernelState.Memory->Slabs.Pages), Free);

        ushort* thing = (ushort*)GCImplementationPlug.AllocNewObject(24);
        HeapPlug.MarkAndSweepObject(thing);
        HeapPlug.SweepTypedObject((uint*)thing, SimulatedCosmos.Plain);
        Assert.Equal(0, thing[-1]);
        HeapPlug.Free(thing);
    }

    [Fact]
    public void ThePublicFieldsOfTheSmallHeapAreAnEmptyTableAndALimit()
    {
        HeapSmallPlug.Publish();
        Assert.Equal(SizeClass.LargestBytes - ManagedHeap.HeadBytes, HeapSmall.mMaxItemSize);
        Assert.True(HeapSmall.SMT != null && HeapSmall.SMT->First == null && HeapSmall.SMT->Next == null);
    }
}
