using CosmosBootAlloc.Memory.Physical;
using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.EarlyRes;

/// <summary>
/// Random sequences of operations, performed by the real table and by <see cref="EarlyResModel"/>: after each, the listing, the
/// capacity, the log, the panic and the result are the same.
/// </summary>
public sealed unsafe class EarlyResFuzzTests
{
    private const ulong Unit = 0x40;
    private const ulong MemoryUnits = 0x1000;

    private enum Kind
    {
        Reserve,
        ReserveOk,
        ReserveFound,
        NoCheckFound,
        NoCheckAnywhere,
        Free,
        FreePartial,
        Find,
        FindSize,
    }

    [Fact]
    public void DisjointReservationsAgreeWithThePlainModel()
    {
        // No reservation overlaps another: the fast search is used throughout, over several moves of the table.
        Gen<Kind> kinds = Gen.Frequency(
            (6, Gen.Const(Kind.ReserveFound)),
            (8, Gen.Const(Kind.NoCheckFound)),
            (3, Gen.Const(Kind.Free)),
            (1, Gen.Const(Kind.FreePartial)),
            (3, Gen.Const(Kind.Find)),
            (1, Gen.Const(Kind.FindSize)));
        Run(kinds, Gen.ULong[0, 3], steps: 220, rounds: 250);
    }

    [Fact]
    public void OverlapsOfEveryKindAgreeWithThePlainModel()
    {
        // Small address space, so that ranges meet: ok ones give way, others panic, empty ok ones and unchecked overlaps occur.
        Gen<Kind> kinds = Gen.Frequency(
            (3, Gen.Const(Kind.Reserve)),
            (12, Gen.Const(Kind.ReserveOk)),
            (8, Gen.Const(Kind.ReserveFound)),
            (2, Gen.Const(Kind.NoCheckAnywhere)),
            (2, Gen.Const(Kind.NoCheckFound)),
            (3, Gen.Const(Kind.Free)),
            (3, Gen.Const(Kind.FreePartial)),
            (4, Gen.Const(Kind.Find)));
        Run(kinds, Gen.ULong[0, 40], steps: 60, rounds: 1500);
    }

