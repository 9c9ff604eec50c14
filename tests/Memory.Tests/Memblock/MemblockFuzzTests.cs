using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Memblock;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>
/// memblock against <see cref="MemblockModel"/>: random operations, and after each the same regions, the same free
/// ranges, the same results; at the end the same blocks handed over.
/// </summary>
public sealed unsafe class MemblockFuzzTests
{
    private enum Kind
    {
        Add, Remove, Reserve, Free, MarkHotplug, ClearHotplug, MarkNomap, ClearNomap, MarkMirror, MarkNoinit,
        Alloc, AllocTry, Find, BottomUp, MovableNode, Limit, Trim,
    }

    /// <summary>One operation; Start, Size and End in units, Shift log2 of the alignment in units.</summary>
    private readonly record struct Step(Kind Kind, uint Start, uint Size, uint End, int Shift);

    [Fact]
    public void ListsAndAllocationsAreTheModels()
    {
        // 16-byte units over eight pages: many operations hit the same bytes, pages are cut everywhere.
        const uint units = 2048;
        Gen<Kind> kind = Gen.Frequency(
            (4, OneOf(Kind.Add, Kind.Reserve)),
            (3, OneOf(Kind.Remove, Kind.Free)),
            (2, OneOf(Kind.MarkHotplug, Kind.ClearHotplug, Kind.MarkNomap, Kind.ClearNomap, Kind.MarkNoinit)),
            (3, OneOf(Kind.Alloc, Kind.AllocTry, Kind.Find)),
            (1, OneOf(Kind.BottomUp, Kind.MovableNode, Kind.Limit, Kind.Trim, Kind.MarkMirror)));
        Gen<uint> size = Gen.Frequency((6, Gen.UInt[0, 64]), (2, Gen.UInt[0, 700]), (1, Gen.Const(units)));
        Gen<Step> step =
            Gen.Select(kind, Gen.UInt[0, units], size, Gen.Frequency((1, Gen.Const(0u)), (1, Gen.UInt[0, units])), Gen.Int[0, 9],
            (k, start, s, end, shift) => new Step(k, start, s, end, shift));
        step.Array[1, 40].Fuzz(700, steps => Run(16, (int)units, steps));
    }

    [Fact]
    public void GrowingListsAreTheModels()
    {
        // 4-KiB units; short ranges at random places make hundreds of regions, so both lists double once or twice.
        const uint units = 1536;
        Gen<Kind> kind = Gen.Frequency(
            (5, Gen.Const(Kind.Reserve)),
            (3, Gen.Const(Kind.Remove)),
            (1, OneOf(Kind.Free, Kind.Add, Kind.MarkNomap, Kind.Alloc, Kind.BottomUp)));
        Gen<Step> step = Gen.Select(kind, Gen.UInt[0, units], Gen.UInt[1, 2], Gen.Const(0u), Gen.Const(0),
            (k, start, s, end, shift) => new Step(k, start, s, end, shift));
        step.Array[300, 700].Fuzz(30, steps => Run(4096, (int)units, [new Step(Kind.Add, 0, units, 0, 0), .. steps], compareEvery: 16));
    }

    private static Gen<Kind> OneOf(params Kind[] kinds) => Gen.Int[0, kinds.Length - 1].Select(i => kinds[i]);

    private static void Run(ulong unit, int units, Step[] steps, int compareEvery = 1)
    {
        using MemblockUnderTest real = new(unit * (ulong)units);
        real.Blocks->AllowResize();
        MemblockModel model = new(unit, units);
        for (int i = 0; i < steps.Length; i++)
        {
            // The model's space ends after its units, so no range reaches further.
            Step step = steps[i] with { Size = uint.Min(steps[i].Size, (uint)units - steps[i].Start) };
            ulong start = unit * step.Start;
            Assert.Equal(Perform(model, step, unit, start), Perform(real.Blocks, step, unit, start));
            if (i % compareEvery == 0)
            {
                Compare(real, model);
            }
        }

        Compare(real, model);
        List<(ulong, uint)> blocks = [];
        foreach (BlockRun run in real.HandOver())
        {
            for (ulong i = 0; i < run.Count; i++)
            {
                blocks.Add((run.Pfn + (i << (int)run.Order), run.Order));
            }
        }

        Assert.Equal(model.HandOver(), blocks);
    }

