using System.IO;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What simulate takes as a map: map files, and whatever a person pastes from a Linux boot log.</summary>
public sealed class FirmwareMapTests
{
    [Fact]
    public void AMapFileIsReadInItsOrderWithAllTypes()
    {
        FirmwareMap map = Read("# a machine\n0000000000100000 0000000004000000 usable\n0 9fc00 usable\n\n0x9fc00 0xa0000 reserved\nf0000 "
            + "100000 acpi\n1 2 nvs\n2 3 unusable\n3 4 pmem\n4 5 type 20\n");
        Assert.Equal(
            [new(0x100000, 0x4000000, 1), new(0, 0x9fc00, 1), new(0x9fc00, 0xa0000, 2), new(0xf0000, 0x100000, 3), new(1, 2, 4),
                new(2, 3, 5), new(3, 4, 7), new(4, 5, 20)],
            map.Entries);
        Assert.Equal("", map.Options);
    }

    [Fact]
    public void AnOldLinuxLogIsPickedFromItsNoise()
    {
        FirmwareMap map = Read("""
            [    0.000000] Linux version 2.6.34
            [    0.000000] Command line: root=/dev/sda1 mem=512M memmap=64K$0x1000000 quiet
            [    0.000000] BIOS-provided physical RAM map:
            [    0.000000]  BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
            [    0.000000]  BIOS-e820: 00000000000f0000 - 0000000000100000 (ACPI data)
            [    0.000000]  BIOS-e820: 0000000000100000 - 000000001fff0000 (usable)
            [    0.000000]  modified: 0000000000000000 - 0000000000010000 (reserved)
            """);
        Assert.Equal([new(0, 0x9fc00, 1), new(0xf0000, 0x100000, 3), new(0x100000, 0x1fff0000, 1)], map.Entries);
        Assert.Equal("mem=512M memmap=64K$0x1000000", map.Options);
    }

    [Fact]
    public void ANewLinuxLogHasInclusiveEnds()
    {
        FirmwareMap map = Read("""
            kernel: Command line: BOOT_IMAGE=/vmlinuz ro
            kernel: BIOS-provided physical RAM map:
            kernel: BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
            kernel: BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
            kernel: BIOS-e820: [mem 0x0000000080000000-0x00000000ffffffff] ACPI NVS
            kernel: BIOS-e820: [mem 0xffffffff00000000-0xffffffffffffffff] type 20
            """);
        Assert.Equal(
            [new(0, 0x9fc00, 1), new(0x100000, 0x80000000, 1), new(0x80000000, 0x100000000, 4),
                new(0xffffffff00000000, ulong.MaxValue, 20)],
            map.Entries);
    }

    [Theory]
    [InlineData("", "map:0: expected a memory map")]
    [InlineData("# only a comment\n", "map:1: expected a memory map")]
    [InlineData("0 1000 usable\nnonsense\n", "map:2: expected 'START END TYPE' in hexadecimal")]
    [InlineData("1000 0 usable\n", "map:1: expected an end at or above the start, found 1000 and 0")]
    [InlineData("0 1000 tasty\n", "map:1: expected a type (usable, reserved, acpi, nvs, unusable, pmem or 'type N'), found 'tasty'")]
    [InlineData("0 11112222333344445 usable\n", "map:1: expected 'START END TYPE' in hexadecimal")]
    public void BadInputNamesFileLineAndWhatWasExpected(string text, string message)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => Read(text));
        Assert.StartsWith(message, error.Message);
    }

    private static FirmwareMap Read(string text)
    {
        using StringReader reader = new(text);
        return FirmwareMap.Read("map", reader);
    }
}
