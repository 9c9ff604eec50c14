using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>What the other stages ask the map.</summary>
public sealed unsafe class E820QueryTests
{
    [Fact]
    public void EndOfRamRoundsDownAndKnowsTheArchitecturesLimit()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        Assert.Equal(0UL, map->EndOfRam());
        map->Add(0x100000, 0x1fff, 1);
        map->Add(0x800000, 0x1000, 2);
        Assert.Equal(0x101UL, map->EndOfRam());
        Assert.Equal(0x101UL, map->MaxPfn);
        map->Add(1UL << 45, 1UL << 46, 1);
        Assert.Equal(E820Map.MaxArchPfn, map->EndOfRam());
        Assert.Equal(0x101UL, map->EndOfLowRam());
        Assert.Equal(
            [
                "last_pfn = 0 max_arch_pfn = 0x400000000",
                "last_pfn = 0x101 max_arch_pfn = 0x400000000",
                "last_pfn = 0x400000000 max_arch_pfn = 0x400000000",
                "last_pfn = 0x101 max_arch_pfn = 0x400000000",
            ],
            machine.Log);
    }

    [Theory]
    [InlineData(0xfffff000UL, 0x1000UL, 0x100000UL)]
    [InlineData(0xfffff000UL, 0x2000UL, 0x100000UL)]
    [InlineData(0x100000000UL, 0x1000UL, 0UL)]
    public void EndOfLowRamStopsAt4GiB(ulong start, ulong size, ulong expected)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(start, size, 1);
        Assert.Equal(expected, machine.Memory->Map.EndOfLowRam());
    }

    [Fact]
    public void HoleSizeCountsWholePagesOnly()
    {
        // pages      0    1    2    3    4
        // ram          [          ]            0x800..0x2800: page 1 only
        // Expect 5 pages less 1.
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0x800, 0x2000, 1);
        Assert.Equal(0x4000UL, machine.Memory->Map.HoleSize(0, 0x5000));
    }

    [Fact]
    public void TheLastPageBelow2To64IsNotMistakenForPageZero()
    {
        // An entry that starts inside the very last page: its start rounds up to 2^64. Expect no whole page; 2.6.34 wraps to 0 and
        // registers everything.
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0xfffffffffffff001, 0x100, 1);
        machine.Memory->Active.RegisterFromMap(&machine.Memory->Map, 0, ulong.MaxValue);
        Assert.Empty(BootTestSupport.Ranges(&machine.Memory->Active));
    }

    [Fact]
    public void AnyAndAll()
    {
        // 0        10       20       30
        // [ram     ][nvs    ]        [ram ]
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Table* table = &machine.Memory->Map.Table;
        table->Append(0, 10, 1);
        table->Append(10, 10, 4);
        table->Append(30, 10, 1);
        Assert.True(table->AllMapped(0, 20, E820Type.Any));
        Assert.False(table->AllMapped(0, 20, E820Type.Ram));
        Assert.False(table->AllMapped(5, 31, E820Type.Any));
        Assert.True(table->AllMapped(12, 20, E820Type.Nvs));
        Assert.True(table->AnyMapped(19, 30, E820Type.Any));
        Assert.False(table->AnyMapped(20, 30, E820Type.Any));
        Assert.False(table->AnyMapped(20, 40, E820Type.Nvs));
    }

    [Fact]
    public void PciGapTakesTheLowestOfEqualGaps()
    {
        // [ram 1G]  1 GiB gap  [res 1G]  1 GiB gap  -> 4 GiB
        // Expect the lower one.
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0, 0x40000000, 1);
        machine.Memory->Map.Add(0x80000000, 0x40000000, 2);
        Assert.Equal(0x40000000UL, machine.Memory->Map.PciGap());
        Assert.Equal("Allocating PCI resources starting at 40000000 (gap: 40000000:40000000)", Assert.Single(machine.Log));
    }

    [Theory]
    [InlineData(0x400000UL, 0xffc00000UL, false)]
    [InlineData(0x3ff000UL, 0x100000UL, true)]
    public void PciGapNeedsFourMiB(ulong gap, ulong expected, bool warns)
    {
        // [reserved ........................ ][gap] 4 GiB; 4 MiB will do, less gives the warning and 1 MiB above RAM (none here).
        using HostMachine machine = BootTestSupport.NewMachine();
        machine.Memory->Map.Add(0, 0x100000000 - gap, 2);
        Assert.Equal(expected, machine.Memory->Map.PciGap());
        Assert.Equal(warns ? 3 : 1, machine.Log.Count);
    }
}
