using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.NoBootmem;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.NoBootmem;

/// <summary>Boot allocations as early reservations: where they land, what a free must name, what is handed over.</summary>
public sealed unsafe class NoBootmemTests
{
    private const ulong None = PhysicalAddress.None;

    [Fact]
    public void AllocationsAreBytesInTheFirstActiveRangeWithRoom()
    {
        //  [1000      2000)      [100000          200000)
        //  [a][b]..c aligned
        using BootMachine machine = Machine((1, 2), (0x100, 0x200));
        Assert.Equal(0x1000u, machine.Direct->Allocate(0x10, 1, 0));
        Assert.Equal(0x1010u, machine.Direct->Allocate(0x10, 1, 0));
        Assert.Equal(0x1040u, machine.Direct->Allocate(0x10, 0x40, 0));
        Assert.Equal(0x100000u, machine.Direct->Allocate(0x1000, 1, 0));
        Assert.Equal(0x1020u, machine.Direct->Allocate(0x20, 1, 0));
        Assert.Equal(5u, machine.Direct->Allocations);
        Assert.Equal(5, machine.Reservations->Count);
    }

    [Fact]
    public void RangesAreSearchedInTheOrderOfTheirRegistration()
    {
        // The upper range is registered first. Expect it to be used first, until the list is sorted.
        using BootMachine machine = Machine((0x800, 0x1000), (1, 0x9f));
        Assert.Equal(0x800000u, machine.Direct->Allocate(8, 8, 0));
        machine.Memory->Active.Sort();
        Assert.Equal(0x1000u, machine.Direct->Allocate(8, 8, 0));
    }

    [Fact]
    public void AGoalAndALimitCountInBytes()
    {
        using BootMachine machine = Machine((0x100, 0x200));
        Assert.Equal(0x123457u, machine.Direct->AllocateOnce(9, 1, 0x123457, 0x123460));
        Assert.Equal(None, machine.Direct->AllocateOnce(9, 1, 0x123457, 0x123467));
        Assert.Equal(0x123460u, machine.Direct->AllocateOnce(9, 1, 0x123457, 0x123469));
        Assert.Equal(None, machine.Direct->AllocateOnce(1, 1, 0x200000, NoBootmemAllocator.NoLimit));
        Assert.Equal(None, machine.Direct->AllocateOnce(0x100001, 1, 0, NoBootmemAllocator.NoLimit));
        Assert.Equal(None, machine.Direct->AllocateOnce(ulong.MaxValue, 1, 0, NoBootmemAllocator.NoLimit));
        Assert.Equal(None, machine.Direct->AllocateOnce(1, 1UL << 63, 0, NoBootmemAllocator.NoLimit));
    }

    [Fact]
    public void MemoryHandedOutIsZero()
    {
        using BootMachine machine = Machine((1, 2));
        machine.Memory->Physical.At(0x100f)[0] = 7;
        machine.Memory->Physical.At(0x1010)[0] = 9;
        Assert.Equal(0x1000u, machine.Direct->Allocate(16, 1, 0));
        Assert.Equal(0, machine.Memory->Physical.At(0x100f)[0]);
        Assert.Equal(9, machine.Memory->Physical.At(0x1010)[0]);
    }

    [Fact]
    public void NothingIsReservedForASizeOfZero()
    {
        using BootMachine machine = Machine((1, 2));
        Assert.Equal(0x1000u, machine.Direct->Allocate(0, 1, 0));
        Assert.Equal(0, machine.Reservations->Count);
    }

    [Theory]
    [InlineData(0x1000, 0x10, "free_early on not reserved area: 1000-100f!")]
    [InlineData(0x1000, 0x21, "free_early on not reserved area: 1000-1020!")]
    [InlineData(0x1010, 0x10, "free_early on not reserved area: 1010-101f!")]
    [InlineData(0x1030, 0x10, "free_early on not reserved area: 1030-103f!")]
    public void AFreeNamesOneAllocationExactly(ulong address, ulong size, string message)
    {
        //  [1000   1020) allocated
        using BootMachine machine = Machine((1, 2));
        machine.Direct->Allocate(0x20, 1, 0);
        Assert.Equal(message, machine.Stops(m => m.Direct->Free(address, size)));
    }

