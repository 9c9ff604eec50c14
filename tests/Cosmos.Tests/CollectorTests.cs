using System;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Plugs.Heaps;
using CosmosBootAlloc.Plugs.Targets;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>The collector over a simulated machine, with objects laid out as IL2CPU's code does it.</summary>
[Collection(nameof(SimulatedCosmos))]
public sealed unsafe class CollectorTests(SimulatedCosmos machine)
{
    private const uint First = 12 + 4;
    private const uint Second = 20 + 4;

    [Fact]
    public void WhatNothingPointsAtGoes()
    {
        Start();
        uint before = KernelState.Memory->Heap.Objects;
        for (int i = 0; i < 1000; i++)
        {
            NewNode();
        }

        HeapPlug.Collect();

        Assert.Equal(before, KernelState.Memory->Heap.Objects);
        Assert.Equal(1000u, Collector.Freed);
    }

    [Fact]
    public void ARootCountAndAWordOnTheStackKeep()
    {
        // static -> a -> b      stack -> into the middle of c -> d      e: nothing
        Start();
        uint a = NewNode(), b = NewNode(), c = NewNode(), d = NewNode(), e = NewNode();
        Point(a, First, b);
        Point(c, Second, d);
        GCImplementationPlug.IncRootCount((ushort*)a);
        machine.Stack[5] = c + 9;

        HeapPlug.Collect();

        AssertLive(a, b, c, d);
        AssertDead(e);
        GCImplementationPlug.DecRootCount((ushort*)a);
        machine.Stack.Clear();
        HeapPlug.Collect();
        AssertDead(a, b, c, d);
    }

    // IL2CPU reserves room for a result and does not clear it. Cosmos's TypeSystem test sees the difference.
    [Fact]
    public void WhatIsLeftWhereTheResultWillBeKeepsNothing()
    {
        Start();
        uint old = NewNode(), kept = NewNode();
        machine.Frame[2] = old;
        machine.Stack[0] = kept;

        HeapPlug.Collect();

        AssertLive(kept);
        AssertDead(old);
        machine.Frame.Clear();
        machine.Stack.Clear();
    }

    [Fact]
    public void AnInteriorPointerOnTheStackChangesNothingInTheObject()
    {
        Start();
        uint big = GCImplementationPlug.AllocNewObject(4000);
        Header(big, SimulatedCosmos.Plain, 1, 3988);
        new Span<byte>((void*)(big + 12), 3988).Fill(0x5a);
        machine.Stack[0] = big + 2001;

        HeapPlug.Collect();

        Assert.Equal(-1, new Span<byte>((void*)(big + 12), 3988).IndexOfAnyExcept((byte)0x5a));
        machine.Stack.Clear();
    }

