using System.Text;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>mem= and memmap=.</summary>
public sealed unsafe class BootOptionsTests
{
    [Theory]
    [InlineData("0x10000000", 0x10000000UL, "")]
    [InlineData("4097M", 0x100100000UL, "")]
    [InlineData("1g", 0x40000000UL, "")]
    [InlineData("64K$0x1500000", 0x10000UL, "$0x1500000")]
    [InlineData("010M", 0x800000UL, "")]
    [InlineData("09", 0UL, "9")]
    [InlineData("0x", 0UL, "x")]
    [InlineData("0xfFG", 0x3fc0000000UL, "")]
    [InlineData("12T", 12UL, "T")]
    [InlineData("nopentium", 0UL, "nopentium")]
    [InlineData("M", 0UL, "")]
    [InlineData("18446744073709551615", ulong.MaxValue, "")]
    [InlineData("18446744073709551616", 0UL, "")]
    public void SizesAreReadAsLinuxReadsThem(string text, ulong expected, string rest)
    {
        fixed (byte* bytes = Encoding.Latin1.GetBytes(text + "\0"))
        {
            byte* p = bytes;
            Assert.Equal(expected, BootOptions.ParseSize(&p));
            Assert.Equal(rest, text[(int)(p - bytes)..]);
        }
    }

    [Theory]
    [InlineData("16M", true)]
    [InlineData("18446744073709551615", true)]
    [InlineData("18446744073709551616", false)]
    [InlineData("0x10000000000000000", false)]
    [InlineData("17179869184G", false)]
    [InlineData("0", false)]
    [InlineData("0K", false)]
    [InlineData("M", false)]
    [InlineData("", false)]
    [InlineData("16Mx", false)]
    [InlineData("16M ", false)]
    [InlineData("nopentium", false)]
    public void BadSizesCanBeToldBeforeTheyDoHarm(string text, bool expected)
    {
        fixed (byte* bytes = Encoding.Latin1.GetBytes(text + "\0"))
        {
            Assert.Equal(expected, BootOptions.IsMem(bytes));
        }
    }

    [Theory]
    [InlineData("exactmap", true)]
    [InlineData("exactmaps", false)]
    [InlineData("64K@16M", true)]
    [InlineData("64K#16M", true)]
    [InlineData("64K$16M", true)]
    [InlineData("64K!16M", true)]
    [InlineData("640K@0", true)]
    [InlineData("128M", true)]
    [InlineData("128Mx", false)]
    [InlineData("64K@", false)]
    [InlineData("64K@16M,", false)]
    [InlineData("0@16M", false)]
    [InlineData("@16M", false)]
    [InlineData("0x2000@0xfffffffffffff000", false)]
    [InlineData("0xfff@0xfffffffffffff000", true)]
    public void BadMapOptionsDoNoHarm(string text, bool expected)
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0, 0x10000000, 1);
        map->Add(0x20000000, 0x10000000, 2);
        fixed (byte* bytes = Encoding.Latin1.GetBytes(text + "\0"))
        {
            Assert.Equal(expected, BootOptions.TryMemMap(map, bytes, persistent: true));
        }

        if (text == "exactmap")
        {
            Assert.Equal(0, map->Count);
            return;
        }

        map->FinishOptions();
        Assert.Equal(expected, machine.Log.Count != 0);
        Assert.True(expected || map->Count == 2);
    }

    [Fact]
    public void PersistentMemoryIsKnownOnRequest()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0, 0x10000000, 1);
        map->Add(0x20000000, 0x10000000, 2);
        fixed (byte* bytes = "1M!0x1000000\0"u8)
        {
            Assert.True(BootOptions.ApplyMemMap(map, bytes, persistent: true));
        }

        map->FinishOptions();
        Assert.Equal(
            [(0UL, 0x1000000UL, 1U), (0x1000000, 0x1100000, 12), (0x1100000, 0x10000000, 1), (0x20000000, 0x30000000, 2)],
            BootTestSupport.Entries(&map->Table));
    }

    [Fact]
    public void AValueThatIsMissingIsInvalidAndChangesNothing()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->Add(0, 0x1000, 1);
        Assert.False(BootOptions.ApplyMem(map, null));
        Assert.False(BootOptions.ApplyMemMap(map, null, persistent: true));
        map->FinishOptions();
        Assert.Empty(machine.Log);
        Assert.Equal(1, map->Count);
    }

    [Fact]
    public void Quirk7_AMapOptionWithRubbishBehindTakesEffectAndIsAnErrorAsInLinux()
    {
        // memmap=128Mx: expect RAM above 128 MiB gone, and -22.
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x9f000 ram
            add 0x100000 0xff00000 ram
            opt_memmap 128Mx
            > e820 remove range: 0000000008000000 - ffffffffffffffff (usable)
            = -22
            opt_memmap 1M!16M
            > e820 remove range: 0000000000100000 - ffffffffffffffff (usable)
            = -22
            opt_memmap x
            = -22
            map
            - 0x0 0x9f000 1
            - 0x0 0x0 0
            = 2
            """);
    }

    [Fact]
    public void AnEmptyUserMapPanics()
    {
        // exactmap, and nothing after it: expect the panic, not a machine without RAM.
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x9f000 ram
            add 0x100000 0xff00000 ram
            opt_memmap exactmap
            = 0
            finish
            ! panic: Invalid user supplied memory map
            """);
    }

    [Fact]
    public void WithoutOptionsFinishingSaysNothing()
    {
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x9f000 ram
            finish
            """);
    }

    [Fact]
    public void MemNopentiumOn64BitsRemovesAllRamAsInLinux()
    {
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x9f000 ram
            opt_mem nopentium
            > e820 remove range: 0000000000000000 - ffffffffffffffff (usable)
            = 0
            """);
    }
}
