using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Buddy;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Buddy;

/// <summary>A zone against a model that knows only pages and lists: the same blocks in the same order, whatever happens.</summary>
public sealed unsafe class BuddyFuzzTests
{
    /// <summary>One step: an allocation of the order, or a free of a live block picked by the number.</summary>
    private readonly record struct Step(bool Allocate, uint Order, uint Pick);

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.Bool,
        Gen.Frequency((6, Gen.UInt[0, 3]), (2, Gen.UInt[0, 11])),
        Gen.UInt,
        (allocate, order, pick) => new Step(allocate, order, pick));

    [Fact]
    public void EveryBlockIsTheModels()
    {
        Gen<(uint Start, uint Length, bool[] Reserved, Step[] Steps)> cases = Gen.Select(
            Gen.Frequency((1, Gen.UInt[0, 5000]), (1, Gen.UInt[Zone.MaxEndPfn - 6000, Zone.MaxEndPfn - 3000])),
            Gen.UInt[1, 3000],
            Gen.Frequency((3, Gen.Const(0)), (1, Gen.Const(1))).Select(odds => odds == 1).Array[1, 40],
            s_step.Array[0, 300]);
        cases.Fuzz(2_000, c => Run(c.Start, c.Length, c.Reserved, c.Steps));
    }

    private static void Run(uint start, uint length, bool[] reserved, Step[] steps)
    {
        using ZoneUnderTest zone = new(start, start + length);
        Model model = new(start, length);

        // Every page is handed over or not, by a pattern of stripes of 1 to 40; runs go over in their largest blocks.
        for (uint i = 0; i < length;)
        {
            uint run = i;
            while (run < length && !reserved[run / 37 % reserved.Length])
            {
                run++;
            }

            zone.Pages->HandOverRange(start + i, start + run);
            model.HandOver(start + i, start + run);
            i = run + 1;
        }

        Compare(zone, model);
        uint managed = zone.Pages->FreePages;
        List<(uint Pfn, uint Order)> live = [];
        foreach (Step step in steps)
        {
            if (step.Allocate)
            {
                uint pfn = zone.Pages->Allocate(step.Order);
                Assert.Equal(model.Allocate(step.Order), pfn);
                if (pfn != Zone.None)
                {
                    live.Add((pfn, step.Order));
                }
            }
            else if (live.Count > 0)
            {
                int index = (int)(step.Pick % (uint)live.Count);
                (uint pfn, uint order) = live[index];
                live.RemoveAt(index);
                zone.Pages->Free(pfn, order);
                model.Free(pfn, order);
            }
        }

        Compare(zone, model);
        foreach ((uint pfn, uint order) in live)
        {
            zone.Pages->Free(pfn, order);
            model.Free(pfn, order);
        }

        Compare(zone, model);
        Assert.Equal(managed, zone.Pages->FreePages);
        Assert.Equal(managed, zone.Pages->ManagedPages);
    }

    private static void Compare(ZoneUnderTest zone, Model model)
    {
        zone.AssertSound();
        Assert.Equal(model.Lists(), zone.Lists());
    }

    /// <summary>The rule as one would tell it: lists, and a search in them for the buddy.</summary>
    private sealed class Model(uint start, uint length)
    {
        private readonly List<uint>[] _free = [.. Enumerable.Range(0, 11).Select(_ => new List<uint>())];

        internal void HandOver(uint from, uint to)
        {
            while (from < to)
            {
                uint order = 10;
                while (from % (1u << (int)order) != 0 || from + (1u << (int)order) > to)
                {
                    order--;
                }

                Free(from, order);
                from += 1u << (int)order;
            }
        }

        internal uint Allocate(uint order)
        {
            for (uint o = order; o <= 10; o++)
            {
                if (_free[o].Count > 0)
                {
                    uint pfn = _free[o][0];
                    _free[o].RemoveAt(0);
                    while (o > order)
                    {
                        o--;
                        _free[o].Insert(0, pfn + (1u << (int)o));
                    }

                    return pfn;
                }
            }

            return Zone.None;
        }

        internal void Free(uint pfn, uint order)
        {
            while (order < 10 && _free[order].Remove(pfn ^ (1u << (int)order)))
            {
                pfn &= ~(1u << (int)order);
                order++;
            }

            Assert.InRange(pfn, start, start + length - 1);
            _free[order].Insert(0, pfn);
        }

        internal string Lists()
            => string.Join(
                "; ",
                Enumerable.Range(0, 11).Where(o => _free[o].Count > 0).Select(
                    o => $"{o}: {string.Join(' ', _free[o].Select(p => $"{p:x}"))}"));
    }
}
