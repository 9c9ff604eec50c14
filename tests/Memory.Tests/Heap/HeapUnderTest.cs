using System;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>
/// Two heaps on a machine of their own: 1 MiB of DMA pages, the rest of its pages from 16 MiB up. The page frame table starts full of
/// an earlier kernel's frames: every page an allocated one.
/// </summary>
internal sealed unsafe class HeapUnderTest : IDisposable
{
    private const ulong TableAddress = 0x200000;
    private const uint FirstDmaPfn = 0xe00;
    private const uint DmaPages = 256;

    internal HeapUnderTest(uint normalPages = 4096, bool check = false)
    {
        Machine = new HostMachine(1UL << 32);
        MachineMemory* memory = Machine.Memory;
        PageFrame* table = (PageFrame*)memory->Physical.At(TableAddress);
        for (uint pfn = 0; pfn < PageAllocator.DmaEndPfn + normalPages; pfn++)
        {
            table[pfn].Forward = PageFrame.AllocatedTag;
            table[pfn].Back = FirstDmaPfn + (pfn % DmaPages);
        }

        memory->Pages.Init(&memory->Log, &memory->Physical, TableAddress, PageAllocator.DmaEndPfn + normalPages);
        memory->Pages.HandOverRange(FirstDmaPfn, FirstDmaPfn + DmaPages);
        memory->Pages.HandOverRange(PageAllocator.DmaEndPfn, PageAllocator.DmaEndPfn + normalPages);
        memory->Slabs.Init(&memory->Physical, &memory->Pages);
        memory->Raw.Init(&memory->Log, &memory->Physical, &memory->Pages, &memory->Slabs, 0, 0, check);
        memory->Heap.Init(&memory->Log, &memory->Physical, &memory->Pages, &memory->Slabs, 1, 256, check);
        Free = memory->Pages.FreePageCount;
    }

    internal HostMachine Machine { get; }

    /// <summary>Free pages at the start.</summary>
    internal uint Free { get; }

    internal SlabHeap* Raw => &Machine.Memory->Raw;

    internal SlabHeap* Objects => &Machine.Memory->Heap;

    internal PageAllocator* Pages => &Machine.Memory->Pages;

    internal SlabPool* Slabs => &Machine.Memory->Slabs;

    /// <summary>The physical address that a pointer stands for.</summary>
    internal uint Address(void* memory) => (uint)((byte*)memory - Machine.Memory->Physical.At(0));

    internal byte* At(uint address) => Machine.Memory->Physical.At(address);

    internal void AssertSound()
    {
        Assert.Equal(0u, Raw->FindFault());
        Assert.Equal(0u, Objects->FindFault());
        Assert.Equal(PageAllocator.None, Pages->FindFault());
    }

    /// <summary>With everything freed, all pages are back but the one with the heaps' two first descriptors.</summary>
    internal void AssertAllBack()
    {
        Raw->Trim();
        Objects->Trim();
        Slabs->Trim();
        AssertSound();
        Assert.Equal(0u, Raw->SlabPages + Raw->LargePages + Objects->SlabPages + Objects->LargePages);
        Assert.Equal(Free, Pages->FreePageCount);
    }

    internal string Refused(Action<HeapUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => Machine.Dispose();
}
