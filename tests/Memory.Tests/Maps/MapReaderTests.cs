using System;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Maps;

/// <summary>Logs as people paste them: every form, folded, colored, in any encoding, several boots at once.</summary>
public sealed class MapReaderTests
{
    private const string Low = "BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)\n";

    private static readonly FirmwareEntry s_low = new(0, 0x9fc00, 1);

    [Theory]
    [InlineData(" BIOS-e820: 0000000000100000 - 0000000008000000 (usable)", 1)]
    [InlineData(" BIOS-e820: 0000000000100000 - 0000000008000000 type 20", 20)]
    [InlineData(" BIOS-e820: 0000000000100000 - 0000000008000000 (type 20)", 20)]
    [InlineData(" BIOS-e820: 0000000000100000 - 0000000008000000 (ACPI NVS)", 4)]
    [InlineData(" BIOS-e801: 0000000000100000 - 0000000008000000 (usable)", 1)]
    [InlineData(" BIOS-88: 0000000000100000 - 0000000008000000 (usable)", 1)]
    [InlineData("  BIOS-e820: 07f00000 @ 00100000 (usable)", 1)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] usable", 1)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] ACPI data", 3)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] persistent (type 7)", 7)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] persistent (type 12)", 12)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] type 2954887168", 2954887168)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] soft reserved", 2)]
    [InlineData("[    0.000000] Xen: [mem 0x0000000000100000-0x0000000007ffffff] usable", 1)]
    [InlineData("[    0.000000]  Xen: 0000000000100000 - 0000000008000000 (usable)", 1)]
    [InlineData("(XEN)  0000000000100000 - 0000000008000000 (usable)", 1)]
    [InlineData("(XEN)  [0000000000100000, 0000000007ffffff] (usable)", 1)]
    [InlineData("SMAP type=01 base=0000000000100000 len=0000000007f00000", 1)]
    [InlineData("SMAP type=14 base=0000000000100000 end=0000000008000000 len=0000000007f00000", 20)]
    [InlineData("00100000-07ffffff : System RAM", 1)]
    public void EveryFormIsRead(string row, uint type)
    {
        // One row, [1 MiB, 128 MiB). Expect it, whoever printed it.
        Assert.Equal([new(0x100000, 0x8000000, type)], Read(row).Entries);
    }

    [Fact]
    public void SeaBiosAnnouncesItsRows()
    {
        string log = """
            SeaBIOS (version 1.16.2)
            e820 map has 2 items:
              0: 0000000000000000 - 000000000009fc00 = 1 RAM
              1: 00000000fffc0000 - 0000000100000000 = 2 RESERVED
            Booting from Hard Disk...
            """;
        FirmwareMap map = Read(log);
        Assert.Equal([s_low, new(0xfffc0000, 0x100000000, 2)], map.Entries);
        Assert.Equal("2 rows (SeaBIOS) of boot 1 of 1, 0 not read", map.Summary);

        // Expect a missing row to be missed.
        Assert.StartsWith("log:2: expected 3 items below, found 2", Refused(log.Replace("has 2", "has 3")));
    }

    [Fact]
    public void TheKernelsRowsComeBeforeTheFirmwares()
    {
        FirmwareMap map = Read("e820 map has 1 items:\n  0: 0000000000000000 - 00000000000a0000 = 1 RAM\nLinux version 6.1.0\n" + Low);
        Assert.Equal([s_low], map.Entries);
        Assert.Equal("1 row of boot 1 of 1, 0 not read; 1 row of SeaBIOS set aside", map.Summary);
    }

    [Fact]
    public void NestedLinesOfIomemSayWhatIsInside()
    {
        FirmwareMap map = Read("""
            00000000-00000fff : Reserved
            00001000-0009fbff : System RAM
            000a0000-000bffff : PCI Bus 0000:00
            00100000-07fdffff : System RAM
              01000000-01bfffff : Kernel code
              02000000-02ffffff : Reserved
            """);
        Assert.Equal([new(0, 0x1000, 2), new(0x1000, 0x9fc00, 1), new(0x100000, 0x7fe0000, 1)], map.Entries);
        Assert.Contains("as root", Refused("00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n"));
    }

    [Theory]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] ACPI", "found 'ACPI'")]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] type", "found 'type'")]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] type 99999999999", "at most 4294967295")]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff]", "the type is missing")]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ff", "expected 'START - END (type)'")]
    [InlineData("BIOS-e820: 0000000000100000 - 00000000080 (usable)", "the same length, found 16 and 11 digits")]
    [InlineData("BIOS-e820: 0000000000100000 - 0000000008000000 (usa", "a type in brackets")]
    [InlineData("BIOS-e820: 0000000000100000 - 0000000008000000 (unstable)", "found 'unstable'")]
    [InlineData("BIOS-e820: 0000000000100000 - 0000000000000000 (usable)", "an end at or above the start")]
    [InlineData("BIOS-e820:", "expected 'START - END (type)'")]
    [InlineData("SMAP type=01 base=0000000000100000", "SMAP type=TT base=START len=BYTES")]
    public void ARowThatCannotBeReadIsNamed(string row, string problem)
    {
        // A good row, a bad one, a good one. Expect the bad one's line and what is wrong with it.
        string message = Refused(Low + row + "\n" + Low);
        Assert.StartsWith("log:2: ", message);
        Assert.Contains(problem, message);
        Assert.Contains("cut or damaged", message);
    }

    [Theory]
    [InlineData("BIOS-e820: 0000000000100000 - 0000000008000000 (ACPI\nNVS)", 4)]
    [InlineData("BIOS-e820: 0000000000100000 -\n0000000008000000\n(ACPI data)", 3)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] ACPI\nNVS", 4)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] persistent\n(type 7)", 7)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] type\n20", 20)]
    [InlineData("BIOS-e820: [mem 0x0000000000100000-0x0000000007ffffff] type 2\n0", 20)]
    [InlineData("BIOS-e820: [mem 0x00000000001\n00000-0x0000000007ffffff] reser\nved", 2)]
    [InlineData("[    0.000000] BIOS-\ne820: 0000000000100000 - 0000000008000000 (reserved)", 2)]
    [InlineData("[    0.000000] BIOS-e82\n0: [mem 0x0000000000100000-0x0000000007ffffff] reserved", 2)]
    [InlineData("> > BIOS-e820: 0000000000100000 - 0000000008000000\n> > (reserved)", 2)]
    public void AFoldedRowIsJoined(string row, uint type)
        => Assert.Equal([s_low, new(0x100000, 0x8000000, type), s_low], Read(Low + row + "\n" + Low).Entries);

    [Fact]
    public void RowsWithoutLineEndsAreTakenApart()
    {
        const string First = "[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable ";
        const string Second = "[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x00000000001fffff] reserved";
        Assert.Equal([s_low, new(0x100000, 0x200000, 2)], Read(First + Second).Entries);
    }

    [Fact]
    public void OfSeveralBootsTheLastCounts()
    {
        // Two boots with other maps and options; a third whose map is missing. Expect rows and options of the second alone.
        FirmwareMap map = Read("""
            [    0.000000] Linux version 2.6.33
            [    0.000000] Command line: mem=64M
            [    0.000000] BIOS-e820: 0000000000000000 - 000000000009f000 (usable)
            [    0.000000] Kernel command line: mem=64M
            [    0.000000] Linux version 2.6.34
            [    0.000000] Command line: quiet mem=128M
            [    0.000000] BIOS-provided physical RAM map:
            [    0.000000] BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
            [    0.000000] Kernel command line: quiet mem=128M
            [    0.000000] Linux version 2.6.35
            """);
        Assert.Equal([s_low], map.Entries);
        Assert.Equal("mem=128M", map.Options);
        Assert.Equal("1 row of boot 2 of 2, 0 not read", map.Summary);
    }

    [Fact]
    public void TheSameRowsTwiceAreTwoBoots()
    {
        // As 'journalctl | grep e820' prints them.
        string rows = Low + "BIOS-e820: 0000000000100000 - 0000000008000000 (usable)\n";
        FirmwareMap map = Read(rows + rows + rows);
        Assert.Equal([s_low, new(0x100000, 0x8000000, 1)], map.Entries);
        Assert.Equal("2 rows of boot 3 of 3, 0 not read", map.Summary);
    }

    [Fact]
    public void AFoldedCommandLineIsJoined()
    {
        FirmwareMap map = Read("""
            [    0.000000] Command line: BOOT_IMAGE=/boot/vmlinuz-2.6.35-22-
            generic mem=1G
            memmap=1M$16M quiet
            [    0.000000] BIOS-provided physical RAM map:
            [    0.000000]  BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
            [    0.000000] Kernel command line: BOOT_IMAGE=/boot/vmlinuz-2.6.35-22-generic mem=1G
            """);
        Assert.Equal("mem=1G memmap=1M$16M", map.Options);
    }

    [Fact]
    public void OurOwnLogIsReadBackWhole()
    {
        FirmwareMap map = Read("""
            [    0.001] noise
            [    0.001572] bootalloc: boot variant=nobootmem toolchain=nativeaot loader="qemu" cmdline="mem=32M poweroff"
            [    0.003321]  BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
            [    0.006] bootalloc: hold stage=early_res name="TEXT DATA BSS" start=100000 end=158eb4
            [    0.006] bootalloc: hold stage=early_res name="RAMDISK" start=200000 end=201000
            [    0.006] bootalloc: hold stage=early_res name="BIOS reserved" start=9fc00 end=100000
            bootalloc> dmesg
            [    0.001572] bootalloc: boot variant=nobootmem toolchain=nativeaot loader="qemu" cmdline="mem=32M poweroff"
            [    0.003321]  BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
            """);
        Assert.Equal([s_low], map.Entries);
        Assert.Equal("mem=32M", map.Options);
        Assert.Equal(
            [
                new("TEXT DATA BSS", 0x100000, 0x158eb4),
                new("RAMDISK", 0x200000, 0x201000),
                new("BIOS reserved", 0x9fc00, 0x100000),
            ],
            map.Taken);
    }

    [Fact]
    public void EncodingsColorsAndTypographyDoNotMatter()
    {
        string plain = "[    0.000000] BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)\r\n"
            + "[    0.000000] BIOS-e820: 0000000000100000 - 0000000008000000 (ACPI data)\r\n";
        string dressed = plain.Replace(" - ", "\u00a0\u2013\u2009").Replace("BIOS", "\x1b[33mBIOS")
            .Replace("ACPI data", "ACPI\tdata").Replace("(", "\u200b(");
        string[] texts =
        [
            plain,
            dressed,
            plain.Replace("\r\n", "\r"),
            plain.Replace("\r\n", "\r\r\n"),
            plain.Replace("BIOS", "^[[1;33mBIOS"),
            plain.Replace("BIOS", "ESC[0mBIOS"),
        ];
        FirmwareEntry[] expected = [s_low, new(0x100000, 0x8000000, 3)];
        foreach (string text in texts)
        {
            Assert.Equal(expected, MapReader.Read("log", PastedText.Decode(Encoding.UTF8.GetBytes(text))).Entries);
            Assert.Equal(expected, MapReader.Read("log", PastedText.Decode(Encoding.Unicode.GetBytes(text))).Entries);
            Assert.Equal(expected, MapReader.Read("log", PastedText.Decode(Encoding.BigEndianUnicode.GetBytes(text))).Entries);
            Assert.Equal(expected, MapReader.Read("log", PastedText.Decode([0xff, 0xfe, .. Encoding.Unicode.GetBytes(text)])).Entries);
        }
    }

    [Fact]
    public void AMessageQuotesNoMoreThanTheBeginningAndNoControlCharacters()
    {
        string message = Refused("BIOS-e820: \x1b]0;title\a" + new string('x', 10_000_000));
        Assert.InRange(message.Length, 1, 400);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void AFileWithoutEndIsRefused()
    {
        BadInputException refusal = Assert.Throws<BadInputException>(() => FirmwareMap.Load("/dev/zero"));
        Assert.Equal("/dev/zero: expected a file, found a device or a socket", refusal.Message);
    }

    private static FirmwareMap Read(string text) => MapReader.Read("log", text);

    private static string Refused(string text) => Assert.Throws<BadInputException>(() => Read(text)).Message;
}