    [Fact]
    public void LargeTablesAgreeWithASortedListOfGaps()
    {
        // Thousands of reservations in random order (blocks longer than the least): after each 64 the answers of find are
        // compared with a walk over the sorted listing.
        Gen.Select(Gen.Int[600, 5000], Gen.Int).Fuzz(
            12,
            both =>
            {
                (int count, int seed) = both;
                using HostMachine machine = BootTestSupport.NewMachine();
                MachineMemory* memory = machine.Memory;
                memory->Map.Add(0x1000000, 0x40000000, E820Type.Ram);
                memory->EarlyRes.SetMappedEnd(0x41000);
                Random random = new(seed);
                List<ulong> places = [.. Enumerable.Range(0, count).Select(i => 0x10000000UL + ((ulong)i * 0x1000))];
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(places));
                for (int i = 0; i < count; i++)
                {
                    ulong length = 0x100UL * (ulong)random.Next(1, 17);
                    memory->EarlyRes.ReserveNoCheck(places[i], places[i] + length, "R");
                    if (i % 7 == 6)
                    {
                        int victim = random.Next(memory->EarlyRes.TableMoved ? 1 : 0, memory->EarlyRes.Count);
                        memory->EarlyRes.Get(victim, out ulong start, out ulong end);
                        memory->EarlyRes.Free(start, end);
                    }

                    if (i % 64 == 63)
                    {
                        AssertTheOrder(&memory->EarlyRes);
                        ulong size = 0x100UL * (ulong)random.Next(0, 40);
                        ulong align = 0x40UL << random.Next(0, 8);
                        ulong low = 0x10000000UL + (0x1000UL * (ulong)random.Next(0, count));
                        Assert.Equal(
                            Lowest(BootTestSupport.Reservations(&memory->EarlyRes), low, size, align),
                            memory->EarlyRes.Find(low, ulong.MaxValue, size, align));
                    }
                }
            });
    }

    [Theory]
    [InlineData("ascending")]
    [InlineData("descending")]
    [InlineData("random")]
    public void InAnyOrderOfMakingTheOrderByAddressIsRight(string making)
    {
        // 5,000 pages that keep apart, over eight moves of the table. Expect the listing in the order of making, the order by address right
        // at each power of two, and every gap between them too small for two pages.
        const int count = 5000;
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x1000000, 0x40000000, E820Type.Ram);
        table->SetMappedEnd(0x41000);
        int[] numbers = [.. Enumerable.Range(0, count)];
        if (making == "random")
        {
            new Random(1).Shuffle(numbers);
        }
        else if (making == "descending")
        {
            Array.Reverse(numbers);
        }

        for (int i = 0; i < count; i++)
        {
            ulong start = 0x10000000UL + ((ulong)numbers[i] * 0x2000);
            table->Reserve(start, start + 0x1000, "R");
            if (Bits.IsPowerOfTwo((ulong)i))
            {
                AssertTheOrder(table);
            }
        }

        AssertTheOrder(table);
        Assert.Equal(
            numbers.Select(i => 0x10000000UL + ((ulong)i * 0x2000)),
            BootTestSupport.Reservations(table).Skip(1).Select(r => r.Start));
        Assert.Equal(0x10000000UL + (count * 0x2000UL) - 0x1000, table->Find(0x10000000, ulong.MaxValue, 0x2000, 0x1000));
        Assert.Equal(0x10001000UL, table->Find(0x10000000, ulong.MaxValue, 0x1000, 0x1000));
    }

    /// <summary>Every slot once, by ascending start.</summary>
    private static void AssertTheOrder(EarlyReservations* table)
    {
        HashSet<int> seen = [];
        ulong last = 0;
        for (int i = 0; i < table->Count; i++)
        {
            int slot = table->SlotByAddress(i);
            Assert.True(slot < table->Count && seen.Add(slot), $"slot {slot} at place {i} of {table->Count}");
            table->Get(slot, out ulong start, out _);
            Assert.True(start >= last, $"slot {slot} at place {i} starts at {start:x}, below {last:x}");
            last = start;
        }
    }

    private static ulong Lowest(List<Reservation> reservations, ulong low, ulong size, ulong align)
    {
        ulong address = (low + align - 1) / align * align;
        foreach (Reservation r in reservations.OrderBy(r => r.Start))
        {
            if (r.Start < address + size && r.End > address)
            {
                address = (r.End + align - 1) / align * align;
            }
        }

        return address;
    }

    private static void Run(Gen<Kind> kinds, Gen<ulong> sizes, int steps, int rounds)
    {
        Gen<(Kind, ulong, ulong, int)> step = Gen.Select(kinds, Gen.ULong[0, MemoryUnits], sizes, Gen.Int[0, 1000]);
        step.Array[1, steps].Fuzz(
            rounds,
            operations =>
            {
                using HostMachine machine = BootTestSupport.NewMachine();
                List<(ulong Start, ulong End)> ram = [(0x1000, 0xa000), (0x10000, 0x30000), (0x34000, 0x40000)];
                foreach ((ulong start, ulong end) in ram)
                {
                    machine.Memory->Map.Add(start, end - start, E820Type.Ram);
                }

                machine.Memory->EarlyRes.SetMappedEnd(0x40);
                EarlyResModel model = new(ram, 0x40000);
                for (int i = 0; i < operations.Length; i++)
                {
                    if (!Perform(machine, model, operations[i], $"n{i}"))
                    {
                        return;
                    }
                }
            });
    }

    /// <summary>Performs one operation on both; false when both panicked.</summary>
    private static bool Perform(HostMachine machine, EarlyResModel model, (Kind Kind, ulong Place, ulong Size, int Pick) step, string name)
    {
        ulong start = step.Place * Unit;
        ulong size = step.Size * Unit;
        ulong align = Unit << (step.Pick % 6);
        ulong? expectedAddress = null;
        ulong? address = null;
        EarlyReservations* table = &machine.Memory->EarlyRes;
        int first = model.Moved ? 1 : 0;
        Reservation? picked = model.List.Count > first ? model.List[first + (step.Pick % (model.List.Count - first))] : null;
        Action<EarlyResModel> onModel;
        Action onTable;
        switch (step.Kind)
        {
            case Kind.Reserve:
                onModel = m => m.Reserve(start, start + size, name);
                onTable = () => table->Reserve(start, start + size, name);
                break;
            case Kind.ReserveOk:
                onModel = m => m.ReserveOk(start, start + size, name);
                onTable = () => table->ReserveOverlapOk(start, start + size, name);
                break;
            case Kind.NoCheckAnywhere:
                onModel = m => m.ReserveNoCheck(start, start + size, name);
                onTable = () => table->ReserveNoCheck(start, start + size, name);
                break;
            case Kind.ReserveFound:
            case Kind.NoCheckFound:
            case Kind.Find:
                ulong end = step.Pick % 3 == 0 ? start + (4 * size) : ulong.MaxValue;
                onModel = m =>
                {
                    expectedAddress = m.Find(start, end, size, align);
                    if (expectedAddress != null && step.Kind == Kind.ReserveFound)
                    {
                        m.Reserve(expectedAddress.Value, expectedAddress.Value + size, name);
                    }
                    else if (expectedAddress != null && step.Kind == Kind.NoCheckFound)
                    {
                        m.ReserveNoCheck(expectedAddress.Value, expectedAddress.Value + size, name);
                    }
                };
                onTable = () =>
                {
                    ulong found = table->Find(start, end, size, align);
                    address = found == PhysicalAddress.None ? null : found;
                    if (address != null && step.Kind == Kind.ReserveFound)
                    {
                        table->Reserve(found, found + size, name);
                    }
                    else if (address != null && step.Kind == Kind.NoCheckFound)
                    {
                        table->ReserveNoCheck(found, found + size, name);
                    }
                };
                break;
            case Kind.Free when picked != null:
                onModel = m => m.Free(picked.Start, picked.End);
                onTable = () => table->Free(picked.Start, picked.End);
                break;
            case Kind.FindSize:
                (ulong Address, ulong Size)? expected = null;
                onModel = m =>
                {
                    expected = m.FindSize(start, align);
                    expectedAddress = expected?.Address;
                };
                onTable = () =>
                {
                    ulong found = EarlyResTraces.FindSize(ref *table, start, align, out ulong free);
                    address = found == PhysicalAddress.None ? null : found;
                    Assert.Equal(expected?.Size ?? 0, address == null ? 0 : free);
                };
                break;
            default:
                ulong from = picked == null || step.Pick % 2 == 0 ? start : picked.Start + Unit;
                onModel = m => m.FreePartial(from, from + (2 * size));
                onTable = () => table->FreePartial(from, from + (2 * size));
                break;
        }

        machine.Log.Clear();
        model.Log.Clear();
        string? expectedPanic = null;
        try
        {
            onModel(model);
        }
        catch (ModelPanic panic)
        {
            expectedPanic = panic.Message;
        }

        string? panicked = null;
        try
        {
            onTable();
        }
        catch (KernelPanicException panic)
        {
            panicked = panic.Message;
        }

        Assert.Equal(expectedPanic, panicked);
        Assert.Equal(model.Log, machine.Log);
        Assert.Equal(expectedAddress, address);
        if (panicked != null)
        {
            return false;
        }

        Assert.Equal(model.List, BootTestSupport.Reservations(table));
        Assert.Equal(model.Capacity, table->Capacity);
        Assert.Equal(model.Moved, table->TableMoved);
        return true;
    }
}
