using System.Linq;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.E820;

/// <summary>From the firmware's list to the map in use, and what happens to it before RAM is counted.</summary>
public sealed unsafe class E820SetUpTests
{
    [Theory]
    [InlineData(0x1000U, 0x3c00U, "BIOS-88", 0x1000000UL)]
    [InlineData(0x3c00U, 0x3c00U, "BIOS-e801", 0x1000000UL)]
    [InlineData(0xfc00U, 0x8000U, "BIOS-e801", 0x4000000UL)]
    [InlineData(uint.MaxValue, 0xffffU, "BIOS-e801", 0x400000ffc00UL)]
    public void WithoutAUsableListTheLargerOfTheOlderCallsMakesTheMap(uint e801, uint int88, string tag, ulong end)
    {
        // One entry only: not enough. Expect [0, 0x9f000) and [1 MiB, 1 MiB + K), and no trace of the entry.
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->AddFirmware(0, 0x8000, 1);
        map->SetOlderCalls(e801, int88);
        map->SetUp(map->SanitizeFirmware());
        Assert.Equal([(0UL, 0x9f000UL, 1U), (0x100000, end, 1)], BootTestSupport.Entries(&map->Table));
        Assert.Equal("BIOS-provided physical RAM map:", machine.Log[0]);
        Assert.StartsWith($" {tag}: ", machine.Log[1]);
    }

    [Fact]
    public void TwoEntriesThatJoinIntoOneAreNoUsableList()
    {
        // [ram][ram] touch, and become one. Expect the map of the older calls, as in 2.6.34.
        TraceFiles.AssertTrace("e820", """
            bios 0x0 0x1000 ram
            bios 0x1000 0x1000 ram
            alt 0x400 0x0
            setup
            > BIOS-provided physical RAM map:
            >  BIOS-e801: 0000000000000000 - 000000000009f000 (usable)
            >  BIOS-e801: 0000000000100000 - 0000000000200000 (usable)
            """);
    }

    [Fact]
    public void AListWithAnEntryThatWrapsIsNotUsed()
    {
        // The first entry is fine and was copied before the second was seen. Expect it gone again.
        TraceFiles.AssertTrace("e820", """
            bios 0x0 0x9f000 ram
            bios 0xfffffffffffff000 0x2000 reserved
            alt 0x400 0x0
            setup
            > BIOS-provided physical RAM map:
            >  BIOS-e801: 0000000000000000 - 000000000009f000 (usable)
            >  BIOS-e801: 0000000000100000 - 0000000000200000 (usable)
            map
            - 0x0 0x9f000 1
            - 0x100000 0x100000 1
            = 2
            """);
    }

    [Fact]
    public void TheFirmwareListTakes128EntriesAndDropsMoreSilently()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        for (ulong i = 0; i < 200; i++)
        {
            map->AddFirmware(i * 0x2000, 0x1000, 1);
        }

        map->SetUp(map->SanitizeFirmware());
        Assert.Equal(128, map->Count);
        Assert.Equal(129, machine.Log.Count);
        Assert.DoesNotContain(machine.Log, line => line.StartsWith("Ooops", System.StringComparison.Ordinal));
    }

    [Fact]
    public void TheCopyOfTheFirmwaresMapIsNotTouchedByTheUser()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        map->AddFirmware(0, 0x9f000, 1);
        map->AddFirmware(0x100000, 0x700000, 1);
        map->SetUp(map->SanitizeFirmware());
        map->Remove(0x200000, 0x10000000, 1, true);
        Assert.Equal([(0UL, 0x9f000UL, 1U), (0x100000, 0x800000, 1)], BootTestSupport.Entries(&map->Saved));
    }

    [Fact]
    public void TrimBiosTakesPageZeroAndTheBiosAreaOutOfRam()
    {
        // 0     0x1000                0xa0000        1 MiB
        // [ram ...................................................]
        // Expect [reserved][ram      ]               [ram         ]
        TraceFiles.AssertTrace("e820", """
            add 0x0 0x200000 ram
            trim_bios
            > e820 update range: 0000000000000000 - 0000000000001000 (usable) ==> (reserved)
            > e820 remove range: 00000000000a0000 - 0000000000100000 (usable)
            map
            - 0x0 0x1000 2
            - 0x1000 0x9f000 1
            - 0x100000 0x100000 1
            = 3
            """);
    }

    [Fact]
    public void TypesPrintInLinuxWords()
    {
        using HostMachine machine = BootTestSupport.NewMachine();
        E820Map* map = &machine.Memory->Map;
        uint[] types = [1, 2, 3, 4, 5, 128, 0, 12, uint.MaxValue];
        foreach (uint type in types)
        {
            map->Add(0x1000, 0x1000, type);
        }

        map->Print("x");
        Assert.Equal(
            ["(usable)", "(reserved)", "(ACPI data)", "(ACPI NVS)", "(unusable)", "(usable)", "type 0", "type 12", "type 4294967295"],
            machine.Log.Select(line => line.Replace(" x: 0000000000001000 - 0000000000002000 ", "")));
    }
}
