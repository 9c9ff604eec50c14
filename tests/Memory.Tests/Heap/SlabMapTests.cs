using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>The way from an address to its slab: leaves that come and go, rows across several, and pages that are nobody's.</summary>
public sealed unsafe class SlabMapTests
{
    private const uint LeafBytes = 1u << SlabMap.LeafShift;

    [Fact]
    public void APageThatTheHeapNeverTookLeadsNowhere()
    {
        // One slab a heap. Expect their pages to be found by their own heap, and no other page of memory by any.
        using HeapUnderTest heap = new();
        uint raw = heap.Address(heap.Raw->Allocate(100, 0)) >> PageSize.Shift;
        uint objects = heap.Address(heap.Objects->Allocate(100, 0)) >> PageSize.Shift;
        List<uint> foundRaw = [];
        List<uint> foundObjects = [];
        for (uint pfn = 0; pfn < heap.Pages->EndPfn; pfn++)
        {
            uint address = pfn << PageSize.Shift;
            if (heap.Raw->OwnedBytes(pfn) != 0 || heap.Raw->Find(address) != null)
            {
                foundRaw.Add(pfn);
            }

            if (heap.Objects->OwnedBytes(pfn) != 0 || heap.Objects->Find(address) != null)
            {
                foundObjects.Add(pfn);
            }
        }

        Assert.Equal([raw], foundRaw);
        Assert.Equal([objects], foundObjects);
    }

    [Theory]
    [InlineData(0x00000000u)]
    [InlineData(0x01000010u)]
    [InlineData(0x7ffffff8u)]
    [InlineData(0xfffffff8u)]
    public void NoAddressOfFourGibibytesIsTakenForAnObject(uint address)
    {
        using HeapUnderTest heap = new();
        heap.Raw->Free(heap.Raw->Allocate(100, 0));
        Assert.Equal(0u, heap.Raw->UsableBytes(heap.At(address)));
        Assert.True(heap.Raw->Find(address) == null);
        Assert.False(heap.Raw->GaveOut(heap.At(address)));
        Assert.Throws<KernelPanicException>(() => heap.Raw->Free(heap.At(address) + (address == 0 ? 8 : 0)));
    }

    [Fact]
    public void ARowAcrossLeavesIsFoundFromEachOfItsPages()
    {
        // 2,500 pages in a row: three leaves at least. Expect every page to lead to the object, none after it was shrunk to one page.
        using HeapUnderTest heap = new();
        byte* memory = (byte*)heap.Raw->Allocate(2500 << PageSize.Shift, 0);
        uint pfn = heap.Address(memory) >> PageSize.Shift;
        Assert.True((heap.Address(memory) / LeafBytes) + 2 <= (heap.Address(memory) + (2500u << PageSize.Shift) - 1) / LeafBytes);
        for (uint i = 0; i < 2500; i++)
        {
            Assert.Equal(2500u << PageSize.Shift, heap.Raw->OwnedBytes(pfn + i));
        }

        Assert.True(heap.Raw->Reallocate(memory, 2049, 0) == memory);
        for (uint i = 1; i < 2500; i++)
        {
            Assert.Equal(0u, heap.Raw->OwnedBytes(pfn + i));
        }

        Assert.Equal((uint)PageSize.Bytes, heap.Raw->OwnedBytes(pfn));
        heap.Raw->Free(memory);
        heap.AssertAllBack();
    }

    [Fact]
    public void TrimTakesTheLeavesThatNobodyNeeds()
    {
        // Objects of 4 MiB next to each other, every other one freed. Expect their leaves to go, all others to stay.
        using HeapUnderTest heap = new();
        List<uint> held = [];
        for (int i = 0; i < 3; i++)
        {
            held.Add(heap.Address(heap.Raw->Allocate(LeafBytes, 0)));
        }

        uint before = heap.Slabs->Pages;
        heap.Raw->Free(heap.At(held[1]));
        heap.Raw->Trim();
        Assert.InRange(heap.Slabs->Pages, before - 1, before);
        Assert.Equal(LeafBytes, heap.Raw->UsableBytes(heap.At(held[0])));
        Assert.Equal(LeafBytes, heap.Raw->UsableBytes(heap.At(held[2])));
        heap.AssertSound();
        heap.Raw->Free(heap.At(held[0]));
        heap.Raw->Free(heap.At(held[2]));
        heap.Raw->Trim();
        Assert.Equal(1u, heap.Slabs->Pages);
        heap.AssertAllBack();
    }

    [Fact]
    public void WithoutAPageForTheLeafTheObjectIsRefusedAndNothingIsLost()
    {
        // Two pages are free, both in 4 MiB where the heap has none yet. An object of both is refused, one of one page is given.
        using HeapUnderTest heap = new(64);
        while (heap.Pages->AllocatePages(0, ZoneType.Dma) != PageAllocator.None)
        {
        }

        uint pair = heap.Pages->AllocatePages(1);
        while (heap.Pages->AllocatePages(0) != PageAllocator.None)
        {
        }

        heap.Pages->FreePages(pair, 1);
        Assert.True(heap.Raw->Allocate(2 << PageSize.Shift, 0) == null);
        heap.Raw->Explain(2 << PageSize.Shift, out Refusal refusal);
        Assert.Equal((3u, 2u, 2u), (refusal.Needed, refusal.Found, refusal.Free));
        Assert.Equal(2u, heap.Pages->FreePageCount);
        heap.AssertSound();
        Assert.True(heap.Raw->Allocate(1 << PageSize.Shift, 0) != null);
        Assert.Equal(0u, heap.Pages->FreePageCount);
        heap.AssertSound();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheSelfCheckFindsAWrongWord(bool own)
    {
        // One slab. A page beside it that the map gives to the slab too, or the slab's own page given to nobody.
        using HeapUnderTest heap = new();
        uint pfn = heap.Address(heap.Raw->Allocate(100, 0)) >> PageSize.Shift;
        heap.AssertSound();
        heap.Raw->Expose(out HotParts parts);
        uint* words = (uint*)heap.At(parts.Leaf[pfn >> (SlabMap.LeafShift - PageSize.Shift)]);
        uint page = pfn & SlabMap.PageMask;
        words[own ? page : page ^ 1] = words[own ? page ^ 1 : page];
        Assert.NotEqual(0u, heap.Raw->FindFault());
    }
}
