using System;
using System.Buffers.Binary;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Firmware;

/// <summary>The BIOS area below 1 MiB, and the multiprocessor tables.</summary>
public sealed unsafe class BiosTablesTests
{
    [Theory]
    [InlineData(639, 0x9fc0, 0x9fc00)] // the usual PC: EBDA in the last KiB
    [InlineData(640, 0x9800, 0x98000)] // memory not lowered for the EBDA below: the EBDA counts
    [InlineData(640, 0x9000, 0x90000)] // exactly 64 KiB above the EBDA: still its own
    [InlineData(640, 0x8fff, 0xa0000)] // more than 64 KiB: the two do not belong together
    [InlineData(600, 0x9fc0, 0x96000)] // EBDA above the end of memory: the lower counts
    [InlineData(640, 0, 0x9f000)] // no EBDA
    [InlineData(636, 0, 0x9f000)]
    [InlineData(635, 0, 0x9ec00)]
    [InlineData(0, 0, 0x9f000)] // nothing written at all
    [InlineData(64, 0, 0x9f000)] // no EBDA within 64 KiB of 0 either
    [InlineData(65, 0, 0x10400)]
    [InlineData(1024, 0x9fc0, 0x9f000)] // nonsense
    [InlineData(65535, 0, 0x9f000)]
    [InlineData(0, 0x9fc0, 0x9f000)]
    public void TheBiosAreaStartsWhereTheTwoWordsSayOrAFallbackDoes(int lowMemoryKib, int ebdaSegment, int expected)
    {
        using HostMachine machine = Machine((ushort)lowMemoryKib, (ushort)ebdaSegment);
        Assert.Equal((ulong)expected, BiosArea.Start(machine.Memory->Physical));
        machine.Memory->EarlyRes.ReserveOverlapOk(BiosArea.Start(machine.Memory->Physical), BiosArea.End, BiosArea.Name);
        Assert.Equal(
            new Reservation((ulong)expected, 0x100000, true, "BIOS reserved"),
            Assert.Single(BootTestSupport.Reservations(&machine.Memory->EarlyRes)));
    }

    [Theory]
    [InlineData(0x9fc00)] // first KiB of the EBDA
    [InlineData(0x9fff0)] // its last 16 bytes
    [InlineData(0x9f800)] // last KiB below the 639 KiB that the BIOS names
    [InlineData(0xf0000)] // ROM
    [InlineData(0xffff0)]
    public void TheFloatingPointerIsFoundWhereItMayBe(int address)
    {
        using HostMachine machine = Machine(639, 0x9fc0);
        WritePointer(machine, (ulong)address, 0);
        MpTable table = default;
        Assert.True(table.Find(machine.Memory->Physical));
        Assert.Equal(((ulong)address, 0UL), (table.Pointer, table.Configuration));
    }

    [Theory]
    [InlineData(0xa0000)]
    [InlineData(0xeffff)]
    [InlineData(0xf0008)] // not on 16 bytes
    [InlineData(0x80000)]
    public void TheFloatingPointerIsNotFoundElsewhere(int address)
    {
        using HostMachine machine = Machine(639, 0x9fc0);
        WritePointer(machine, (ulong)address, 0);
        Assert.False(ReserveMpTable(&machine.Memory->EarlyRes, machine.Memory->Physical));
        Assert.Equal(0, machine.Memory->EarlyRes.Count);
    }

    [Theory]
    [InlineData(0, 'x')] // signature
    [InlineData(8, 2)] // length
    [InlineData(9, 2)] // revision
    [InlineData(12, 1)] // checksum
    public void ADamagedFloatingPointerIsNone(int offset, int value)
    {
        using HostMachine machine = Machine(639, 0x9fc0);
        WritePointer(machine, 0xf5b00, 0);
        machine.Memory->Physical.At(0xf5b00)[offset] = (byte)value;
        if (offset is 8 or 9)
        {
            FixSum(new Span<byte>(machine.Memory->Physical.At(0xf5b00), 16), 10);
        }

        MpTable table = default;
        Assert.False(table.Find(machine.Memory->Physical));
    }

