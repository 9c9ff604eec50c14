using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>Sanitizing: any entries in, sorted disjoint ones out.</summary>
public sealed unsafe class E820SanitizeTests
{
    private const int Cells = 200;

    [Fact]
    public void TheLargestTypeWinsAndTouchingEqualTypesJoin()
    {
        // 0        10       20       30       40       50
        // [ram                       ][ram             ]
        //          [nvs              ]
        //                   [acpi    ]
        // Expect ram [0,10), nvs [10,30), ram [30,50).
        Assert.Equal(
            [(0UL, 10UL, 1U), (10, 30, 4), (30, 50, 1)],
            Sanitized((0, 30, 1), (30, 50, 1), (10, 30, 4), (20, 30, 3)));
    }

    [Fact]
    public void ARangeThatBridgesTwoOthersJoinsThemAll()
    {
        // [ram ]      [ram ]
        //    [ram       ]
        // Expect one range.
        Assert.Equal([(0UL, 60UL, 1U)], Sanitized((0, 20, 1), (40, 60, 1), (10, 50, 1)));
    }

    [Fact]
    public void ZeroLengthEntriesVanishEvenInsideOthers()
    {
        // [ram      |nvs of length 0|      ]
        // Expect ram in one piece: nothing is cut at the empty entry.
        Assert.Equal([(0UL, 100UL, 1U)], Sanitized((0, 100, 1), (50, 50, 4)));
    }