    [Fact]
    public void AnExactFreeMakesRoomAgain()
    {
        using BootMachine machine = Machine((1, 2));
        Assert.Equal(0x1000u, machine.Direct->Allocate(0x800, 1, 0));
        Assert.Equal(0x1800u, machine.Direct->Allocate(0x800, 1, 0));
        Assert.Equal(None, machine.Direct->TryAllocate(0x800, 1, 0, NoBootmemAllocator.NoLimit));
        machine.Direct->Free(0x1000, 0x800);
        Assert.Equal(0x1000u, machine.Direct->TryAllocate(0x800, 1, 0, NoBootmemAllocator.NoLimit));
    }

    [Fact]
    public void ThereIsNoBitmapToReserveIn()
    {
        using BootMachine machine = Machine((1, 2));
        Assert.Equal("no bootmem", machine.Stops(m => m.Direct->Reserve()));
    }

    [Fact]
    public void PagesThatAReservationTouchesAreNotHandedOver()
    {
        //  page    1      2      3      4      5      6      7      8
        //          |      | [##] |      |    [#|###|# |      [|             [3ff8 .. 4008) has no byte in 5; [6fff,7000) one byte
        using BootMachine machine = Machine((1, 9));
        machine.Reservations->Reserve(0x2800, 0x2801, "a");
        machine.Reservations->Reserve(0x3ff8, 0x4008, "b");
        machine.Reservations->Reserve(0x6fff, 0x7000, "c");
        Assert.Equal(4u, machine.HandOver(bitmap: false));
        Assert.Equal("1 0 1; 5 0 1; 7 0 2", machine.Rows());
    }

    [Fact]
    public void UnsortedRangesAreHandedOverAscendingAndTouchingOnesOneByOne()
    {
        //  registered: [80,c8)  [8,70)  [70,80), the last of which extends the first Expect [8,70) cut for itself, without a block of 64,
        // and [70,c8) after it; the list itself unsorted as before.
        using BootMachine machine = Machine((0x80, 0xc8), (8, 0x70), (0x70, 0x80));
        machine.HandOver(bitmap: false);
        Assert.Equal("8 0 120; 80 6 1; c0 0 8", machine.Rows());
        Assert.Equal("[0x70,0xc8) [0x8,0x70)", Active(machine));
    }

    [Fact]
    public void ReservationsOutsideAndAcrossRangesAndEmptyOnesDoNoHarm()
    {
        //  active       [10      20)      [30      40)           [80        140)
        //  reserved  [8   14)  [1e             34)   [50,60)         |          and nothing, at 0xa0
        // Expect the empty one not even to cut the last range: three blocks of 64.
        using BootMachine machine = Machine((0x10, 0x20), (0x30, 0x40), (0x80, 0x140));
        machine.Reservations->Reserve(0x1e000, 0x34000, "across");
        machine.Reservations->Reserve(0x8000, 0x14000, "below");
        machine.Reservations->Reserve(0x50000, 0x60000, "above");
        machine.Reservations->ReserveOverlapOk(0xa0000, 0xa0000, "nothing");
        machine.HandOver(bitmap: false);
        Assert.Equal("14 0 10; 34 0 12; 80 6 3", machine.Rows());
    }

    private static string Active(BootMachine machine)
    {
        string ranges = "";
        for (int i = 0; i < machine.Memory->Active.Count; i++)
        {
            machine.Memory->Active.Get(i, out ulong start, out ulong end);
            ranges += $"{(i == 0 ? "" : " ")}[0x{start:x},0x{end:x})";
        }

        return ranges;
    }

    private static BootMachine Machine(params (ulong, ulong)[] ram)
    {
        BootMachine machine = new(ram);
        machine.SetUpDirect();
        return machine;
    }
}
