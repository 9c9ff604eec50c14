using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Physical;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Lmb;

/// <summary>lmb against <see cref="LmbModel"/>: the same tables, results and answers after every operation, whether the
/// ranges keep apart (so the table searches by halving) or overlap (so it walks); and the hand-over against a page
/// array.</summary>
public sealed unsafe class LmbFuzzTests
{
    private enum Kind
    {
        Add, Remove, Reserve, Free, Alloc,
    }

    /// <summary>One operation; Start and Size in units of 0x400 bytes.</summary>
    private readonly record struct Step(Kind Kind, uint Start, uint Size, int Shift);

    private const ulong Unit = 0x400;
    private const uint Units = 512;

    private static readonly Gen<Step> s_anywhere = Gen.Select(
        OneOf(Kind.Add, Kind.Remove, Kind.Reserve, Kind.Free, Kind.Alloc), Gen.UInt[0, Units - 1], Gen.UInt[1, 24], Gen.Int[0, 5],
        (kind, start, size, shift) => new Step(kind, start, uint.Min(size, Units - start), shift));

    /// <summary>Whole cells of four units: two ranges are equal, touch, or keep apart.</summary>
    private static readonly Gen<Step> s_cells =
        Gen.Select(OneOf(Kind.Add, Kind.Remove, Kind.Reserve, Kind.Free, Kind.Alloc), Gen.UInt[0, (Units / 4) - 1],
        (kind, cell) => new Step(kind, cell * 4, 4, 2));

    [Fact]
    public void OverlappingTablesAreTheModels() => s_anywhere.Array[1, 60].Fuzz(1500, Run);

    [Fact]
    public void OrderlyTablesAreTheModels() => s_cells.Array[1, 120].Fuzz(1500, Run);

    [Fact]
    public void FullTablesAreTheModels()
    {
        // Cells with a gap between: no merges, so 128 regions are soon reached; then cuts, refusals and allocations.
        Gen<Step> step =
            Gen.Select(OneOf(Kind.Reserve, Kind.Reserve, Kind.Reserve, Kind.Free, Kind.Alloc), Gen.UInt[0, 170], Gen.UInt[1, 2],
            (kind, cell, size) => new Step(kind, cell * 3, size, 0));
        step.Array[300, 600].Fuzz(60, steps => Run([new Step(Kind.Add, 0, Units, 0), .. steps]));
    }

    private static void Run(Step[] steps)
    {
        using LmbUnderTest real = new();
        LmbModel memory = new();
        LmbModel reserved = new();
        foreach (Step step in steps)
        {
            ulong start = Unit * step.Start;
            ulong size = Unit * step.Size;
            ulong align = Unit << step.Shift;
            switch (step.Kind)
            {
                case Kind.Add:
                    Assert.Equal(memory.Add(start, size), real.Add(start, size));
                    break;
                case Kind.Remove:
                    Assert.Equal(memory.Remove(start, size), real.Remove(start, size));
                    break;
                case Kind.Reserve:
                    Assert.Equal(reserved.Add(start, size), real.Reserve(start, size));
                    break;
                case Kind.Free:
                    Assert.Equal(reserved.Remove(start, size), real.Free(start, size));
                    break;
                default:
                    ulong max = step.Start % 3 == 0 ? 0 : start;
                    Assert.Equal(LmbModel.AllocBase(memory, reserved, size, align, max), real.Lmb->AllocBase(size, align, max));
                    break;
            }

            Assert.Equal(Text(memory), real.Memory);
            Assert.Equal(Text(reserved), real.Reserved);
            Assert.Equal(reserved.Overlap(start + Unit, size), real.Lmb->FindReserved(start + Unit, size));
            Assert.Equal(reserved.Holds(start + 1), real.Lmb->IsReserved(start + 1));
        }

        CheckHandOver(real, memory, reserved);
    }

    private static void CheckHandOver(LmbUnderTest real, LmbModel memory, LmbModel reserved)
    {
        // A page is free if each of its four units is memory and none of them reserved.
        List<ulong> expected = [];
        for (ulong pfn = 0; pfn < Units * Unit / PageSize.Bytes; pfn++)
        {
            bool free = true;
            for (ulong address = pfn * PageSize.Bytes; address < (pfn + 1) * PageSize.Bytes; address += Unit)
            {
                free &= memory.Overlap(address, Unit) >= 0 && reserved.Overlap(address, Unit) < 0;
            }

            if (free)
            {
                expected.Add(pfn);
            }
        }

        List<ulong> given = [];
        foreach (BlockRun run in real.HandOver())
        {
            Assert.Equal(0u, run.Pfn & ((1UL << (int)run.Order) - 1));
            for (ulong i = 0; i < run.Count << (int)run.Order; i++)
            {
                given.Add(run.Pfn + i);
            }
        }

        Assert.Equal(expected, given);
    }

    private static string Text(LmbModel table)
        => string.Join(' ', table.Regions.Select(region => $"{region.Base:x}-{region.Base + region.Size:x}"));

    private static Gen<Kind> OneOf(params Kind[] kinds) => Gen.Int[0, kinds.Length - 1].Select(i => kinds[i]);
}