    [Fact]
    public void LargeObjectsInArraysLiveAndStructsWithReferencesAreFollowed()
    {
        // stack -> array of references -> large objects;  stack -> array of structs -> nodes;  stack -> class with a struct -> node;  box
        // -> node
        Start();
        uint array = NewArray(SimulatedCosmos.Node, 10, 8);
        uint[] large = new uint[10];
        for (uint i = 0; i < 10; i++)
        {
            large[i] = GCImplementationPlug.AllocNewObject(20000);
            Header(large[i], SimulatedCosmos.Plain, 1, 19988);
            *(uint*)(array + 16 + (8 * i) + 4) = large[i];
        }

        uint pairs = NewArray(SimulatedCosmos.Pair, 3, 16);
        uint inPair = NewNode(), inHolder = NewNode(), inBox = NewNode();
        *(uint*)(pairs + 16 + (2 * 16) + 8 + 4) = inPair;
        uint holder = GCImplementationPlug.AllocNewObject(40);
        Header(holder, SimulatedCosmos.Holder, 1, 16);
        *(uint*)(holder + 12 + 8 + 4) = inHolder;
        uint box = GCImplementationPlug.AllocNewObject(28);
        Header(box, SimulatedCosmos.Pair, 3, 16);
        *(uint*)(box + 12 + 8 + 4) = inBox;
        machine.Stack[0] = array;
        machine.Stack[1] = pairs;
        machine.Stack[2] = holder;
        machine.Stack[3] = box;

        HeapPlug.Collect();

        AssertLive(large);
        AssertLive(array, pairs, inPair, holder, inHolder, box, inBox);
        machine.Stack.Clear();
        HeapPlug.Collect();
        AssertDead(large);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(2u)]
    public void AListOfAHundredThousandNeedsNoRecursion(uint limit)
    {
        Start();
        uint list = 0;
        for (int i = 0; i < 100000; i++)
        {
            uint node = NewNode();
            Point(node, First, list);
            Point(node, Second, i % 7 == 0 ? NewNode() : 0);
            list = node;
        }

        machine.Stack[0] = list;
        uint objects = KernelState.Memory->Heap.Objects;
        Collector.MarkStackLimit = limit;

        HeapPlug.Collect();

        Collector.MarkStackLimit = 0;
        Assert.Equal(objects, KernelState.Memory->Heap.Objects);
        Assert.Equal(0u, Collector.Freed);
        machine.Stack.Clear();
        HeapPlug.Collect();
        Assert.True(Collector.Freed >= 100000);
        Assert.Equal(0u, KernelState.Memory->Heap.FindFault());
    }

    [Fact]
    public void WhatIsNoObjectIsLookedThroughWordByWord()
    {
        // A stack array, as IL2CPU makes them: any content, here with a number that is no type in front.
        Start();
        uint words = GCImplementationPlug.AllocNewObject(64);
        uint kept = NewNode();
        *(uint*)words = 0xffffffff;
        *(uint*)(words + 40) = kept;
        machine.Stack[0] = words;

        HeapPlug.Collect();

        AssertLive(words, kept);
        machine.Stack.Clear();
    }

    [Fact]
    public void BlocksOfDriversAreNotCollected()
    {
        Start();
        byte* block = HeapPlug.Alloc(100);
        block[7] = 9;

        HeapPlug.Collect();

        Assert.Equal(9, block[7]);
        HeapPlug.Free(block);
    }

    [Fact]
    public void MemoryThatIsOutIsCollectedBeforeItIsRefused()
    {
        // 64 MB, and 200 MB of garbage through it.
        Start();
        uint runs = GarbageCollection.Runs;
        for (int i = 0; i < 10000; i++)
        {
            Header(GCImplementationPlug.AllocNewObject(20000), SimulatedCosmos.Plain, 1, 19988);
        }

        Assert.True(GarbageCollection.Runs > runs);
        HeapPlug.Collect();
    }

    private void Start()
    {
        machine.Stack.Clear();
        HeapPlug.Collect();
    }

    private static uint NewNode()
    {
        uint node = GCImplementationPlug.AllocNewObject(12 + 16);
        Header(node, SimulatedCosmos.Node, 1, 16);
        return node;
    }

    private static uint NewArray(uint elementType, uint count, uint size)
    {
        uint array = GCImplementationPlug.AllocNewObject(16 + (count * size));
        Header(array, elementType, 2, count);
        *(uint*)(array + 12) = size;
        return array;
    }

    private static void Header(uint thing, uint type, uint kind, uint size)
    {
        *(uint*)thing = type;
        *(uint*)(thing + 4) = kind;
        *(uint*)(thing + 8) = size;
    }

    private static void Point(uint from, uint offset, uint to) => *(uint*)(from + offset) = to;

    private static void AssertLive(params uint[] things)
        => Assert.All(things, t => Assert.True(KernelState.Memory->Heap.Find(t - ManagedHeap.Base) == (void*)(t - 4), $"{t:x} was freed"));

    private static void AssertDead(params uint[] things)
        => Assert.All(things, t => Assert.True(KernelState.Memory->Heap.Find(t - ManagedHeap.Base) == null, $"{t:x} still lives"));
}