    [Fact]
    public void EntriesOfTypeZeroCountAsNotCovered()
    {
        // [type 0][ram][type 0]
        // Expect only ram to be left.
        Assert.Equal([(10UL, 20UL, 1U)], Sanitized((0, 10, 0), (10, 20, 1), (20, 30, 0)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void FewerThanTwoEntriesAreRefusedAndStay(int count)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        for (int i = 0; i < count; i++)
        {
            table->Append(5, 0, 1);
        }

        Assert.False(table->Sanitize());
        Assert.Equal(count, table->Count);
    }

    [Fact]
    public void AnEntryThatPasses2To64RefusesTheWholeMapUnchanged()
    {
        // [ram][reserved ...................... 2^64 + 0x1000)
        // Expect refusal, both entries as they were; an end of exactly 2^64-1 is fine.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        table->Append(0xfffffffffffff000, 0x2000, 2);
        table->Append(0, 0x1000, 1);
        Assert.False(table->Sanitize());
        Assert.Equal([(0xfffffffffffff000, 0x1000, 2U), (0, 0x1000, 1)], BootTestSupport.Entries(table));

        table->Clear();
        table->Append(0x1000, ulong.MaxValue - 0x1000, 2);
        table->Append(0, 0x1000, 1);
        Assert.True(table->Sanitize());
        Assert.Equal([(0UL, 0x1000UL, 1U), (0x1000, ulong.MaxValue, 2)], BootTestSupport.Entries(table));
    }

    [Fact]
    public void A128EntryMapIsCutAt128WhenOverlapsMakeMoreOfIt()
    {
        // [ram .......................................................]
        //    [5]   [5]   [5]   ... 127 times
        // 255 pieces. Expect the first 128: ram, 5, ram, 5, ...
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        table->Init(E820Table.FirmwareCapacity);
        table->Append(0, 0x100000, 1);
        for (ulong i = 0; i < 127; i++)
        {
            table->Append(0x1000 + (i * 0x1000), 0x100, 5);
        }

        Assert.True(table->Sanitize());
        Assert.Equal(128, table->Count);
        Assert.Equal((0UL, 1U), (table->Start(0), table->Type(0)));
        Assert.Equal((0x1000UL + (63 * 0x1000), 5U), (table->Start(127), table->Type(127)));
        Assert.Equal(0x100000UL - 0x40100 - (63 * 0x100), table->RamLost);
    }

    [Fact]
    public void A128EntryLimitJoinsUpToTheCutAndDropsNothingBeforeIt()
    {
        // 126 single entries, then two halves that join: exactly 127 results, none lost.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        for (ulong i = 0; i < 128; i++)
        {
            table->Append(i == 127 ? (126 * 0x2000UL) + 0x1000 : i * 0x2000, 0x1000, 1);
        }

        Assert.True(table->Sanitize());
        Assert.Equal(127, table->Count);
        Assert.Equal((126 * 0x2000UL) + 0x2000, table->End(126));
    }

    [Fact]
    public void FuzzAgainstAnArrayOfCells()
    {
        Gen<(ulong Start, ulong Size, uint Type)[]> entries = Gen.Select(
            Gen.ULong[0, Cells - 1],
            Gen.ULong[0, 40],
            Gen.OneOf(Gen.UInt[0, 5], Gen.Const(128U), Gen.Const(uint.MaxValue)),
            (start, size, type) => (start, start + size > Cells ? Cells - start : size, type)).Array[2, 60];
        entries.Fuzz(
            3000,
            input =>
            {
                using HostMachine machine = BootTestSupport.NewMachine();
                E820Table* table = &machine.Memory->Map.Table;
                uint[] cells = new uint[Cells];
                foreach ((ulong start, ulong size, uint type) in input)
                {
                    table->Append(start, size, type);
                    for (ulong i = start; i < start + size; i++)
                    {
                        cells[i] = uint.Max(cells[i], type);
                    }
                }

                Assert.True(table->Sanitize());
                List<(ulong, ulong, uint)> expected = Runs(cells).ToList();
                Assert.Equal(expected, BootTestSupport.Entries(table));
                if (table->Count >= 2)
                {
                    Assert.True(table->Sanitize());
                    Assert.Equal(expected, BootTestSupport.Entries(table));
                }
            });
    }

    [Fact]
    public void FuzzOfOneMoreEntryInASanitizedMap()
    {
        // What trimming a map does: it is sanitized but for the last entry, which may fit between two others, touch, or overlap them.
        Gen<((uint Type, uint Length)[] Runs, ulong Start, ulong Size, uint Type)> cases = Gen.Select(
            Gen.Select(Gen.UInt[0, 4], Gen.UInt[1, 12]).Array[2, 30],
            Gen.ULong[0, Cells - 1],
            Gen.ULong[0, 14],
            Gen.UInt[0, 4],
            (runs, start, size, type) => (runs, start, start + size > Cells ? Cells - start : size, type));
        cases.Fuzz(
            5000,
            input =>
            {
                using HostMachine machine = BootTestSupport.NewMachine();
                E820Table* table = &machine.Memory->Map.Table;
                uint[] cells = new uint[Cells];
                uint at = 0;
                foreach ((uint type, uint length) in input.Runs)
                {
                    uint end = Math.Min(at + length, (uint)Cells);
                    Array.Fill(cells, type, (int)at, (int)(end - at));
                    at = end;
                }

                foreach ((ulong start, ulong end, uint type) in Runs(cells))
                {
                    table->Append(start, end - start, type);
                }

                table->Append(input.Start, input.Size, input.Type);
                for (ulong i = input.Start; i < input.Start + input.Size; i++)
                {
                    cells[i] = uint.Max(cells[i], input.Type);
                }

                Assert.Equal(table->Count >= 2, table->Sanitize());
                if (table->Count >= 2)
                {
                    Assert.Equal(Runs(cells).ToList(), BootTestSupport.Entries(table));
                }
            });
    }

    private static IEnumerable<(ulong Start, ulong End, uint Type)> Runs(uint[] cells)
    {
        for (int i = 0; i < cells.Length;)
        {
            int end = i;
            while (end < cells.Length && cells[end] == cells[i])
            {
                end++;
            }

            if (cells[i] != 0)
            {
                yield return ((ulong)i, (ulong)end, cells[i]);
            }

            i = end;
        }
    }

    private static List<(ulong Start, ulong End, uint Type)> Sanitized(params (ulong Start, ulong End, uint Type)[] entries)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        foreach ((ulong start, ulong end, uint type) in entries)
        {
            table->Append(start, end - start, type);
        }

        Assert.True(table->Sanitize());
        return BootTestSupport.Entries(table);
    }
}
