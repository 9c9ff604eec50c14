using System;
using CosmosBootAlloc.Memory.Heap;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>Each misuse of a checked heap stops with the object, its size, its slab and who asked for it.</summary>
public sealed unsafe class CheckedHeapTests
{
    private const uint Site = 0xabc;

    [Theory]
    [InlineData(24)]
    [InlineData(1000)]
    [InlineData(9000)]
    public void AWritePastTheEndIsFoundWhenItIsFreed(uint bytes)
    {
        // | record | red zone | object ...... |X red zone |
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(bytes, Site));
        *heap.At(address + bytes) = 0x41;
        string message = heap.Refused(h => h.Raw->Free(h.At(address)));
        Assert.StartsWith(
            $"BUG: heap: write past the object {address:x} ({bytes} bytes, asked for by abc, allocation 0; slab ",
            message,
            StringComparison.Ordinal);
        Assert.EndsWith($": found 41 at {address + bytes:x}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWriteBeforeTheStartIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        *heap.At(address - 1) = 0x42;
        Assert.Contains(
            $"write before the object {address:x} (24 bytes, asked for by abc",
            heap.Refused(h => h.Raw->Free(h.At(address))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnOverwrittenRecordIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        *(uint*)heap.At(address - CheckedBlocks.HeadBytes + 8) = 70000;
        Assert.Contains("is overwritten: it says 70000 bytes", heap.Refused(h => h.Raw->Free(h.At(address))), StringComparison.Ordinal);
    }

    [Fact]
    public void ADoubleFreeIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        heap.Raw->Allocate(24, Site);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        heap.Raw->Free(heap.At(address));
        Assert.Contains(
            $"double free of {address:x}: the object {address:x} (24 bytes, asked for by abc, allocation 1) in slab ",
            heap.Refused(h => h.Raw->Free(h.At(address))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ADoubleFreeOfALargeObjectIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(9000, Site));
        heap.Raw->Free(heap.At(address));
        Assert.Contains(
            $"free of {address:x}, which lies in free memory",
            heap.Refused(h => h.Raw->Free(h.At(address))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFreeOfAnInnerPointerIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        Assert.Contains(
            $"free of {address + 8:x}, which is no object's start: the object {address:x} (24 bytes",
            heap.Refused(h => h.Raw->Free(h.At(address + 8))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AFreeOfASlotNeverGivenIsFound()
    {
        using HeapUnderTest heap = new(check: true);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        Assert.Contains("was never given out", heap.Refused(h => h.Raw->Free(h.At(address + 1024))), StringComparison.Ordinal);
    }

    [Fact]
    public void AWriteAfterFreeIsFoundByTheNextCheckAndBeforeReuse()
    {
        using HeapUnderTest heap = new(check: true);
        heap.Raw->Allocate(24, Site);
        uint address = heap.Address(heap.Raw->Allocate(24, Site));
        heap.Raw->Free(heap.At(address));
        *heap.At(address + 5) = 0x43;
        string message = heap.Refused(h => h.Raw->CheckAll());
        Assert.Contains(
            $"write after free into the object {address:x} (24 bytes, asked for by abc, allocation 1; slab ",
            message,
            StringComparison.Ordinal);
        Assert.EndsWith($": found 43 at {address + 5:x}", message, StringComparison.Ordinal);
        Assert.Contains("write after free", heap.Refused(h =>
        {
            for (int i = 0; i < 1000; i++)
            {
                h.Raw->Allocate(24, Site);
            }
        }), StringComparison.Ordinal);
    }

    [Fact]
    public void NewMemoryIsFilledAndFreedMemoryToo()
    {
        using HeapUnderTest heap = new(check: true);
        heap.Raw->Allocate(16, Site);
        byte* memory = (byte*)heap.Raw->Allocate(16, Site);
        Assert.Equal(0xa5, memory[0]);
        Assert.Equal(0xa5, memory[15]);
        heap.Raw->Free(memory);
        Assert.Equal(0x6b, memory[0]);
        Assert.Equal(0x6b, memory[15]);
    }

    [Fact]
    public void AlignedAndGrowingObjectsKeepTheirPromisesWhileChecked()
    {
        using HeapUnderTest heap = new(check: true);
        byte* memory = (byte*)heap.Raw->AllocateAligned(100, 64, Site);
        Assert.Equal(0u, heap.Address(memory) & 63);
        memory[99] = 9;
        memory = (byte*)heap.Raw->Reallocate(memory, 20000, Site);
        Assert.Equal(9, memory[99]);
        Assert.Equal(20000u, heap.Raw->UsableBytes(memory));
        memory = (byte*)heap.Raw->Reallocate(memory, 50, Site);
        byte* page = (byte*)heap.Raw->AllocateAligned(5000, 8192, Site);
        Assert.Equal(0u, heap.Address(page) & 8191);
        Assert.Equal(2u, heap.Raw->Objects);
        heap.Raw->CheckAll();
        heap.Raw->Free(memory);
        heap.Raw->Free(page);
        heap.AssertAllBack();
    }
}
