using System;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>Changing the type of a range, and cutting a range out.</summary>
public sealed unsafe class E820UpdateTests
{
    private const int Cells = 120;

    [Fact]
    public void UpdateOfAnInnerRangeAppendsMiddleThenTail()
    {
        // before  [ram                    ][nvs] update          [reserved] Expect  [ram   ]                 [nvs] [reserved] [ram tail]:
        // head in place, middle, tail at the end.
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x3000 ram
            add 0x3000 0x1000 nvs
            update 0x1000 0x1000 ram reserved
            > e820 update range: 0000000000001000 - 0000000000002000 (usable) ==> (reserved)
            = 0x1000
            map
            - 0x0 0x1000 1
            - 0x3000 0x1000 4
            - 0x1000 0x1000 2
            - 0x2000 0x1000 1
            = 4
            """);
    }

    [Fact]
    public void RemoveOfAnInnerRangeAppendsTheTail()
    {
        // before  [ram                    ]
        // remove          [       ]
        // Expect  [ram   ]          [ram tail]
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x3000 ram
            remove 0x1000 0x1000 ram 1
            > e820 remove range: 0000000000001000 - 0000000000002000 (usable)
            = 0x1000
            map
            - 0x0 0x1000 1
            - 0x2000 0x1000 1
            = 2
            """);
    }

    [Fact]
    public void RemoveOfWholeEntriesLeavesZeroEntriesUntilSanitised()
    {
        // [ram][acpi][ram]; remove all of it, whatever the type.
        // Expect three all-zero entries, and an empty map after sanitizing.
        TraceFiles.AssertTrace("e820", """
            add 0x1000 0x1000 ram
            add 0x2000 0x1000 acpi
            add 0x3000 0x1000 ram
            remove 0x0 0x10000 ram 0
            > e820 remove range: 0000000000000000 - 0000000000010000 
            = 0x3000
            map
            - 0x0 0x0 0
            - 0x0 0x0 0
            - 0x0 0x0 0
            = 3
            sanitize
            = 0
            map
            = 0
            """);
    }

    [Theory]
    [InlineData(0x2000UL, ulong.MaxValue)]
    [InlineData(0x2000UL, ulong.MaxValue - 0x2000)]
    public void SizesAreClippedSoThatTheEndIsAtMost2To64Minus1(ulong start, ulong size)
    {
        // [ram 0x1000 ............ 2^64-1); the range starts at 0x2000 and would wrap.
        // Expect everything from 0x2000 on to change.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0x1000, ulong.MaxValue - 0x1000, 1);
        Assert.Equal(ulong.MaxValue - 0x2000, map->Update(start, size, 1, 2));
        Assert.Equal([(0x1000UL, 0x2000UL, 1U), (0x2000, ulong.MaxValue, 2)], BootTestSupport.Entries(&map->Table));
        Assert.Equal("e820 update range: 0000000000002000 - ffffffffffffffff (usable) ==> (reserved)", Assert.Single(machine.Log));
    }

    [Fact]
    public void AnEmptyUpdateInsideAnEntrySplitsItAndSanitisingJoinsItAgain()
    {
        // [ram         |          ]
        // Expect head, empty middle, tail; one ram entry again after sanitizing.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0, 0x2000, 1);
        Assert.Equal(0UL, map->Update(0x1000, 0, 1, 2));
        Assert.Equal([(0UL, 0x1000UL, 1U), (0x1000, 0x1000, 2), (0x1000, 0x2000, 1)], BootTestSupport.Entries(&map->Table));
        Assert.True(map->Sanitize());
        Assert.Equal([(0UL, 0x2000UL, 1U)], BootTestSupport.Entries(&map->Table));
    }

    [Fact]
    public void AnUpdateToTheSameTypeIsABug()
    {
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x2000 ram
            update 0x0 0x1000 ram ram
            ! BUG
            """);
    }

    [Fact]
    public void AFullTableComplainsOnceForEachPieceThatFindsNoRoom()
    {
        // A full table, the first entry with room for an inner range: middle and tail do not fit. Expect the complaint twice, after
        // the line about the range.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        for (ulong i = 0; i < E820Table.MaxCapacity; i++)
        {
            map->Add(i * 0x10000, 0x3000, 1);
        }

        Assert.Empty(machine.Log);
        map->Update(0x1000, 0x1000, 1, 2);
        Assert.Equal(
            [
                "e820 update range: 0000000000001000 - 0000000000002000 (usable) ==> (reserved)",
                "Ooops! Too many entries in the memory map!",
                "Ooops! Too many entries in the memory map!",
            ],
            machine.Log);
        Assert.Equal(E820Table.MaxCapacity, map->Count);
    }

    [Fact]
    public void FuzzUpdatesAndRemovalsAgainstAnArrayOfCells()
    {
        Gen<(ulong Start, ulong Size, uint Type, uint Target)> step = Gen.Select(
            Gen.ULong[0, Cells],
            Gen.ULong[0, 60],
            Gen.UInt[1, 5],
            Gen.UInt[0, 5]);
        Gen.Select(step.Array[2, 12], step.Array[1, 12]).Fuzz(
            3000,
            both =>
            {
                using HostMachine machine = BootTestSupport.NewMachine();
                E820Map* map = &machine.Memory->Map;
                uint[] cells = new uint[Cells * 2];
                foreach ((ulong start, ulong size, uint type, _) in both.Item1)
                {
                    map->Add(start, size, type);
                    ForEach(start, size, i => cells[i] = uint.Max(cells[i], type));
                }

                Assert.True(map->Sanitize());
                foreach ((ulong start, ulong size, uint type, uint target) in both.Item2)
                {
                    ulong expected = 0;
                    if (target == type)
                    {
                        continue;
                    }

                    ForEach(start, size, i => expected += cells[i] == type || (target == 0 && start % 2 == 1 && cells[i] != 0) ? 1UL : 0UL);
                    ulong changed;
                    if (target == 0)
                    {
                        bool onlyType = start % 2 == 0;
                        changed = map->Remove(start, size, type, onlyType);
                        ForEach(start, size, i => cells[i] = !onlyType || cells[i] == type ? 0 : cells[i]);
                    }
                    else
                    {
                        changed = map->Update(start, size, type, target);
                        ForEach(start, size, i => cells[i] = cells[i] == type ? target : cells[i]);
                    }

                    Assert.Equal(expected, changed);
                    AssertCells(cells, &map->Table);
                }

                map->Sanitize();
                AssertCells(cells, &map->Table);
            });
    }

    private static void ForEach(ulong start, ulong size, Action<ulong> action)
    {
        for (ulong i = start; i < start + size; i++)
        {
            action(i);
        }
    }

    /// <summary>Every cell has the type of the one entry that covers it; entries do not overlap.</summary>
    private static void AssertCells(uint[] cells, E820Table* table)
    {
        uint[] found = new uint[cells.Length];
        for (int i = 0; i < table->Count; i++)
        {
            uint type = table->Type(i);
            ForEach(table->Start(i), table->Size(i), cell =>
            {
                Assert.Equal(0U, found[cell]);
                found[cell] = type;
            });
        }

        Assert.Equal(cells, found);
    }
}
