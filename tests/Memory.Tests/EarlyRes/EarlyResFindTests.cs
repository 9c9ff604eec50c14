using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.EarlyRes;

/// <summary>Finding room, and pieces of room.</summary>
public sealed unsafe class EarlyResFindTests
{
    [Fact]
    public void TheFirstMapEntryWithRoomWinsNotTheLowestAddress()
    {
        // map order: [16M 17M) then [1M 2M). Expect room in the first named, and the second only for what does not fit there.
        TraceFiles.AssertTrace("earlyres", """
            add 0x1000000 0x100000 ram
            add 0x100000 0x200000 ram
            find 0x0 0xffffffffffffffff 0x1000 0x1000
            = 0x1000000
            find 0x0 0xffffffffffffffff 0x100001 0x1000
            = 0x100000
            """);
    }

    [Fact]
    public void OnlyRamIsFound()
    {
        TraceFiles.AssertTrace("earlyres", """
            add 0x1000 0x1000 acpi
            add 0x2000 0x1000 kern
            add 0x3000 0x1000 nvs
            find 0x0 0xffffffffffffffff 0x1 0x1
            = none
            add 0x4000 0x1000 ram
            find 0x0 0xffffffffffffffff 0x1000 0x1
            = 0x4000
            """);
    }

    [Theory]
    [InlineData(0UL, ulong.MaxValue, 0xf00001UL, 1UL, null)]
    [InlineData(0UL, ulong.MaxValue, 0xf00000UL, 1UL, 0x100000UL)]
    [InlineData(0x100001UL, ulong.MaxValue, 0xf00000UL, 1UL, null)]
    [InlineData(0UL, 0xffffffUL, 0xf00000UL, 1UL, null)]
    [InlineData(0UL, 0x1000000UL, 0xf00000UL, 0x100000UL, 0x100000UL)]
    [InlineData(0UL, ulong.MaxValue, ulong.MaxValue, 1UL, null)]
    [InlineData(0UL, ulong.MaxValue, 0xfffffffffff01000UL, 0x1000UL, null)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, 1UL, 0x1000UL, null)]
    [InlineData(0UL, ulong.MaxValue, 1UL, 1UL << 63, null)]
    [InlineData(0xffffffUL, ulong.MaxValue, 1UL, 1UL, 0xffffffUL)]
    [InlineData(0x1000000UL, ulong.MaxValue, 0UL, 1UL, null)]
    [InlineData(0x200000UL, 0x100000UL, 1UL, 1UL, null)]
    public void Limits(ulong start, ulong end, ulong size, ulong align, ulong? expected)
    {
        // RAM [1M 16M), nothing reserved. Sizes and addresses that would pass 2^64 are no place at all (2.6.34 wraps).
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0x100000, 0xf00000, E820Type.Ram);
        Assert.Equal(expected ?? PhysicalAddress.None, machine.Memory->EarlyRes.Find(start, end, size, align));
    }

    [Fact]
    public void RamUpTo2To64Minus1()
    {
        // RAM is the last MiB less one byte, its upper half reserved. Expect the search to stop there and not to wrap to 0.
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0xfffffffffff00000, 0xfffff, E820Type.Ram);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Reserve(0xfffffffffff80000, ulong.MaxValue, "top");
        Assert.Equal(0xfffffffffff00000, table->Find(0, ulong.MaxValue, 0x80000, 0x80000));
        Assert.Equal(PhysicalAddress.None, table->Find(0, ulong.MaxValue, 0x80001, 1));
        Assert.Equal(PhysicalAddress.None, table->Find(0xfffffffffff80000, ulong.MaxValue, 1, 0x100000));
    }

    [Fact]
    public void AlignmentCountsFromZeroAndGapsMustFitAligned()
    {
        // RAM [0x1000 ...   [1800 2000) [2800 3000) reserved; 0x800 gaps
        // Expect an aligned page only above, an unaligned half page at once.
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0x1000, 0x100000, E820Type.Ram);
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Reserve(0x1800, 0x2000, "A");
        table->Reserve(0x2800, 0x3000, "B");
        Assert.Equal(0x1000UL, table->Find(0, ulong.MaxValue, 0x800, 0x400));
        Assert.Equal(0x2000UL, table->Find(0x1001, ulong.MaxValue, 0x800, 0x1000));
        Assert.Equal(0x3000UL, table->Find(0, ulong.MaxValue, 0x801, 0x40));
        Assert.Equal(0x4000UL, table->Find(0x1801, ulong.MaxValue, 0x10, 0x4000));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(3UL)]
    [InlineData(0xfffUL)]
    public void AnAlignmentThatIsNoPowerOfTwoIsABug(ulong align)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0x1000, 0x100000, E820Type.Ram);
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => machine.Memory->EarlyRes.Find(0, ulong.MaxValue, 1, align));
        Assert.Equal($"BUG: early_res: alignment {align:x} is no power of two", panic.Message);
    }

    [Fact]
    public void FindInRangeAsksNoMap()
    {
        // Empty map; a candidate range of the caller's own, with a reservation at its start.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Reserve(0x100000, 0x100100, "A");
        Assert.Equal(0x100100UL, table->FindInRange(0x100000, 0x200000, 0, ulong.MaxValue, 0x40, 0x40));
        Assert.Equal(PhysicalAddress.None, table->FindInRange(0x100000, 0x200000, 0, 0x100100, 0x40, 0x40));
    }

    [Fact]
    public void AGapThatOpensInAFullStretchIsFoundAgain()
    {
        // 200 pages reserved without a gap, searched in vain once (so that the bounds are true), then one page given back.
        // Expect the page, wherever it lies.
        for (ulong hole = 0; hole < 200; hole += 13)
        {
            using HostMachine machine = BootTestSupport.NewMachine();
            EarlyReservations* table = &machine.Memory->EarlyRes;
            machine.Memory->Map.Add(0x100000, 0x10000000, E820Type.Ram);
            table->SetMappedEnd(0x10000);
            for (ulong i = 0; i < 200; i++)
            {
                table->Reserve(0x200000 + (i * 0x1000), 0x201000 + (i * 0x1000), "R");
            }

            Assert.Equal(0x2c8000UL, table->Find(0x200000, ulong.MaxValue, 0x1000, 0x1000));
            table->Free(0x200000 + (hole * 0x1000), 0x201000 + (hole * 0x1000));
            Assert.Equal(0x200000 + (hole * 0x1000), table->Find(0x200000, ulong.MaxValue, 0x1000, 0x1000));
            table->Reserve(0x200000 + (hole * 0x1000), 0x200800 + (hole * 0x1000), "R");
            Assert.Equal(0x2c8000UL, table->Find(0x200000, ulong.MaxValue, 0x1000, 0x1000));
            Assert.Equal(0x200800 + (hole * 0x1000), table->Find(0x200000, ulong.MaxValue, 0x800, 0x800));
        }
    }

    [Fact]
    public void AGapThatMovesIntoAnotherBlockIsStillFound()
    {
        // 48 reservations in a row, with one gap of a page before the 33rd (two blocks of 16 are below it). The 21st goes, so
        // the gap's place moves into the block below, of which a search has just learnt that it has no gap.
        // Expect the gap to be found before and after, and also when a new one below pushes it back.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x100000, 0x10000000, E820Type.Ram);
        table->SetMappedEnd(0x10000);
        for (ulong i = 0; i < 48; i++)
        {
            ulong start = 0x800000 + (i * 0x100) + (i < 32 ? 0UL : 0x1000);
            table->ReserveNoCheck(start, start + 0x100, "R");
        }

        table->Get(0, out ulong tableStart, out _);
        Assert.Equal(0x100000UL, tableStart);
        table->Free(0x800000, 0x800100);
        table->Reserve(0x200000, 0x200100, "in its place");
        Assert.Equal(0x802000UL, table->Find(0x800100, ulong.MaxValue, 0x1000, 0x100));
        table->Free(0x801400, 0x801500);
        Assert.Equal(0x802000UL, table->Find(0x800100, ulong.MaxValue, 0x1000, 0x100));
        table->Free(0x801500, 0x801600);
        Assert.Equal(0x802000UL, table->Find(0x800100, ulong.MaxValue, 0x1000, 0x100));
        for (ulong i = 0; i < 4; i++)
        {
            table->Reserve(0x300000 + (i * 0x1000), 0x300100 + (i * 0x1000), "below");
            Assert.Equal(0x802000UL, table->Find(0x800100, ulong.MaxValue, 0x1000, 0x100));
        }
    }

    [Theory]
    [InlineData(0x1000UL, 0x9000UL, 0x3000UL, 0x4000UL)]
    [InlineData(0x3000UL, 0x4000UL, 0x1000UL, 0x9000UL)]
    [InlineData(0x1000UL, 0x9000UL, 0x1000UL, 0x2000UL)]
    [InlineData(0x8000UL, 0x9000UL, 0x1000UL, 0x9000UL)]
    public void AReservationInsideAnotherDoesNotHideIt(ulong firstStart, ulong firstEnd, ulong secondStart, ulong secondEnd)
    {
        // [1000                      9000)   one inside the other, made without check, in either order
        //           [3000 4000)
        // Expect everything below 0x9000 to be taken.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x1000, 0x100000, E820Type.Ram);
        table->ReserveNoCheck(firstStart, firstEnd, "A");
        table->ReserveNoCheck(secondStart, secondEnd, "B");
        for (ulong low = 0; low < 0x9000; low += 0x800)
        {
            Assert.Equal(0x9000UL, table->Find(low, ulong.MaxValue, 0x800, 0x800));
        }
    }

    [Fact]
    public void AReversedOkRangeHidesNothing()
    {
        // An ok range [6000, 5000) is entered as it stands; what it blocks is what reaches from below 0x5000 to above 0x6000.
        //            A [5800 5c00)             B [5500 7000)
        // Expect A, and in the second table B, to be respected wherever the odd one stands in the order.
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        machine.Memory->Map.Add(0x1000, 0x100000, E820Type.Ram);
        table->Reserve(0x5800, 0x5c00, "A");
        table->ReserveOverlapOk(0x6000, 0x5000, "odd");
        Assert.Equal(0x5c00UL, table->Find(0x5400, ulong.MaxValue, 0x1000, 0x400));
        Assert.Equal(0x5c00UL, table->Find(0x4400, ulong.MaxValue, 0x2000, 0x400));

        table->Init(&machine.Memory->Log, machine.Memory->Physical, &machine.Memory->Map);
        table->Reserve(0x5500, 0x7000, "B");
        table->ReserveOverlapOk(0x6000, 0x5000, "odd");
        Assert.Equal(0x7000UL, table->Find(0x5000, ulong.MaxValue, 0x800, 0x400));
    }

    [Fact]
    public void FindSizeGivesTheFirstFreePieceUpToTheNextReservation()
    {
        // RAM [1M .............................. 16M)
        //     [A 1M 2M)   free    [B 4M 5M)  free
        TraceFiles.AssertTrace("earlyres", """
            add 0x100000 0xf00000 ram
            reserve 0x100000 0x200000 A
            reserve 0x400000 0x500000 B
            find_size 0x0 0x1000
            = 0x200000 0x200000
            find_size 0x380000 0x1000
            = 0x380000 0x80000
            find_size 0x400000 0x400000
            = 0x800000 0x800000
            find_size 0x1000000 0x1000
            = none
            """);
    }

    [Fact]
    public void Quirk3_FindSizePassesOverTheRestOfAnEntryBehindAPairTheLaterOfWhichLiesEarlierInTheTableAsInLinux()
    {
        // RAM [1M ........ 4M)  [16M 17M)
        //     [B ][A ]  free
        // A was made first: the piece is taken to end where A begins, before B is stepped over. Expect the other RAM entry;
        // with the table the other way round, the free piece.
        TraceFiles.AssertTrace("earlyres", """
            add 0x100000 0x300000 ram
            add 0x1000000 0x100000 ram
            reserve 0x180000 0x200000 A
            reserve 0x100000 0x180000 B
            find_size 0x0 0x1000
            = 0x1000000 0x100000
            """);
        TraceFiles.AssertTrace("earlyres", """
            add 0x100000 0x300000 ram
            add 0x1000000 0x100000 ram
            reserve 0x100000 0x180000 B
            reserve 0x180000 0x200000 A
            find_size 0x0 0x1000
            = 0x200000 0x200000
            """);
    }

    [Fact]
    public void ReserveInMapCarvesTheTopOfTheFirstPieceThatIsLargeEnough()
    {
        // RAM [1M 2M) with [A 1M 1.5M), and [16M 17M). 0xc0000 bytes fit only into the second. Expect its top, in both maps.
        TraceFiles.AssertTrace("earlyres", """
            bios 0x100000 0x100000 ram
            bios 0x1000000 0x100000 ram
            setup
            > BIOS-provided physical RAM map:
            >  BIOS-e820: 0000000000100000 - 0000000000200000 (usable)
            >  BIOS-e820: 0000000001000000 - 0000000001100000 (usable)
            reserve 0x100000 0x180000 A
            reserve_e820 0x0 0xc0000 0x1000
            > e820 update range: 0000000001040000 - 0000000001100000 (usable) ==> (reserved)
            > e820 update range: 0000000001040000 - 0000000001100000 (usable) ==> (reserved)
            > update e820 for early_reserve_e820
            > modified physical RAM map:
            >  modified: 0000000000100000 - 0000000000200000 (usable)
            >  modified: 0000000001000000 - 0000000001040000 (usable)
            >  modified: 0000000001040000 - 0000000001100000 (reserved)
            = 0x1040000
            reserve_e820 0x0 0x1000000 0x1000
            = 0x0
            """);
    }
}
