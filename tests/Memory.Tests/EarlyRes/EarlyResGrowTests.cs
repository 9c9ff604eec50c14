using System;
using System.Linq;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.EarlyRes;

/// <summary>The table running short, and moving.</summary>
public sealed unsafe class EarlyResGrowTests
{
    private const ulong Base = 0x10000000;

    [Theory]
    [InlineData(32, 28, 64)]
    [InlineData(64, 56, 128)]
    [InlineData(128, 112, 256)]
    [InlineData(256, 224, 512)]
    public void ATableOfNSlotsDoublesWhenAnEighthIsLeft(int capacity, int count, int doubled)
    {
        // Expect no move while more than an eighth of the slots is free, and one at the very next reservation.
        using HostMachine machine = Filled(count);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        Assert.Equal((capacity, count), (table->Capacity, table->Count));
        machine.Log.Clear();
        table->Reserve(Base - 0x2000, Base - 0x1000, "next");
        Assert.Equal(doubled, table->Capacity);
        Assert.StartsWith($"early_res array is doubled to {doubled} at [", Assert.Single(machine.Log));
    }

    [Fact]
    public void Regression09_TheMovedTableIsNeverHandedOut()
    {
        // After several moves: expect reservation 0 to be the table, 32 bytes a slot, the old places free again, and no
        // address from find inside it.
        using HostMachine machine = Filled(300);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        Assert.True(table->TableMoved);
        table->Get(0, out ulong start, out ulong end);
        Assert.Equal((ulong)table->Capacity * 32, end - start);
        for (ulong low = start - 0x1000; low < end; low += 0x20)
        {
            ulong found = table->Find(low, ulong.MaxValue, 0x20, 0x20);
            Assert.True(found < start || found >= end);
        }

        Assert.Single(BootTestSupport.Reservations(table), r => r.Name.Length == 0);
    }