    [Fact]
    public void PointerAndTableAreReservedInsideTheBiosArea()
    {
        //   0x9fc00                    0xf5b00 10           0xf9450 0xf9580       1 MiB
        //   [BIOS reserved ............[mpf]................[mpc    ].............]
        using HostMachine machine = Machine(639, 0x9fc0);
        WritePointer(machine, 0xf5b00, 0xf9450);
        WriteConfiguration(machine, 0xf9450, 0x130);
        EarlyReservations* reservations = &machine.Memory->EarlyRes;
        reservations->ReserveOverlapOk(BiosArea.Start(machine.Memory->Physical), BiosArea.End, BiosArea.Name);
        Assert.True(ReserveMpTable(reservations, machine.Memory->Physical));
        Assert.Equal(
            [
                new(0x9fc00, 0xf5b00, true, "BIOS reserved"),
                new(0xf5b00, 0xf5b10, true, "MP-table mpf"),
                new(0xf5b10, 0xf9450, true, "BIOS reserved"),
                new(0xf9580, 0x100000, true, "BIOS reserved"),
                new(0xf9450, 0xf9580, true, "MP-table mpc"),
            ],
            BootTestSupport.Reservations(reservations));
    }

    [Theory]
    [InlineData(0, 'x')] // signature
    [InlineData(4, 43)] // shorter than its own header
    [InlineData(20, 1)] // checksum
    public void ADamagedTableIsNotReserved(int offset, int value)
    {
        using HostMachine machine = Machine(639, 0x9fc0);
        WritePointer(machine, 0xf5b00, 0xf9450);
        WriteConfiguration(machine, 0xf9450, 44);
        machine.Memory->Physical.At(0xf9450)[offset] = (byte)value;
        MpTable table = default;
        Assert.True(table.Find(machine.Memory->Physical));
        Assert.Equal((0xf5b00UL, 0UL, 0UL), (table.Pointer, table.Configuration, table.ConfigurationBytes));
    }

    private static HostMachine Machine(ushort lowMemoryKib, ushort ebdaSegment)
    {
        HostMachine machine = BootTestSupport.NewMachine();
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(machine.Memory->Physical.At(0x413), 2), lowMemoryKib);
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(machine.Memory->Physical.At(0x40e), 2), ebdaSegment);
        return machine;
    }

    private static void WritePointer(HostMachine machine, ulong address, uint configuration)
    {
        Span<byte> p = new(machine.Memory->Physical.At(address), 16);
        "_MP_"u8.CopyTo(p);
        BinaryPrimitives.WriteUInt32LittleEndian(p[4..], configuration);
        p[8] = 1;
        p[9] = 4;
        FixSum(p, 10);
    }

    private static void WriteConfiguration(HostMachine machine, ulong address, ushort length)
    {
        Span<byte> p = new(machine.Memory->Physical.At(address), length);
        "PCMP"u8.CopyTo(p);
        BinaryPrimitives.WriteUInt16LittleEndian(p[4..], length);
        p[6] = 4;
        "OEM00000PROD00000000"u8.CopyTo(p[8..]);
        FixSum(p, 7);
    }

    private static void FixSum(Span<byte> bytes, int at)
    {
        bytes[at] = 0;
        byte sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }

        bytes[at] = (byte)-sum;
    }

    private static bool ReserveMpTable(EarlyReservations* reservations, PhysicalMemory physical)
    {
        MpTable table = default;
        if (!table.Find(physical))
        {
            return false;
        }

        reservations->ReserveOverlapOk(table.Pointer, table.Pointer + MpTable.PointerBytes, MpTable.PointerName);
        if (table.Configuration != 0)
        {
            reservations->ReserveOverlapOk(table.Configuration, table.Configuration + table.ConfigurationBytes, MpTable.ConfigurationName);
        }

        return true;
    }
}
