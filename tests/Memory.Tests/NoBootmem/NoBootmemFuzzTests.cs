using CosmosBootAlloc.Memory.Physical;
using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Simulator.Host;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.NoBootmem;

/// <summary>Boot memory without a bitmap against arrays of bytes and pages; and both variants against each other.</summary>
public sealed unsafe class NoBootmemFuzzTests
{
    private readonly record struct Step(uint Kind, uint Size, int Align, uint Goal, uint Pick);

    private static readonly Gen<Step> s_step = Gen.Select(
        Gen.UInt[0, 9],
        Gen.Frequency((4, Gen.UInt[1, 0x200]), (1, Gen.UInt[1, 0x2000])),
        Gen.Int[0, 13],
        Gen.Frequency((2, Gen.Const(0u)), (1, Gen.UInt[1, 0x28000])),
        Gen.UInt,
        (kind, size, align, goal, pick) => new Step(kind, size, align, goal, pick));

    [Fact]
    public void AllocationsAreThoseOfAByteArray()
    {
        // RAM [1,10) and [18,28) in pages; up to 90 live allocations, so the table moves once or twice.
        s_step.Array[0, 140].Fuzz(400, RunAllocations, steps => string.Join(", ", steps));
    }

    private static void RunAllocations(Step[] steps)
    {
        using BootMachine machine = new((1, 0x10), (0x18, 0x28));
        machine.SetUpDirect();
        bool[] taken = new bool[0x28000];
        List<(ulong Address, ulong Size)> live = [];
        (ulong Start, ulong End) table = default;
        foreach (Step step in steps)
        {
            if (step.Kind < 3 && live.Count > 0)
            {
                int index = (int)(step.Pick % (uint)live.Count);
                (ulong address, ulong size) = live[index];
                live.RemoveAt(index);
                machine.Direct->Free(address, size);
                taken.AsSpan((int)address, (int)size).Clear();
                continue;
            }

            ulong align = 1UL << step.Align;
            ulong expected = Find(taken, step.Size, align, step.Goal);
            if (expected == PhysicalAddress.None && step.Goal != 0)
            {
                expected = Find(taken, step.Size, align, 0);
            }

            ulong found;
            try
            {
                found = machine.Direct->TryAllocate(step.Size, align, step.Goal, NoBootmemAllocator.NoLimit);
            }
            catch (KernelPanicException panic)
            {
                // A full machine: the table needs more room below or above the allocation than there is.
                Assert.Equal("can not find more space for early_res array", panic.Message);
                return;
            }

            Assert.Equal(expected, found);
            if (found != PhysicalAddress.None)
            {
                live.Add((found, step.Size));
                taken.AsSpan((int)found, (int)step.Size).Fill(true);
            }

            if (machine.Reservations->TableMoved)
            {
                machine.Reservations->Get(0, out ulong start, out ulong end);
                if ((start, end) != table)
                {
                    taken.AsSpan((int)table.Start, (int)(table.End - table.Start)).Clear();
                    Assert.Equal(-1, taken.AsSpan((int)start, (int)(end - start)).IndexOf(true));
                    taken.AsSpan((int)start, (int)(end - start)).Fill(true);
                    table = (start, end);
                }
            }
        }
    }

    private static ulong Find(bool[] taken, uint size, ulong align, ulong goal)
    {
        foreach ((ulong start, ulong end) in new[] { (0x1000UL, 0x10000UL), (0x18000UL, 0x28000UL) })
        {
            for (ulong address = (Math.Max(start, goal) + align - 1) / align * align; address + size <= end; address += align)
            {
                if (taken.AsSpan((int)address, (int)size).IndexOf(true) < 0)
                {
                    return address;
                }
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>
    /// A random machine: RAM ranges from gaps and lengths in pages, reservations in bytes, some without check (they may overlap).
    /// </summary>
    private static readonly Gen<(
        (uint Gap, uint Length)[] Ram,
        (uint Start, uint Size, bool NoCheck)[] Reserved,
        int Rotation)> s_machine = Gen.Select(
        Gen.Select(Gen.UInt[0, 100], Gen.Frequency((1, Gen.UInt[1, 40]), (1, Gen.UInt[1, 500]))).Array[1, 12],
        Gen.Select(
            Gen.UInt,
            Gen.Frequency((2, Gen.UInt[1, 0x1800]), (1, Gen.UInt[0x1000, 0x90000])),
            Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true)))).Array[0, 45],
        Gen.Int[0, 11]);

