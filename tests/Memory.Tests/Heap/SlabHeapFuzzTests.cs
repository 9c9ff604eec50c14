using System;
using System.Collections.Generic;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>
/// The heap against a model that knows only which bytes are whose: objects never overlap, keep their content, and all come back.
/// </summary>
public sealed unsafe class SlabHeapFuzzTests
{
    private enum What
    {
        Allocate,
        Aligned,
        Free,
        Reallocate,
        Trim,
    }

    private readonly record struct Step(What What, uint Bytes, int AlignmentShift, uint Pick);

    private static readonly Gen<uint> s_bytes = Gen.Frequency((6, Gen.UInt[0, 130]), (3, Gen.UInt[0, 2100]), (1, Gen.UInt[0, 40_000]));

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(What.Allocate)),
            (1, Gen.Const(What.Aligned)),
            (4, Gen.Const(What.Free)),
            (2, Gen.Const(What.Reallocate)),
            (1, Gen.Const(What.Trim))),
        s_bytes,
        Gen.Int[0, 14],
        Gen.UInt,
        (what, bytes, alignment, pick) => new Step(what, bytes, alignment, pick));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ObjectsAreWholeWhateverHappens(bool check)
    {
        Gen.Select(Gen.UInt[16, 200], s_step.Array[0, 400]).Fuzz(1_000, c => Run(c.Item1, check, c.Item2));
    }

    private static void Run(uint pages, bool check, Step[] steps)
    {
        using HeapUnderTest heap = new(pages, check);
        SortedDictionary<uint, (uint Bytes, byte Fill)> live = [];
        List<uint> order = [];
        byte fill = 0;
        foreach (Step step in steps)
        {
            uint picked = order.Count == 0 ? 0 : order[(int)(step.Pick % (uint)order.Count)];
            switch (step.What)
            {
                case What.Allocate:
                    Add(heap, live, order, heap.Raw->Allocate(step.Bytes, step.Pick), step.Bytes, 8, ++fill);
                    break;
                case What.Aligned:
                    Add(
                        heap,
                        live,
                        order,
                        heap.Raw->AllocateAligned(step.Bytes, 1u << step.AlignmentShift, 0),
                        step.Bytes,
                        1u << step.AlignmentShift,
                        ++fill);
                    break;
                case What.Free when order.Count > 0:
                    Check(heap, picked, live[picked]);
                    heap.Raw->Free(heap.At(picked));
                    live.Remove(picked);
                    order.Remove(picked);
                    break;
                case What.Reallocate when order.Count > 0:
                    (uint bytes, byte old) = live[picked];
                    void* moved = heap.Raw->Reallocate(heap.At(picked), step.Bytes, 0);
                    if (moved != null)
                    {
                        Check(heap, heap.Address(moved), (Math.Min(bytes, step.Bytes), old));
                        live.Remove(picked);
                        order.Remove(picked);
                        Add(heap, live, order, moved, step.Bytes, 8, ++fill);
                    }

                    break;
                case What.Trim:
                    heap.Raw->Trim();
                    heap.Slabs->Trim();
                    break;
            }
        }

        heap.AssertSound();
        heap.Raw->CheckAll();
        Assert.Equal((uint)live.Count, heap.Raw->Objects);
        foreach ((uint address, (uint, byte) content) in live)
        {
            Check(heap, address, content);
            heap.Raw->Free(heap.At(address));
        }

        heap.AssertAllBack();
    }

    private static void Add(
        HeapUnderTest heap,
        SortedDictionary<uint,
        (uint Bytes, byte Fill)> live,
        List<uint> order,
        void* memory,
        uint bytes,
        uint alignment,
        byte fill)
    {
        if (memory == null)
        {
            return;
        }

        uint address = heap.Address(memory);
        Assert.Equal(0u, address & (alignment - 1));
        Assert.True(heap.Raw->UsableBytes(memory) >= bytes);
        foreach ((uint other, (uint otherBytes, _)) in live)
        {
            Assert.True(address + Math.Max(bytes, 1) <= other
                || other + Math.Max(otherBytes, 1) <= address, $"{address:x}+{bytes} overlaps {other:x}+{otherBytes}");
        }

        new Span<byte>(memory, (int)bytes).Fill(fill);
        live.Add(address, (bytes, fill));
        order.Add(address);
    }

    private static void Check(HeapUnderTest heap, uint address, (uint Bytes, byte Fill) content)
        => Assert.False(
            new Span<byte>(heap.At(address), (int)content.Bytes).ContainsAnyExcept(content.Fill),
            $"{address:x} is not what was written");
}
