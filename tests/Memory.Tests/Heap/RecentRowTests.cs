using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>The row of pages that a large object gave back last: reused at once, free all the same, given up when it is needed.</summary>
public sealed unsafe class RecentRowTests
{
    private const uint Bytes = 20000;
    private const uint Row = 5;

    [Fact]
    public void TheNextObjectOfItsLengthGetsIt()
    {
        using HeapUnderTest heap = new();
        void* first = heap.Raw->Allocate(Bytes, 0);
        void* other = heap.Raw->Allocate(Bytes, 0);
        uint free = heap.Pages->FreePageCount;
        heap.Raw->Free(first);
        Assert.Equal(free + Row, heap.Pages->FreePageCount);
        Assert.True(heap.Pages->IsRecent(heap.Address(first) >> PageSize.Shift));
        Assert.False(first == heap.Raw->Allocate(Bytes + (uint)PageSize.Bytes, 0));
        Assert.True(first == heap.Objects->Allocate(Bytes - 100, 0));
        Assert.False(heap.Pages->IsRecent(heap.Address(first) >> PageSize.Shift));
        heap.Objects->Free(first);
        heap.Raw->Free(other);
        heap.AssertSound();
    }

    [Fact]
    public void ASecondFreeIsFoundThere()
    {
        using HeapUnderTest heap = new();
        void* memory = heap.Raw->Allocate(Bytes, 0);
        heap.Raw->Free(memory);
        string found = Assert.Throws<KernelPanicException>(() => heap.Raw->Free(memory)).Message;
        Assert.Contains("freed twice", found);
    }

    [Fact]
    public void MemoryThatIsShortTakesItBack()
    {
        using HeapUnderTest heap = new(64);
        void* row = heap.Raw->Allocate(Bytes, 0);
        uint free = heap.Pages->FreePageCount;
        heap.Raw->Free(row);
        uint taken = 0;
        while (heap.Pages->AllocatePages(0) != PageAllocator.None)
        {
            taken++;
        }

        Assert.Equal(free + Row, taken);
        Assert.Equal(0u, heap.Pages->FreePageCount);
    }

    [Fact]
    public void ALargerObjectThanAllOthersLeaveTakesItBack()
    {
        // 64 pages in a row, two of them a small object's and the map's; then all others in one object, whose last free part is the row
        // that was given back.
        using HeapUnderTest heap = new(64);
        Assert.True(heap.Raw->Allocate(8, 0) != null);
        while (heap.Pages->AllocatePages(0, ZoneType.Dma) != PageAllocator.None)
        {
        }

        void* first = heap.Raw->Allocate(Bytes, 0);
        heap.Raw->Free(first);
        Assert.True(heap.Raw->Allocate(heap.Pages->Dma32.FreePages + Row << PageSize.Shift, 0) != null);
        heap.AssertSound();
    }

    [Fact]
    public void ARowOfTheFirstMebibytesIsNotForAHeapThatKeepsClear()
    {
        using HeapUnderTest heap = new(16);
        heap.Raw->SetFloor(0, true);
        while (heap.Pages->Dma32.FreePages != 0)
        {
            heap.Pages->AllocatePages(0);
        }

        void* low = heap.Objects->Allocate(Bytes, 0);
        Assert.True(heap.Address(low) >> PageSize.Shift < PageAllocator.DmaEndPfn);
        heap.Objects->Free(low);
        Assert.True(heap.Raw->Allocate(Bytes, 0) == null);
        Assert.True(heap.Objects->Allocate(Bytes, 0) != null);
    }

    [Fact]
    public void ARefusalCountsIt()
    {
        // The floor refuses before anybody looks for pages, so the row is still kept aside; all DMA pages are spared, it too.
        using HeapUnderTest heap = new(16);
        while (heap.Pages->Dma32.FreePages != 0)
        {
            heap.Pages->AllocatePages(0);
        }

        heap.Objects->Free(heap.Objects->Allocate(Bytes, 0));
        heap.Pages->ReturnRecent();
        uint dma = heap.Pages->Dma.FreePages;
        heap.Objects->Free(heap.Objects->Allocate(Bytes, 0));
        heap.Raw->SetFloor(1 << 20, true);
        Assert.True(heap.Raw->Allocate(Bytes, 0) == null);
        Assert.True(heap.Pages->HasRecent);
        heap.Raw->Explain(Bytes, out Refusal refusal);
        Assert.Equal((dma, dma), (refusal.Free, refusal.SparedDma));
    }

    [Fact]
    public void TrimGivesItToItsZone()
    {
        using HeapUnderTest heap = new();
        uint blocks = heap.Pages->FreeBlockCount;
        heap.Raw->Free(heap.Raw->Allocate(Bytes, 0));
        Assert.NotEqual(blocks, heap.Pages->FreeBlockCount);
        heap.Raw->Trim();
        Assert.Equal(blocks, heap.Pages->FreeBlockCount);
    }
}