    private static void Compare(MemblockUnderTest real, MemblockModel model)
    {
        Assert.Equal(model.Memory, real.Memory);
        Assert.Equal(model.Reserved, real.Reserved);
        Assert.Equal((model.MemoryCapacity, model.ReservedCapacity), (real.Blocks->MemoryCapacity, real.Blocks->ReservedCapacity));

        // Empty ranges (between reservations of different flags) are part of Linux's walk, not of the model.
        string free = string.Join(' ', real.Free.Split(' ').Where(range => range.Length > 0 && range.Split('-')[0] != range.Split('-')[1]));
        Assert.Equal(model.FreeRanges, free);
        ulong memory = 0;
        for (uint i = 0; i < real.Blocks->MemoryCount; i++)
        {
            memory += real.Blocks->MemoryRegion(i)->Size;
        }

        ulong reserved = 0;
        for (uint i = 0; i < real.Blocks->ReservedCount; i++)
        {
            reserved += real.Blocks->ReservedRegion(i)->Size;
        }

        Assert.Equal((memory, reserved), (real.Blocks->MemoryBytes, real.Blocks->ReservedBytes));
    }

    private const ulong Refused = 1;

    private static ulong Perform(MemblockAllocator* blocks, Step step, ulong unit, ulong start)
    {
        ulong size = unit * step.Size;
        ulong end = unit * step.End;
        ulong align = unit << step.Shift;
        switch (step.Kind)
        {
            case Kind.Add: return blocks->Add(start, size) ? 0 : Refused;
            case Kind.Remove: return blocks->Remove(start, size) ? 0 : Refused;
            case Kind.Reserve: return blocks->Reserve(start, size) ? 0 : Refused;
            case Kind.Free: return blocks->Free(start, size) ? 0 : Refused;
            case Kind.MarkHotplug: return MemblockTraces.MarkHotplug(ref *blocks, start, size) ? 0 : Refused;
            case Kind.ClearHotplug: return MemblockTraces.ClearHotplug(ref *blocks, start, size) ? 0 : Refused;
            case Kind.MarkNomap: return MemblockTraces.MarkNomap(ref *blocks, start, size) ? 0 : Refused;
            case Kind.ClearNomap: return MemblockTraces.ClearNomap(ref *blocks, start, size) ? 0 : Refused;
            case Kind.MarkMirror: return MemblockTraces.MarkMirror(ref *blocks, start, size) ? 0 : Refused;
            case Kind.MarkNoinit: return MemblockTraces.MarkNoinit(ref *blocks, start, size) ? 0 : Refused;
            case Kind.Alloc: return blocks->Alloc(size, align, start, end);
            case Kind.AllocTry: return blocks->AllocTry(size, align, start, end);
            case Kind.Find: return blocks->Find(start, end, size, align);
            case Kind.BottomUp: blocks->SetBottomUp(step.Size % 2 == 1); return 0;
            case Kind.MovableNode: blocks->SetMovableNode(step.Size % 2 == 1); return 0;
            case Kind.Limit: blocks->SetLimit(start + unit); return 0;
            default: blocks->Trim(align); return 0;
        }
    }

    private static ulong Perform(MemblockModel model, Step step, ulong unit, ulong start)
    {
        ulong size = unit * step.Size;
        ulong end = unit * step.End;
        ulong align = unit << step.Shift;
        switch (step.Kind)
        {
            case Kind.Add: return model.Add(start, size) ? 0 : Refused;
            case Kind.Remove: return model.Remove(start, size) ? 0 : Refused;
            case Kind.Reserve: return model.Reserve(start, size) ? 0 : Refused;
            case Kind.Free: return model.Free(start, size) ? 0 : Refused;
            case Kind.MarkHotplug: return model.Mark(start, size, (int)MemblockFlags.Hotplug) ? 0 : Refused;
            case Kind.ClearHotplug: return model.Clear(start, size, (int)MemblockFlags.Hotplug) ? 0 : Refused;
            case Kind.MarkNomap: return model.Mark(start, size, (int)MemblockFlags.Nomap) ? 0 : Refused;
            case Kind.ClearNomap: return model.Clear(start, size, (int)MemblockFlags.Nomap) ? 0 : Refused;
            case Kind.MarkMirror: return model.Mark(start, size, (int)MemblockFlags.Mirror) ? 0 : Refused;
            case Kind.MarkNoinit: return model.Mark(start, size, (int)MemblockFlags.Noinit) ? 0 : Refused;
            case Kind.Alloc: return model.Alloc(size, align, start, end);
            case Kind.AllocTry: return model.AllocTry(size, align, start, end);
            case Kind.Find: return model.Find(start, end, size, align);
            case Kind.BottomUp: model.BottomUp = step.Size % 2 == 1; return 0;
            case Kind.MovableNode: model.MovableNode = step.Size % 2 == 1; return 0;
            case Kind.Limit: model.Limit = start + unit; return 0;
            default: model.Trim(align); return 0;
        }
    }
}