    [Fact]
    public void EveryPageOfRamThatNobodyReservedIsHandedOverOnceInEitherVariant()
    {
        s_machine.Fuzz(300, c => RunHandOver(c.Ram, c.Reserved, c.Rotation));
    }

    private static void RunHandOver((uint Gap, uint Length)[] ram, (uint Start, uint Size, bool NoCheck)[] reserved, int rotation)
    {
        List<(ulong Start, ulong End)> ranges = [];
        ulong pfn = 0;
        foreach ((uint gap, uint length) in ram)
        {
            ranges.Add((pfn + gap, pfn + gap + length));
            pfn += gap + length;
        }

        // Registered in another order than by address.
        (ulong, ulong)[] order = [.. ranges.Skip(rotation % ranges.Count), .. ranges.Take(rotation % ranges.Count)];
        bool[] direct = HandOver(order, reserved, bitmap: false, out bool fits);
        if (!fits)
        {
            return;
        }

        bool[] bitmap = HandOver(order, reserved, bitmap: true, out fits);
        if (fits)
        {
            Assert.Equal(direct, bitmap);
        }
    }

    /// <summary>Runs one variant to its end and gives the pages that are free then, after comparing them with the page array.</summary>
    private static bool[] HandOver(
        (ulong Start, ulong End)[] ram,
        (uint Start, uint Size, bool NoCheck)[] reserved,
        bool bitmap,
        out bool fits)
    {
        using BootMachine machine = new(ram);
        bool[] expected = new bool[machine.EndPfn];
        foreach ((ulong start, ulong end) in ram)
        {
            expected.AsSpan((int)start, (int)(end - start)).Fill(true);
        }

        ulong endBytes = machine.EndPfn << 12;
        List<(ulong Start, ulong End)> made = [];
        try
        {
            foreach ((uint start, uint size, bool noCheck) in reserved)
            {
                ulong from = start % endBytes;
                ulong to = Math.Min(endBytes, from + size);
                if (noCheck)
                {
                    machine.Reservations->ReserveNoCheck(from, to, "unchecked");
                }
                else if (
                    made.Exists(other => other.Start < to && other.End > from) || (
                        machine.Reservations->TableMoved && Overlaps(machine, from, to)))
                {
                    continue;
                }
                else
                {
                    machine.Reservations->Reserve(from, to, "checked");
                }

                made.Add((from, to));
            }

            if (bitmap)
            {
                machine.SetUpBitmap();
            }
            else
            {
                machine.SetUpDirect();
            }
        }
        catch (KernelPanicException)
        {
            // No room for a larger table or for the bitmap, or the table was moved to where an unchecked one meets it.
            fits = false;
            return [];
        }

        foreach ((ulong start, ulong end) in made)
        {
            int first = (int)(start >> 12);
            int last = Math.Min(expected.Length, (int)((end + 4095) >> 12));
            expected.AsSpan(first, last - first).Clear();
        }

        machine.SetUpPages();
        ulong pages = machine.HandOver(bitmap);
        Assert.Equal((ulong)expected.Count(free => free), pages);
        Assert.Equal(pages, machine.Memory->Pages.FreePageCount);
        Assert.Equal(PageAllocator.None, machine.Memory->Pages.FindFault());
        Assert.Equal(expected, machine.FreePages());
        fits = true;
        return expected;
    }

    private static bool Overlaps(BootMachine machine, ulong start, ulong end)
    {
        machine.Reservations->Get(0, out ulong tableStart, out ulong tableEnd);
        return tableStart < end && tableEnd > start;
    }
}
