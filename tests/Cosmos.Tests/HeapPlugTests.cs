using System;
using System.Collections.Generic;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Plugs.Heaps;
using CosmosBootAlloc.Plugs.Targets;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>The plugs of Heap, RAT and root counts over a simulated machine.</summary>
[Collection(nameof(SimulatedCosmos))]
public sealed unsafe class HeapPlugTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(24u)]
    [InlineData(2044u)]
    [InlineData(2045u)]
    [InlineData(100000u)]
    public void ABlockIsZeroedAlsoWhereOneWasBefore(uint bytes)
    {
        byte* first = HeapPlug.Alloc(bytes);
        new Span<byte>(first, (int)bytes).Fill(0xff);
        HeapPlug.Free(first);

        byte* second = HeapPlug.Alloc(bytes);

        Assert.Equal(-1, new Span<byte>(second, (int)bytes).IndexOfAnyExcept((byte)0));
        HeapPlug.Free(second);
    }

    [Fact]
    public void AShrinkingReallocKeepsWhatFitsAndNothingElse()
    {
        // |AAAA....AAAA|  100 bytes -> 40 bytes: Expect the first 40, and after growing again zeros behind them.
        byte* block = HeapPlug.Alloc(100);
        new Span<byte>(block, 100).Fill(0xaa);
        byte* guard = HeapPlug.Alloc(40);

        block = HeapPlug.Realloc(block, 40);
        Assert.Equal(-1, new Span<byte>(block, 40).IndexOfAnyExcept((byte)0xaa));
        Assert.Equal(-1, new Span<byte>(guard, 40).IndexOfAnyExcept((byte)0));

        block = HeapPlug.Realloc(block, 5000);
        Assert.Equal(-1, new Span<byte>(block, 40).IndexOfAnyExcept((byte)0xaa));
        Assert.Equal(-1, new Span<byte>(block + 40, 4960).IndexOfAnyExcept((byte)0));
        HeapPlug.Free(block);
        HeapPlug.Free(guard);
    }

    [Fact]
    public void ASecondFreeIsReported()
    {
        byte* neighbour = HeapPlug.Alloc(24);
        byte* block = HeapPlug.Alloc(24);
        HeapPlug.Free(block);

        KernelPanicException bug = Assert.Throws<KernelPanicException>(() => HeapPlug.Free(block));

        Assert.Contains("double free", bug.Message, StringComparison.Ordinal);
        Assert.Contains($"{(uint)block:x}", bug.Message, StringComparison.Ordinal);
        HeapPlug.Free(neighbour);
    }

    [Fact]
    public void PagesAreExactZeroedTypedAndGivenBackOnce()
    {
        uint free = KernelState.Memory->Pages.FreePageCount;
        uint published = RAT.FreePageCount;
        byte* pages = (byte*)RatPlug.AllocPages(RAT.PageType.HeapMedium, 5);

        Assert.Equal(0u, (uint)pages & 0xfff);
        Assert.Equal(free - 5, KernelState.Memory->Pages.FreePageCount);
        Assert.Equal(published - 5, RAT.FreePageCount);
        Assert.Equal(-1, new Span<byte>(pages, 5 * 4096).IndexOfAnyExcept((byte)0));
        Assert.Equal(RAT.PageType.HeapMedium, RatPlug.GetPageType(pages + 4 * 4096 + 7));
        Assert.Equal(RatPlug.GetFirstRATIndex(pages), RatPlug.GetFirstRATIndex(pages + 4 * 4096 + 7));
        Assert.Equal(5u, RatPlug.GetPageCount((byte)RAT.PageType.HeapMedium));

        RatPlug.Free(pages + 8192);
        Assert.Equal(free, KernelState.Memory->Pages.FreePageCount);
        Assert.Equal(RAT.PageType.Empty, RatPlug.GetPageType(pages));
        Assert.Throws<KernelPanicException>(() => RatPlug.Free(pages));
        Assert.True(RatPlug.AllocPages(RAT.PageType.HeapLarge, 0) == null);
        Assert.True(RatPlug.AllocPages(RAT.PageType.HeapLarge, 0x7fffffff) == null);
    }

    [Fact]
    public void RootCountsAreTheTwoBytesBeforeAnObject()
    {
        ushort* thing = (ushort*)GCImplementationPlug.AllocNewObject(24);
        GCImplementationPlug.IncRootCount(thing);
        GCImplementationPlug.IncRootCount(thing);
        Assert.Equal(2 << 1, thing[-1]);

        GCImplementationPlug.DecRootCount(thing);
        Assert.Equal(1 << 1, thing[-1]);
        GCImplementationPlug.DecRootCount(thing);
        GCImplementationPlug.DecRootCount(thing);
        Assert.Equal(0, thing[-1]);

        // A literal of the image, an address of nobody: left alone.
        ushort* literal = (ushort*)(ManagedHeap.Base + 0x100100);
        GCImplementationPlug.IncRootCount(literal);
        Assert.Equal(0, literal[-1]);
        GCImplementationPlug.IncRootCount((ushort*)1);
        HeapPlug.Free(thing);
    }

    [Fact]
    public void ACountThatIsFullStays()
    {
        ushort* thing = (ushort*)GCImplementationPlug.AllocNewObject(24);
        for (uint i = 0; i < RootCounts.Most + 10; i++)
        {
            GCImplementationPlug.IncRootCount(thing);
        }

        GCImplementationPlug.DecRootCount(thing);
        Assert.Equal(RootCounts.Most << 1, thing[-1]);
        HeapPlug.Free(thing);
    }

    [Fact]
    public void AnObjectLargerThanTheMachineIsRefused()
    {
        Assert.Contains(
            "Out of memory", Assert.Throws<KernelPanicException>(() => { HeapPlug.Alloc(0xffffffff); }).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Out of memory", Assert.Throws<KernelPanicException>(() => { HeapPlug.Alloc(256 * 1024 * 1024); }).Message,
            StringComparison.Ordinal);
    }

    // And those of descriptors and leaves, which stay until memory is short.
    private static uint FreePages() => RatPlug.GetPageCount((byte)RAT.PageType.Empty) + KernelState.Memory->Slabs.Pages;

    [Theory]
    [InlineData(2000u, false)]
    [InlineData(20000u, false)]
    [InlineData(2000u, true)]
    public void EveryBlockUpToTheLastPageIsHandedOut(uint bytes, bool grow)
    {
        // Blocks until memory is out, each marked with its number; with grow, each starts with 8 bytes. Expect the panic, no block handed
        // out twice, nothing written below the machine, and the pages back at the end, but for descriptors and slabs that are kept empty.
        HeapPlug.Collect();
        uint before = FreePages();
        List<nint> blocks = [];
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() =>
        {
            while (blocks.Count < 100_000)
            {
                byte* block = grow ? HeapPlug.Realloc(HeapPlug.Alloc(8), bytes) : HeapPlug.Alloc(bytes);
                Assert.True((nuint)block > ManagedHeap.Base, $"block {blocks.Count} at {(nint)block:x}");
                *(int*)block = blocks.Count;
                blocks.Add((nint)block);
            }
        });

        Assert.Contains("Out of memory", panic.Message, StringComparison.Ordinal);
        for (int i = 0; i < blocks.Count; i++)
        {
            Assert.Equal(i, *(int*)blocks[i]);
        }

        Assert.InRange(blocks.Count, (int)(before * 4096L * 9 / 10 / (bytes < 4096 ? 2048 : 20480)), int.MaxValue);
        blocks.ForEach(block => HeapPlug.Free((void*)block));
        HeapPlug.Collect();
        Assert.InRange(FreePages(), before - 24, before + 24);
    }
}
