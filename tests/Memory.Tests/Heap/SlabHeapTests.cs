using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>What the heap promises whoever uses it.</summary>
public sealed unsafe class SlabHeapTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(640)]
    [InlineData(2048)]
    public void ASlabIsFilledBeforeTheNextIsMade(uint bytes)
    {
        using HeapUnderTest heap = new();
        uint sizeClass = (uint)Enumerable.Range(0, (int)SizeClass.Count).First(i => SizeClass.Bytes((uint)i) == bytes);
        uint capacity = ((uint)PageSize.Bytes << (int)SizeClass.SlabOrder(sizeClass)) / bytes;
        HashSet<uint> seen = [];
        for (uint i = 0; i < 3 * capacity; i++)
        {
            uint address = heap.Address(heap.Raw->Allocate(bytes, 0));
            Assert.Equal(0u, address % SizeClass.Grain);
            Assert.True(seen.Add(address));
        }

        heap.Raw->Count(sizeClass, out uint slabs, out uint pages, out uint objects, out uint used);
        Assert.Equal((3u, 3u << (int)SizeClass.SlabOrder(sizeClass), 3 * capacity, 3 * capacity), (slabs, pages, objects, used));
        heap.AssertSound();
        foreach (uint address in seen)
        {
            heap.Raw->Free(heap.At(address));
        }

        heap.AssertAllBack();
    }

    [Fact]
    public void AFreedObjectIsTheNextOneGiven()
    {
        using HeapUnderTest heap = new();
        heap.Raw->Allocate(40, 0);
        void* second = heap.Raw->Allocate(40, 0);
        heap.Raw->Allocate(40, 0);
        heap.Raw->Free(second);
        Assert.True(second == heap.Raw->Allocate(36, 0));
    }

    [Fact]
    public void EmptySlabsGoBackButForASmallReserve()
    {
        // 64 objects of 64 bytes per page; 100 full slabs, all freed. Expect at most the current and three partial slabs to stay.
        using HeapUnderTest heap = new();
        List<uint> held = [];
        for (int i = 0; i < 6400; i++)
        {
            held.Add(heap.Address(heap.Raw->Allocate(64, 0)));
        }

        Assert.Equal(100u, heap.Raw->SlabPages);
        foreach (uint address in held)
        {
            heap.Raw->Free(heap.At(address));
        }

        Assert.InRange(heap.Raw->SlabPages, 1u, 4u);
        heap.AssertAllBack();
    }

    [Theory]
    [InlineData(2049, 1)]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(20000, 5)]
    [InlineData(0x400000, 1024)]
    [InlineData(0x400001, 1025)]
    [InlineData(0x900000, 2304)]
    public void LargerObjectsTakeExactlyTheirPages(uint bytes, uint pages)
    {
        //   5 pages of a block of 8:  |A A A A|A|f|f f|
        using HeapUnderTest heap = new(4096);
        byte* memory = (byte*)heap.Raw->Allocate(bytes, 0);
        Assert.True(memory != null);
        Assert.Equal(pages, heap.Raw->LargePages);

        // And the leaves of the map: one for each 4 MiB that the object lies in; the first descriptors' page is there already.
        uint address = heap.Address(memory);
        uint leaves = ((address + bytes - 1) >> SlabMap.LeafShift) - (address >> SlabMap.LeafShift) + 1;
        Assert.Equal(1 + leaves, heap.Slabs->Pages);
        Assert.Equal(heap.Free - pages - leaves, heap.Pages->FreePageCount);
        memory[0] = 1;
        memory[bytes - 1] = 1;
        heap.AssertSound();
        heap.Raw->Free(memory);
        heap.AssertAllBack();
    }

    [Fact]
    public void RowsOfThreePagesFillMemory()
    {
        // Expect no page left between them, as every fourth would be if each took a block of four.
        using HeapUnderTest heap = new(1024);
        List<uint> held = [];
        while (true)
        {
            void* memory = heap.Raw->Allocate(3 * (uint)PageSize.Bytes, 0);
            if (memory == null)
            {
                break;
            }

            held.Add(heap.Address(memory));
        }

        Assert.True(heap.Pages->Dma32.FreePages < 16, $"{heap.Pages->Dma32.FreePages} pages of the DMA32 zone are left");
        heap.AssertSound();
        foreach (uint address in held)
        {
            heap.Raw->Free(heap.At(address));
        }

        heap.AssertAllBack();
    }

    [Fact]
    public void AlignedObjectsAreAligned()
    {
        using HeapUnderTest heap = new(4096);
        List<uint> held = [];
        for (uint alignment = 1; alignment <= 0x400000; alignment *= 2)
        {
            foreach (uint bytes in new uint[] { 1, 7, 100, 1500, 5000 })
            {
                void* memory = heap.Raw->AllocateAligned(bytes, alignment, 0);
                if (memory == null)
                {
                    Assert.True(alignment >= 0x100000, $"none at a multiple of {alignment:x}");
                    continue;
                }

                Assert.Equal(0u, heap.Address(memory) & (alignment - 1));
                Assert.True(heap.Raw->UsableBytes(memory) >= bytes);
                held.Add(heap.Address(memory));
            }
        }

        Assert.True(heap.Raw->AllocateAligned(8, 3, 0) == null, "3 is no power of two");
        Assert.True(heap.Raw->AllocateAligned(8, 0x800000, 0) == null, "beyond the largest block");
        heap.AssertSound();
        held.ForEach(address => heap.Raw->Free(heap.At(address)));
        heap.AssertAllBack();
    }

    [Fact]
    public void ReallocateStaysInPlaceWhenItFits()
    {
        using HeapUnderTest heap = new();
        byte* memory = (byte*)heap.Raw->Reallocate(null, 100, 0);
        Fill(memory, 100);
        Assert.True(heap.Raw->Reallocate(memory, 104, 0) == memory, "104 fits the class of 100");
        Assert.True(heap.Raw->Reallocate(memory, 60, 0) == memory, "60 is more than half of it");

        byte* grown = (byte*)heap.Raw->Reallocate(memory, 50000, 0);
        Assert.True(IsFilled(grown, 60));
        Assert.Equal(13u, heap.Raw->LargePages);
        Assert.True(heap.Raw->Reallocate(grown, 53248, 0) == grown, "13 pages hold 53,248");
        Assert.True(heap.Raw->Reallocate(grown, 9000, 0) == grown, "a large object shrinks in place");
        Assert.Equal(3u, heap.Raw->LargePages);
        heap.AssertSound();

        byte* small = (byte*)heap.Raw->Reallocate(grown, 60, 0);
        Assert.True(IsFilled(small, 60));
        Assert.Equal(0u, heap.Raw->LargePages);
        heap.Raw->Free(small);
        heap.AssertAllBack();
    }

    [Fact]
    public void WithoutMemoryItSaysNoAndLosesNothing()
    {
        using HeapUnderTest heap = new(64);
        List<uint> held = [];
        foreach (uint bytes in new uint[] { 30000, 5000, 2000, 300, 16, 8 })
        {
            while (true)
            {
                void* memory = heap.Raw->Allocate(bytes, 0);
                if (memory == null)
                {
                    break;
                }

                held.Add(heap.Address(memory));
            }
        }

        Assert.Equal(0u, heap.Pages->FreePageCount);
        Assert.True(heap.Raw->Reallocate(heap.At(held[0]), 60000, 0) == null, "no room to grow: the object stays");
        heap.AssertSound();
        Assert.True(heap.Raw->Allocate(0xffffffff, 0) == null);
        Assert.True(heap.Raw->Allocate(0xfffffff9, 0) == null);
        held.ForEach(address => heap.Raw->Free(heap.At(address)));
        heap.AssertAllBack();
    }

    [Fact]
    public void TheFloorIsLeftAlone()
    {
        using HeapUnderTest heap = new(256);
        heap.Raw->SetFloor(100, false);
        while (heap.Raw->Allocate(4096, 0) != null)
        {
        }

        Assert.Equal(100u, heap.Pages->FreePageCount);
        Assert.True(heap.Objects->Allocate(4096, 0) != null, "the other heap has no floor");
        heap.Raw->SetFloor(0, false);
        Assert.True(heap.Raw->Allocate(4096, 0) != null);
        heap.AssertSound();
    }

    [Fact]
    public void TheDmaZoneIsSparedWhenAskedFor()
    {
        // 256 pages of DMA, 64 of DMA32. Expect 64 to be had, then the rest once it is no longer spared.
        using HeapUnderTest heap = new(64);
        heap.Objects->SetFloor(0, true);
        uint count = 0;
        while (heap.Objects->Allocate(4096, 0) != null)
        {
            count++;
        }

        // One page holds the descriptors.
        Assert.InRange(count, 62u, 64u);
        heap.Objects->SetFloor(0, false);
        Assert.True(heap.Objects->Allocate(4096, 0) != null);
        heap.AssertSound();
    }

    [Fact]
    public void ObjectsOfNewKeepClearOfTheFirstMebibyte()
    {
        // Pages 0x10..0x90 and 0x200..0x210 only. Expect the raw heap in either, the other never below 0x100.
        using HeapUnderTest heap = new(0);
        heap.Pages->HandOverRange(0x10, 0x90);
        List<uint> objects = [];
        while (true)
        {
            void* memory = heap.Objects->Allocate(4096, 0);
            if (memory == null)
            {
                break;
            }

            objects.Add(heap.Address(memory));
        }

        Assert.All(objects, address => Assert.True(address >= 0x100000));
        Assert.Equal(0x80u, heap.Pages->FreePageCount);
        Assert.True(heap.Address(heap.Raw->Allocate(4096, 0)) < 0x100000);
        heap.AssertSound();
    }

    [Fact]
    public void OnceWholeSlabsAreTooLargeSmallerOnesDo()
    {
        // Only single pages are free: a slab of 2,048-byte objects would be 4 pages.
        using HeapUnderTest heap = new(64);
        List<uint> pages = [];
        for (uint pfn = heap.Pages->AllocatePages(0); pfn != PageAllocator.None; pfn = heap.Pages->AllocatePages(0))
        {
            pages.Add(pfn);
        }

        pages.Where(pfn => pfn % 2 == 1).ToList().ForEach(pfn => heap.Pages->FreePages(pfn, 0));
        void* memory = heap.Raw->Allocate(2048, 0);
        Assert.True(memory != null);
        Assert.Equal(1u, heap.Raw->SlabPages);
        heap.AssertSound();
        heap.Raw->Free(memory);
        heap.AssertSound();
    }

    [Fact]
    public void FreeOfWhatWasNeverGivenIsABug()
    {
        using HeapUnderTest heap = new();
        void* object1 = heap.Objects->Allocate(64, 0);
        uint pfn = heap.Pages->AllocatePages(0);
        Assert.Contains("free memory", heap.Refused(h => h.Raw->Free(h.At(0x1800000))), System.StringComparison.Ordinal);
        Assert.Contains("reserved since boot", heap.Refused(h => h.Raw->Free(h.At(0x100000))), System.StringComparison.Ordinal);
        Assert.Contains("beyond the end of memory", heap.Refused(h => h.Raw->Free(h.At(0xf0000000))), System.StringComparison.Ordinal);
        Assert.Contains("somebody else", heap.Refused(h => h.Raw->Free(h.At(pfn << 12))), System.StringComparison.Ordinal);
        uint foreign = heap.Address(object1);
        Assert.Contains("never gave out", heap.Refused(h => h.Raw->Free(h.At(foreign))), System.StringComparison.Ordinal);
        uint large = heap.Address(heap.Raw->Allocate(10000, 0));
        Assert.Contains("inside the large object", heap.Refused(h => h.Raw->Free(h.At(large + 8))), System.StringComparison.Ordinal);
    }

    private static void Fill(byte* memory, uint bytes)
    {
        for (uint i = 0; i < bytes; i++)
        {
            memory[i] = (byte)(i * 7);
        }
    }

    private static bool IsFilled(byte* memory, uint bytes)
    {
        for (uint i = 0; i < bytes; i++)
        {
            if (memory[i] != (byte)(i * 7))
            {
                return false;
            }
        }

        return true;
    }
}