    [Fact]
    public void Regression09_TheMovedTableCannotBeFreedWhileItIsInUse()
    {
        // 2.6.34 lets the table's own reservation go and keeps writing there. Expect the panic of a range that is nobody's,
        // and free_partial to pass over it.
        using HostMachine machine = Filled(40);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Get(0, out ulong start, out ulong end);
        int count = table->Count;
        table->FreePartial(start, end);
        Assert.Equal(count, table->Count);
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => table->Free(start, end));
        Assert.Equal($"free_early on not reserved area: {start:x}-{end - 1:x}!", panic.Message);
    }

    [Fact]
    public void TheOldPlaceIsZeroedAndFreeAgain()
    {
        // Fill until the table has moved twice; its first place lies below its second.
        using HostMachine machine = Filled(40);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Get(0, out ulong start, out ulong end);
        Assert.Equal(64, table->Capacity);
        for (ulong i = 0; i < 30; i++)
        {
            table->Reserve(Base + 0x1000000 + (i * 0x2000), Base + 0x1001000 + (i * 0x2000), "more");
        }

        table->Get(0, out ulong movedStart, out _);
        Assert.Equal(128, table->Capacity);
        Assert.True(movedStart >= end);
        Assert.Equal(start, table->Find(start, ulong.MaxValue, end - start, 0x20));
        Assert.True(new Span<byte>(machine.Memory->Physical.At(start), (int)(end - start)).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void TheTableGoesBelowTheNewReservationOrElseBetweenItAndTheEndOfMappedMemory()
    {
        // RAM [1M 2M) only, the first MiB of it full up to the 28th reservation.
        // New one at 1M + 28K: below is no room, so expect the table right above it.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x100000, 0x100000, E820Type.Ram);
        table->SetMappedEnd(0x200);
        for (ulong i = 0; i < 28; i++)
        {
            table->Reserve(0x100000 + (i * 0x400), 0x100400 + (i * 0x400), "R");
        }

        table->Reserve(0x107000, 0x107400, "next");
        Assert.Equal("early_res array is doubled to 64 at [107400 - 107bff]", Assert.Single(machine.Log));
    }

    [Theory]
    [InlineData(0x1000UL, "can not find more space for early_res array")]
    [InlineData(0x1001UL, null)]
    public void TheRoomMustBeMoreThanTheTable(ulong roomBelow, string? expected)
    {
        // RAM from 0, nothing mapped; the table of 64 slots needs 0x800. The test is a strict "less than" on the span below the new
        // range, so a span of exactly 0x800 is refused: the span here is roomBelow - 0x800 past the 28 reservations' own RAM.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0, 0x1000000, E820Type.Ram);
        for (ulong i = 0; i < 28; i++)
        {
            table->Reserve(0x800000 + (i * 0x400), 0x800400 + (i * 0x400), "R");
        }

        ulong start = roomBelow - 0x800;
        if (expected == null)
        {
            table->Reserve(start, start + 1, "next");
            Assert.Equal("early_res array is doubled to 64 at [0 - 7ff]", Assert.Single(machine.Log));
        }
        else
        {
            KernelPanicException panic = Assert.Throws<KernelPanicException>(() => table->Reserve(start, start + 1, "next"));
            Assert.Equal(expected, panic.Message);
        }
    }

    [Fact]
    public void MappedMemoryEndsTheSecondSearch()
    {
        // The new range is the lowest RAM there is; above it lies room, but only 0x800 bytes of it are mapped. Expect the panic.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x1000, 0x1000000, E820Type.Ram);
        for (ulong i = 0; i < 28; i++)
        {
            table->Reserve(0x800000 + (i * 0x400), 0x800400 + (i * 0x400), "R");
        }

        table->SetMappedEnd(2);
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => table->Reserve(0x1000, 0x1800, "next"));
        Assert.Equal("can not find more space for early_res array", panic.Message);
    }

    [Fact]
    public void AFullTableThatMayNotGrowPanics()
    {
        // Ok reservations do not grow the table: expect 32 to fit and the 33rd to panic.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        for (ulong i = 0; i < 32; i++)
        {
            table->ReserveOverlapOk(i * 0x2000, (i * 0x2000) + 0x1000, "ok");
        }

        Assert.Equal(32, table->Count);
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => table->ReserveOverlapOk(0x1000000, 0x1001000, "ok"));
        Assert.Equal("Too many early reservations", panic.Message);
    }

    [Fact]
    public void TheTailOfAMiddleCutMayMoveTheTable()
    {
        // 28 reservations, the last cut in the middle: its tail is the 29th. Expect the table to move first.
        using HostMachine machine = Filled(28);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Log.Clear();
        table->FreePartial(Base + (27 * 0x2000) + 0x400, Base + (27 * 0x2000) + 0x800);
        Assert.Single(machine.Log);
        Assert.Equal((30, 64), (table->Count, table->Capacity));
        Reservation tail = BootTestSupport.Reservations(table).Last();
        Assert.Equal(new Reservation(Base + (27 * 0x2000) + 0x800, Base + (27 * 0x2000) + 0x1000, false, "R27"), tail);
    }

    [Fact]
    public void NamesOfUnusedSlotsMoveWithTheTable()
    {
        // 29 made, the last given back: its slot keeps the name "R28". The table moves at the next one, which has no name.
        using HostMachine machine = Filled(28);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->ReserveOverlapOk(0x1000, 0x2000, "R28");
        table->Free(0x1000, 0x2000);
        table->Reserve(0x1000, 0x2000, (byte*)null);
        Assert.Equal(64, table->Capacity);
        Assert.Equal("R28", BootTestSupport.Reservations(table).Last().Name);
    }

    [Fact]
    public void ATableOf4096SlotsThatOkReservationsFilledMoves()
    {
        // 4,096 slots are 256 blocks of 16, the most there are. Ok reservations fill the last slot; then one that grows the table
        // comes, and the table's own reservation is the highest of all. Expect nothing lost, and room found as before.
        using HostMachine machine = Filled(0x700);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Table.Clear();
        machine.Memory->Map.Add(0x30000000, 0x1000000, E820Type.Ram);
        for (ulong i = 0; table->Capacity < 4096; i++)
        {
            table->Reserve(0x18000000 + (i * 0x2000), 0x18001000 + (i * 0x2000), "R");
        }

        for (ulong i = 0; table->Count < 4096; i++)
        {
            table->ReserveOverlapOk(0x28000000 + (i * 0x2000), 0x28001000 + (i * 0x2000), "ok");
        }

        table->Get(0, out ulong firstTable, out _);
        table->Reserve(0x2fff0000, 0x2fff1000, "last");
        table->Get(0, out ulong start, out ulong end);
        Assert.Equal((4097, 8192), (table->Count, table->Capacity));
        Assert.Equal(firstTable + (4096 * 32), start);
        Assert.Equal(0x30000000UL, table->Find(0, ulong.MaxValue, start - 0x30000000, 1));
        Assert.Equal(end, table->Find(0, ulong.MaxValue, start - 0x30000000 + 1, 1));
    }

    [Fact]
    public void TheTableStopsAt32768Slots()
    {
        // Room for any table. Expect the panic instead of a slot number that 15 bits cannot hold.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x1000000, 0x40000000, E820Type.Ram);
        table->SetMappedEnd(0x41000);
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() =>
        {
            for (ulong i = 0; i < 40000; i++)
            {
                table->ReserveNoCheck(0x30000000 + (i * 0x100), 0x30000080 + (i * 0x100), "R");
            }
        });
        Assert.Equal("can not find more space for early_res array", panic.Message);
        Assert.Equal(
            (EarlyReservations.MaxCapacity, EarlyReservations.MaxCapacity - (EarlyReservations.MaxCapacity / 8)),
            (table->Capacity, table->Count));
    }

    /// <summary>
    /// A machine with RAM [1 MiB, 1 GiB), all mapped, and reservations R0, R1, ... of a page, a page apart, until Count is reached.
    /// </summary>
    private static HostMachine Filled(int count)
    {
        HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0x100000, 0x3ff00000, E820Type.Ram);
        machine.Memory->EarlyRes.SetMappedEnd(0x40000);
        for (int i = 0; machine.Memory->EarlyRes.Count < count; i++)
        {
            machine.Memory->EarlyRes.Reserve(Base + ((ulong)i * 0x2000), Base + ((ulong)i * 0x2000) + 0x1000, $"R{i}");
        }

        return machine;
    }
}
