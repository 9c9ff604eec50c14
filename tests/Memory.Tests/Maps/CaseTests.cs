using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Maps;

/// <summary>
/// Maps and logs as people posted them (tests/Data/cases): the usable pages that an independent script found, or a refusal.
/// </summary>
public sealed unsafe class CaseTests
{
    [Theory]
    [InlineData("01-mail-wrapped-72/log.txt", 522063)]
    [InlineData("01-mail-wrapped-72/log-new-form-5.3.txt", 233359)]
    [InlineData("01-mail-wrapped-72/log-kgdb-all-wrapped.txt", 63375)]
    [InlineData("03-old-form-type-20/log.txt", 649484)]
    [InlineData("03-old-form-type-20/map.e820", 649484)]
    [InlineData("03-old-form-type-20/own-log.txt", 130719)]
    [InlineData("03-old-form-type-20/own-log-round-trip.e820", 130719)]
    [InlineData("05-dmesg-colours/log.txt", 574223)]
    [InlineData("05-dmesg-colours/log-ESC-literal.txt", 574223)]
    [InlineData("05-dmesg-colours/map.e820", 574223)]
    [InlineData("09-no-ram-at-1mb/log.txt", 131056)]
    [InlineData("11-exactmap-acpi-low-holes/map.e820", 458641)]
    [InlineData("14-486-8mb-int88/log.txt", 1951)]
    [InlineData("16-garbage-types/map.e820", 221343)]
    [InlineData("16-garbage-types/type0-over-ram.e820", 130974)]
    [InlineData("16-garbage-types/limine-shifted.e820", 32671)]
    [InlineData("18-memmap-in-the-field/nvmevirt.txt", 447345)]
    [InlineData("18-memmap-in-the-field/memtest-badram.txt", 786080)]
    [InlineData("18-memmap-in-the-field/acrn-hvlog.txt", 128911)]
    [InlineData("20-kexec-ovmf-8mb-hole/log.txt", 518719)]
    [InlineData("21-long-command-line/log.txt", 65502)]
    [InlineData("21-long-command-line/map.e820", 65502)]
    [InlineData("23-own-log-pasted/run.log", 7839)]
    public void EveryVariantFindsTheRightPages(string file, int pages)
    {
        FirmwareMap map = Load(file);
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions().From(map));
            Assert.Null(simulation.Panic);
            Assert.True(simulation.Healthy);
            Assert.Contains(simulation.Log, line => line.Contains("stage name=e820") && line.Contains($" usable_pages={pages} "));
        }
    }

    [Theory]
    [InlineData("07-lines-cut-at-screen-edge/log.txt", 4)]
    [InlineData("07-lines-cut-at-screen-edge/log-old-form-serial-loss.txt", 3)]
    [InlineData("07-lines-cut-at-screen-edge/log-boots-ok-by-luck.txt", 2)]
    public void ACutRowIsRefusedByItsLine(string file, int line)
        => Assert.Contains($"{Path.GetFileName(file)}:{line}: ", Assert.Throws<BadInputException>(() => Load(file)).Message);

    // Expect a refusal or a word of the kernel itself, in every variant.
    [Theory]
    [InlineData("09-no-ram-at-1mb/log.txt", "The kernel image [100000-13ffff] does not lie in one range of usable RAM")]
    [InlineData("18-memmap-in-the-field/nvmevirt-grub-escape.txt", "the backslash is for GRUB's configuration file only")]
    [InlineData("26-ram-only-above-4g/map.e820", "panic message=\"Too little memory: found 640 kB usable below 4 GiB and 60928 MB above")]
    [InlineData("26-ram-only-above-4g/crosses.e820", "entries that count: found 1, needed at least 2, none past 2^64")]
    public void TheLogSaysWhatIsWrong(string file, string words)
    {
        FirmwareMap map = Load(file);
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions().From(map));
            Assert.Contains(simulation.Log, line => line.Contains(words, System.StringComparison.Ordinal));
        }
    }

    // Expect every option of a line of 1,190 bytes to be obeyed: 70 pages go.
    [Fact]
    public void ALongCommandLineIsObeyed()
    {
        string options = File.ReadAllText(Place("21-long-command-line/real-boot-append-1190.txt")).Trim();
        FirmwareMap map = Text("0 9fc00 usable\n100000 7fe0000 usable\n");
        using Simulation all = Simulation.Run("nobootmem", map, new SimulationOptions { CommandLine = options });
        using Simulation none = Simulation.Run("nobootmem", map, new SimulationOptions());
        Assert.Equal(70u, none.Memory->Pages.ManagedPages - all.Memory->Pages.ManagedPages);
    }

    // More RAM than 128 entries hold. Expect the log to say how much of it is lost, wherever it is lost: the kernel keeps 128 entries of
    // the firmware's, and room for those that memmap= makes.
    [Theory]
    [InlineData(130, "", "The firmware's map has 2 entries beyond the 128 that are kept; 8 kB of RAM in them are lost")]
    [InlineData(128, "", null)]
    [InlineData(128, "memmap=4M$256M", null)]
    [InlineData(300, "", "The firmware's map has 172 entries beyond the 128 that are kept; 688 kB of RAM in them are lost")]
    public void RamThatIsLostIsCounted(int entries, string options, string? words)
    {
        System.Text.StringBuilder rows = new("0 9fc00 usable\n100000 4000000 usable\n");
        for (int i = 2; i < entries; i++)
        {
            rows.Append($"{0x4100000 + (i * 0x2000):x} {0x4101000 + (i * 0x2000):x} usable\n");
        }

        FirmwareMap map = Text(rows.ToString());
        foreach (string variant in Simulation.Variants)
        {
            using Simulation simulation = Simulation.Run(variant, map, new SimulationOptions { CommandLine = options });
            Assert.Null(simulation.Panic);
            Assert.Equal(words != null, simulation.Log.Any(line => line.Contains("are lost")));
            Assert.Contains(simulation.Log, line => line.Contains(words ?? "stage name=e820"));
        }
    }

    // Options that cut the map into more pieces than it can hold: those that find no room are lost, and counted.
    [Fact]
    public void AMapInTooManyPiecesSaysWhatItLoses()
    {
        string options = string.Join(' ', Enumerable.Range(0, 130).Select(i => $"memmap=4K${65536 + (i * 64)}K"));
        using Simulation simulation = Simulation.Run(
            "nobootmem", Text("0 9fc00 usable\n100000 7fe0000 usable\n"), new SimulationOptions { CommandLine = options });
        Assert.Contains(simulation.Log, line => line.StartsWith("The map is full with 256 entries; ") && line.EndsWith(" are lost"));
        Assert.True(simulation.Healthy);
    }

    // Expect the command line of our own log to be read back as it was given, whatever is in it.
    [Theory]
    [InlineData("mem=64M debug", "mem=64M")]
    [InlineData("x=\"a\nb\" mem=64M", "mem=64M")]
    [InlineData("mem=\"64M\" x=\"a b\" \"memmap=1M@32M\"", "mem=64M memmap=1M@32M")]
    [InlineData("x=\"mem=1M mem=2M\" memmap=1G\\$1G back\\", "memmap=1G\\$1G")]
    public void OurOwnCommandLineComesBack(string options, string expected)
    {
        FirmwareMap map = Text("0 9fc00 usable\n100000 7fe0000 usable\n");
        using Simulation simulation = Simulation.Run("lmb", map, new SimulationOptions { CommandLine = options });
        Assert.Equal(expected, Text(string.Join('\n', simulation.Log)).Options);
    }

    private static string Place(string file) => Path.Combine(System.AppContext.BaseDirectory, "Data", "cases", file);

    private static FirmwareMap Text(string rows)
    {
        using StringReader reader = new(rows);
        return FirmwareMap.Read("rows", reader);
    }

    private static FirmwareMap Load(string file) => FirmwareMap.Load(Place(file));
}
