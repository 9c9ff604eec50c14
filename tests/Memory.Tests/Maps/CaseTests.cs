using System.IO;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Maps;

/// <summary>
/// Maps and logs as people posted them (tests/Data/cases): the usable pages that an independent script found, or a refusal.
/// </summary>
public sealed class CaseTests
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

    private static FirmwareMap Load(string file) => FirmwareMap.Load(Path.Combine(System.AppContext.BaseDirectory, "Data", "cases", file));
}
