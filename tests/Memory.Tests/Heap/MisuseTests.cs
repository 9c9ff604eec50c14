using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>What the heap refuses without checked mode: addresses that are no object's start, and objects that are free already.</summary>
public sealed unsafe class MisuseTests
{
    /// <summary>The words that look most like those of a free object, and a few that do not.</summary>
    private static readonly uint[] s_words = [Slab.NoneFree, 0x7c010008, 0x7fffffff, 0x7dff0ff8, 0, 0x7bffffff, 0x80000000, 0xffffffff];

    public static TheoryData<uint> Classes => new(Enumerable.Range(0, (int)SizeClass.Count).Select(i => SizeClass.Bytes((uint)i)));

    [Theory]
    [MemberData(nameof(Classes))]
    public void OnlyTheStartOfALiveObjectIsTakenBack(uint bytes)
    {
        // One slab, half of it handed out, every other one of those given back. Every fourth byte of the slab is tried, and each second
        // byte of a live object.
        using HeapUnderTest heap = new();
        (uint start, uint slabBytes, List<uint> taken) = HalfASlab(heap, bytes);
        List<uint> live = [.. taken.Where((_, i) => i % 2 == 0)];
        taken.Except(live).ToList().ForEach(address => heap.Raw->Free(heap.At(address)));
        uint objects = heap.Raw->Objects;
        for (uint address = start; address < start + slabBytes; address += 4)
        {
            bool isStart = (address - start) % bytes == 0;
            if (live.Contains(address))
            {
                Assert.True(heap.Raw->GaveOut(heap.At(address)));
                Assert.Contains($"free of {address + 1:x}, which is no object's start", Free(heap, address + 1), StringComparison.Ordinal);
                continue;
            }

            string message = Free(heap, address);
            if (address < start + (taken.Count * bytes))
            {
                string expected = isStart ? $"double free of {address:x}" : $"free of {address:x}, which is no object's start";
                Assert.Contains(expected, message, StringComparison.Ordinal);
            }

            Assert.Contains($"free of {address:x}", message, StringComparison.Ordinal);
            Assert.Equal(isStart && !message.Contains("never given out", StringComparison.Ordinal), heap.Raw->GaveOut(heap.At(address)));
        }

        Assert.Equal(objects, heap.Raw->Objects);
        heap.AssertSound();
        live.ForEach(address => heap.Raw->Free(heap.At(address)));
        heap.AssertAllBack();
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void ASecondFreeIsRefusedWhateverTheSlabIs(uint bytes)
    {
        // Slabs that are full, have room, are current: each object twice, in random order, until the slabs are gone.
        using HeapUnderTest heap = new();
        Random random = new((int)bytes);
        List<uint> live = [];
        for (int i = 0; i < 200; i++)
        {
            live.Add(heap.Address(heap.Raw->Allocate(bytes, 0)));
            *(uint*)heap.At(live[i]) = s_words[i % s_words.Length];
        }

        uint[] order = [.. live];
        random.Shuffle(order);
        foreach (uint address in order)
        {
            heap.Raw->Free(heap.At(address));
            string message = Free(heap, address);
            Assert.True(
                message.Contains($"double free of {address:x}", StringComparison.Ordinal)
                    || message.Contains("freed twice", StringComparison.Ordinal), message);
        }

        heap.AssertAllBack();
    }

    [Fact]
    public void ObjectsThatLookFreeAreTakenBackOnce()
    {
        using HeapUnderTest heap = new();
        foreach (uint word in s_words)
        {
            void* first = heap.Raw->Allocate(48, 0);
            void* second = heap.Raw->Allocate(48, 0);
            heap.Raw->Free(second);
            *(uint*)first = word;
            heap.Raw->Free(first);
            Assert.Contains("double free", Free(heap, heap.Address(first)), StringComparison.Ordinal);
        }

        heap.AssertAllBack();
    }

    [Fact]
    public void AnObjectThatWasNeverWrittenIsTakenBackQuickly()
    {
        // Its first word is not left as that of a free object, so that no list is walked.
        using HeapUnderTest heap = new();
        heap.Raw->Free(heap.Raw->Allocate(16, 0));
        Assert.True(*(uint*)heap.Raw->Allocate(16, 0) < Slab.FreeTag);
    }

    [Fact]
    public void AnObjectThatIsNoneIsNotGivenAnotherSize()
    {
        using HeapUnderTest heap = new();
        byte* small = (byte*)heap.Raw->Allocate(100, 0);
        byte* large = (byte*)heap.Raw->Allocate(10000, 0);
        Assert.Contains("no object's start", heap.Refused(h => h.Raw->Reallocate(small + 8, 96, 0)), StringComparison.Ordinal);
        Assert.Contains("inside the large object", heap.Refused(h => h.Raw->Reallocate(large + 8, 5000, 0)), StringComparison.Ordinal);
        heap.Raw->Free(small);
        Assert.Contains("double free", heap.Refused(h => h.Raw->Reallocate(small, 96, 0)), StringComparison.Ordinal);
        heap.Raw->Free(large);
        heap.AssertAllBack();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatWasNeverGivenIsToldFromWhatWas(bool check)
    {
        using HeapUnderTest heap = new(4096, check);
        byte* small = (byte*)heap.Raw->Allocate(100, 0);
        byte* large = (byte*)heap.Raw->Allocate(10000, 0);
        Assert.True(heap.Raw->GaveOut(small));
        Assert.True(heap.Raw->GaveOut(large));
        Assert.False(heap.Objects->GaveOut(small));
        foreach (uint other in new uint[] { heap.Address(small) + 8, heap.Address(small) - 8, heap.Address(large) + 8, 0, 0xfffffff0 })
        {
            Assert.False(heap.Raw->GaveOut(heap.At(other)));
        }

        heap.Raw->Free(large);
        Assert.False(heap.Raw->GaveOut(large));
        heap.Raw->Free(small);
        heap.AssertAllBack();
    }

    private static string Free(HeapUnderTest heap, uint address) => heap.Refused(h => h.Raw->Free(h.At(address)));

    private static (uint Start, uint SlabBytes, List<uint> Live) HalfASlab(HeapUnderTest heap, uint bytes)
    {
        List<uint> live = [heap.Address(heap.Raw->Allocate(bytes, 0))];
        uint slabBytes = heap.Raw->SlabPages << PageSize.Shift;
        while (live.Count < slabBytes / bytes / 2)
        {
            live.Add(heap.Address(heap.Raw->Allocate(bytes, 0)));
        }

        for (int i = 0; i < live.Count; i++)
        {
            *(uint*)heap.At(live[i]) = s_words[i % s_words.Length];
        }

        return (live[0], slabBytes, live);
    }
}
