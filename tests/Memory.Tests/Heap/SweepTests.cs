using System.Collections.Generic;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>The collector's half of the heap: finding objects by any address in them, and the sweep.</summary>
public sealed unsafe class SweepTests
{
    private const uint Mark = 1;
    private const uint Type = 0x00123450;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryAddressInAnObjectLeadsToIt(bool check)
    {
        using HeapUnderTest heap = new(check: check);
        foreach (uint bytes in new uint[] { 8, 24, 40, 72, 160, 448, 640, 1792, 2048, 5000, 30000 })
        {
            List<uint> held = [];
            for (int i = 0; i < 40; i++)
            {
                held.Add(New(heap, bytes));
            }

            foreach (uint address in held)
            {
                for (uint at = 0; at < bytes; at += bytes > 3000 ? 997u : 1u)
                {
                    Assert.Equal(address, heap.Address(heap.Objects->Find(address + at)));
                }
            }

            // What is freed is found no more.
            heap.Objects->Free(heap.At(held[7]));
            Assert.True(heap.Objects->Find(held[7]) == null);
            Assert.True(heap.Objects->Find(held[7] + (bytes / 2)) == null);
            Assert.Equal(held[8], heap.Address(heap.Objects->Find(held[8])));
        }

        Assert.True(heap.Objects->Find(0) == null);
        Assert.True(heap.Objects->Find(0xffffffff) == null);
        uint raw = heap.Address(heap.Raw->Allocate(64, 0));
        Assert.True(heap.Objects->Find(raw) == null, "another heap's object");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheSweepKeepsMarkedObjectsAndFreesTheRest(bool check)
    {
        using HeapUnderTest heap = new(check: check);
        List<uint> kept = [];
        uint random = 1;
        for (int i = 0; i < 5000; i++)
        {
            random = (random * 1664525) + 1013904223;
            uint bytes = 8 + ((random >> 8) % (i % 50 == 0 ? 20000u : 300u));
            uint address = New(heap, bytes);
            if (random >> 30 == 0)
            {
                *(uint*)heap.At(address) |= Mark;
                kept.Add(address);
            }
        }

        // Some were freed before, and are in the lists already.
        for (int i = 0; i < 100; i++)
        {
            heap.Objects->Free(heap.At(New(heap, 64)));
        }

        heap.Objects->Sweep(Mark, out uint live);
        Assert.Equal((uint)kept.Count, live);
        Assert.Equal((uint)kept.Count, heap.Objects->Objects);
        Assert.All(kept, address => Assert.Equal(Type, *(uint*)heap.At(address)));
        heap.AssertSound();

        // New objects fit between the old ones and do not touch them.
        for (int i = 0; i < 3000; i++)
        {
            New(heap, 8 + (uint)(i % 300));
        }

        Assert.All(kept, address => Assert.Equal(Type, *(uint*)heap.At(address)));
        heap.AssertSound();

        heap.Objects->Sweep(Mark, out live);
        Assert.Equal(0u, live);
        heap.AssertAllBack();
    }

    [Fact]
    public void AfterASweepTheFreeListsRiseWithTheAddress()
    {
        //   |k|.|.|k|.| ... Expect the gaps from the lowest up.
        using HeapUnderTest heap = new();
        List<uint> held = [];
        for (int i = 0; i < 64; i++)
        {
            held.Add(New(heap, 64));
        }

        held.Sort();
        for (int i = 0; i < 64; i += 3)
        {
            *(uint*)heap.At(held[i]) |= Mark;
        }

        heap.Objects->Sweep(Mark, out _);
        for (int i = 0; i < 64; i++)
        {
            if (i % 3 != 0)
            {
                Assert.Equal(held[i], New(heap, 64));
            }
        }
    }

    [Fact]
    public void EveryLiveObjectIsVisitedOnce()
    {
        using HeapUnderTest heap = new();
        HashSet<uint> expected = [];
        for (uint i = 0; i < 500; i++)
        {
            uint address = New(heap, 8 + (i * 20));
            if (i % 3 == 0)
            {
                heap.Objects->Free(heap.At(address));
            }
            else
            {
                expected.Add(address);
            }
        }

        uint count = 0;
        heap.Objects->ForEachLive(&count, &CountOne);
        Assert.Equal((uint)expected.Count, count);
    }

    private static void CountOne(void* context, byte* memory) => ++*(uint*)context;

    private static uint New(HeapUnderTest heap, uint bytes)
    {
        uint* memory = (uint*)heap.Objects->Allocate(bytes, 0);
        *memory = Type;
        return heap.Address(memory);
    }
}
