using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>Every machine of machines.tsv in QEMU, with every variant.</summary>
public sealed class QemuMachineTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Rows() => MachineTable.Rows(Qemu.Instance);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Boots(string machine, string variant) => MachineTable.BootAsync(machine, variant);
}

/// <summary>Every machine of machines.tsv in Bochs, with every variant.</summary>
public sealed class BochsMachineTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Rows() => MachineTable.Rows(Bochs.Instance);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Boots(string machine, string variant) => MachineTable.BootAsync(machine, variant);
}

/// <summary>Every machine of machines.tsv in DOSBox, with every variant.</summary>
public sealed class DosBoxMachineTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Rows() => MachineTable.Rows(DosBox.Instance);

    [Theory]
    [MemberData(nameof(Rows))]
    public Task Boots(string machine, string variant) => MachineTable.BootAsync(machine, variant);
}

/// <summary>What a machine of the table has to show.</summary>
internal static class MachineTable
{
    // What the firmware keeps for itself at most, ROM areas and tables.
    private const ulong FirmwareKilobytes = 1536;
    private const ulong PageBytes = 4096;

    internal static IEnumerable<TheoryDataRow<string, string>> Rows(IEmulator emulator)
        => from row in MachineRow.All
           where row.Machine.Emulator == emulator
           from variant in Lab.Variants
           select new TheoryDataRow<string, string>(row.Name, variant.Name);

    internal static async Task BootAsync(string name, string variant)
    {
        MachineRow row = MachineRow.All.Single(r => r.Name == name);
        BootEntry entry = new(row.Protocol, "", row.Module ? Lab.Module : null);

        BootResult result = await Lab.BootAsync(variant, row.Machine, entry);

        if (row.TooOld)
        {
            // One message, and then the kernel stands still: no reset, no boot.
            Lab.AssertSays(result, "CPU is too old");
            Assert.Equal(BootEnd.Stopped, result.End);
            Assert.Equal(0, result.Log.Boots);
            return;
        }

        Lab.AssertGood(result);
        Assert.Equal(variant, result.Log.Boot!["variant"]);
        Assert.NotEmpty(result.Log.SelfTests);

        AssertAllRamIsInTheBooks(row.Machine, result);

        // A boot module keeps its pages, to the page; without one nothing has that name.
        ulong pages = result.Log.Accounts.Where(a => a["name"] == "RAMDISK").Aggregate(0UL, (sum, a) => sum + a.Number("pages")!.Value);
        Assert.Equal(row.Module ? (Lab.ModuleBytes + PageBytes - 1) / PageBytes : 0, pages);
    }

    /// <summary>All of the machine's RAM is in the books but what its firmware keeps.</summary>
    internal static void AssertAllRamIsInTheBooks(MachineOptions machine, BootResult result)
    {
        Fact map = result.Log.Stage("e820")!;
        ulong kilobytes = map.Number("usable_kb")!.Value + map.Number("above_4g_kb")!.Value;
        Assert.InRange(kilobytes, (machine.MemoryBytes >> 10) - FirmwareKilobytes, machine.MemoryBytes >> 10);
    }
}
