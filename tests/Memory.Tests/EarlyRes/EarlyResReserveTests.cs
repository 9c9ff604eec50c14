using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.EarlyRes;

/// <summary>Making and giving back early reservations.</summary>
public sealed unsafe class EarlyResReserveTests
{
    private const string Ram = """
        add 0x1000 0x9e000 ram
        add 0x100000 0xf00000 ram
        mapped 0x1000

        """;

    [Fact]
    public void SlotsAreKeptInTheOrderOfTheirMaking()
    {
        // by address:  B  C  A      by number: A, B, C
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x300000 0x400000 A
            reserve 0x100000 0x200000 B
            reserve 0x200000 0x300000 C
            res
            - 0 0x300000 0x400000 0 A
            - 1 0x100000 0x200000 0 B
            - 2 0x200000 0x300000 0 C
            = 3 32
            """);
    }

    [Fact]
    public void EmptyAndReversedRangesAreIgnoredUnlessTheyAreOk()
    {
        // An empty ok range is entered as it is (2.6.34 looks at nothing there): it then stands in the way of what would cross it.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x200000 0x200000 a
            reserve 0x300000 0x200000 b
            reserve_nocheck 0x200000 0x200000 c
            res
            = 0 32
            reserve_ok 0x101000 0x101000 d
            res
            - 0 0x101000 0x101000 1 d
            = 1 32
            find 0x100000 0xffffffffffffffff 0x2000 0x1000
            = 0x101000
            find 0x100000 0xffffffffffffffff 0x1000 0x1000
            = 0x100000
            """);
    }

    [Fact]
    public void AnOkRangeThatEndsAtZeroReservesNothing()
    {
        // [0xfffffffffffff000, 2^64) cannot be said: its end would be 0. Expect it not to be entered (2.6.34 counts it and loses it).
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve_ok 0xfffffffffffff000 0x0 top
            reserve_ok 0x0 0x0 nothing
            res
            = 0 32
            """);
    }

    [Fact]
    public void TheHighestRangeEndsAt2To64Minus1()
    {
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0xfffffffffffff000 0xffffffffffffffff top
            res
            - 0 0xfffffffffffff000 0xffffffffffffffff 0 top
            = 1 32
            find 0xffffffffffff0000 0xffffffffffffffff 0x1 0x1
            = none
            reserve 0xfffffffffffffffe 0xffffffffffffffff more
            ! panic: Overlapping early reservations fffffffffffffffe-fffffffffffffffe more to fffffffffffff000-fffffffffffffffe top
            """);
    }

    [Fact]
    public void Regression06_OverlappingBiosAndMpTableReservationsDoNotPanic()
    {
        //             0x9fc00                          0xf5b00 0xf5b10           1 MiB
        // BIOS area   [................................................................] MP pointer                                   [
        // ] Expect the BIOS area in two parts around the pointer, both at the end of the table before it, and no panic.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve_ok 0x9fc00 0x100000 BIOS reserved
            reserve_ok 0xf5b00 0xf5b10 MP-table mpf
            res
            - 0 0x9fc00 0xf5b00 1 BIOS reserved
            - 1 0xf5b10 0x100000 1 BIOS reserved
            - 2 0xf5b00 0xf5b10 1 MP-table mpf
            = 3 32
            """);
    }

    [Fact]
    public void Regression10_ARangeThatBridgesTwoOkRangesTakesTheMiddleOfBoth()
    {
        // A [1M     2M)       B [3M     4M)
        //     C   [1.5M              3.5M)
        // Expect A's lower half, B's upper half, then C.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve_ok 0x100000 0x200000 A
            reserve_ok 0x300000 0x400000 B
            reserve 0x180000 0x380000 C
            res
            - 0 0x100000 0x180000 1 A
            - 1 0x380000 0x400000 1 B
            - 2 0x180000 0x380000 0 C
            = 3 32
            """);
    }

    [Fact]
    public void TheFirstFirmOverlapInTableOrderIsNamedInThePanic()
    {
        // by address: [late][early]; the new one overlaps both. Expect the one made first to be named.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x200000 0x300000 early
            reserve 0x100000 0x200000 late
            reserve 0x180000 0x280000 new
            ! panic: Overlapping early reservations 180000-27ffff new to 200000-2fffff early
            """);
    }

    [Fact]
    public void ALeftoverOfAnOkRangeThatMeetsAnUncheckedOnePanics()
    {
        // ok    [1M                 4M) none  [1M  2M) without check new             [3M 4M) The leftover [1M 3M) overlaps the unchecked
        // one. Expect the panic of 2.6.34, which checks leftovers too.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve_ok 0x100000 0x400000 ok
            reserve_nocheck 0x100000 0x200000 unchecked
            reserve 0x300000 0x400000 new
            ! panic: Overlapping early reservations 100000-2fffff ok to 100000-1fffff unchecked
            """);
    }

    [Fact]
    public void Quirk2_AReservationWithoutNameShowsTheOneItsSlotHadBeforeAsInLinux()
    {
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x100000 0x101000 first
            reserve 0x102000 0x103000 second
            free 0x100000 0x101000
            reserve 0x104000 0x105000 -
            res
            - 0 0x102000 0x103000 0 second
            - 1 0x104000 0x105000 0 second
            = 2 32
            """);
    }

    [Fact]
    public void FreeMustNameExactlyOneReservation()
    {
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x100000 0x200000 A
            reserve 0x200000 0x300000 B
            free 0x100000 0x200000
            res
            - 0 0x200000 0x300000 0 B
            = 1 32
            free 0x200000 0x280000
            ! panic: free_early on not reserved area: 200000-27ffff!
            """);
    }

    [Theory]
    [InlineData("0x0 0x0", "0-ffffffffffffffff")]
    [InlineData("0x300000 0x400000", "300000-3fffff")]
    [InlineData("0x100000 0x300000", "100000-2fffff")]
    [InlineData("0x200000 0x200000", "200000-1fffff")]
    public void FreeOfAnythingElsePanics(string range, string shown)
    {
        TraceFiles.AssertTrace("earlyres", Ram + $"""
            reserve 0x100000 0x200000 A
            reserve 0x200000 0x300000 B
            free {range}
            ! panic: free_early on not reserved area: {shown}!
            """);
    }

    [Fact]
    public void FreePartialTrimsInPlaceAndAppendsTheTailOfAMiddleCut()
    {
        // A [1M                         2M)
        //   cut: head [1M 1.125M), tail [1.875M 2M), middle [1.375M 1.5M)
        // Expect the head in A's slot, the tail behind, not ok even though A was.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve_ok 0x100000 0x200000 A
            reserve 0x300000 0x400000 B
            free_partial 0x100000 0x120000
            free_partial 0x1e0000 0x200000
            free_partial 0x160000 0x180000
            res
            - 0 0x120000 0x160000 1 A
            - 1 0x300000 0x400000 0 B
            - 2 0x180000 0x1e0000 0 A
            = 3 32
            free_partial 0x300000 0x400000
            res
            - 0 0x120000 0x160000 1 A
            - 1 0x180000 0x1e0000 0 A
            = 2 32
            """);
    }

    [Fact]
    public void Quirk1_FreePartialOverTwoReservationsAndBeyondReturns()
    {
        // A [2M 3M) B [3M 4M)   hole   C [5M 6M)
        //      [2.5M ............................ 7M)
        // Expect A's lower half only. 2.6.34 never returns from this.
        TraceFiles.AssertTrace("earlyres", Ram + """
            reserve 0x200000 0x300000 A
            reserve 0x300000 0x400000 B
            reserve 0x500000 0x600000 C
            free_partial 0x280000 0x700000
            res
            - 0 0x200000 0x280000 0 A
            = 1 32
            free_partial 0x700000 0x800000
            res
            - 0 0x200000 0x280000 0 A
            = 1 32
            """);
    }

    [Theory]
    [InlineData(0x200000UL, 0x200000UL)]
    [InlineData(0x250000UL, 0x250000UL)]
    [InlineData(0x300000UL, 0x200000UL)]
    [InlineData(0UL, 0UL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    public void Regression07_AZeroSizedFreeReturnsAndChangesNothing(ulong start, ulong end)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->EarlyRes.Reserve(0x200000, 0x300000, "A");
        machine.Memory->EarlyRes.FreePartial(start, end);
        Assert.Equal(
            new Reservation(0x200000, 0x300000, false, "A"),
            Assert.Single(BootTestSupport.Reservations(&machine.Memory->EarlyRes)));
    }

    [Fact]
    public void NamesKeepFourteenBytesWhicheverWayTheyAreGiven()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Reserve(0x1000, 0x2000, "EXACTLY 14 BYT");
        table->ReserveOverlapOk(0x2000, 0x3000, "FIFTEEN BYTES !");
        fixed (byte* name = "SIXTEEN BYTES !!\0"u8)
        {
            table->ReserveNoCheck(0x3000, 0x4000, name);
        }

        table->Reserve(0x4000, 0x5000, "");
        Assert.Equal(
            [
                new(0x1000, 0x2000, false, "EXACTLY 14 BYT"),
                new(0x2000, 0x3000, true, "FIFTEEN BYTES "),
                new(0x3000, 0x4000, false, "SIXTEEN BYTES "),
                new(0x4000, 0x5000, false, ""),
            ],
            BootTestSupport.Reservations(table));
    }

    [Fact]
    public void AClosedTableHasNothing()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        EarlyReservations* table = &machine.Memory->EarlyRes;
        table->Reserve(0x1000, 0x2000, "A");
        table->Close();
        Assert.Equal((0, 0, false), (table->Count, table->Capacity, table->TableMoved));
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => table->Free(0x1000, 0x2000));
        Assert.Equal("free_early on not reserved area: 1000-1fff!", panic.Message);
        panic = Assert.Throws<KernelPanicException>(() => table->ReserveNoCheck(0x1000, 0x2000, "A"));
        Assert.Equal("BUG: early_res: reservation of [1000, 2000) after the table was closed", panic.Message);
        panic = Assert.Throws<KernelPanicException>(() => table->ReserveOverlapOk(0x1000, 0x2000, "A"));
        Assert.Equal("Too many early reservations", panic.Message);
    }
}
