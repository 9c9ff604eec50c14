using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The shell in DOSBox, and what the log says about a clock that cannot be trusted at once.</summary>
public sealed class DosBoxTests
{
    // DOSBox's port 61h does not show the timer's output: its bit 5 toggles at every look. Expect the log to say which clock it is, and
    // that its rate comes from the count: 50,000 instructions a millisecond are 50 MHz.
    [Theory]
    [InlineData("386", "CPU: 486 without CPUID, no TSC, ticks of the PIT at 1193182 Hz")]
    [InlineData("486_slow", "signature 00000402, no TSC, ticks of the PIT at 1193182 Hz")]
    [InlineData("pentium_slow",
        "signature 00000513, 50 MHz (measured by the PIT's count: its output at port 61h was not plausible)")]
    public async Task TheShellAnswersAndTheClockIsNamed(string cpu, string clock)
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { Emulator = DosBox.Instance, Cpu = cpu },
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { Commands = ["meminfo", "selftest"] });

        Lab.AssertGood(result);
        Lab.AssertSays(result, clock);
        Assert.Contains("MemFree:", Lab.Answer(result, "meminfo"), System.StringComparison.Ordinal);
        Assert.Contains(" failed=0", Lab.Answer(result, "selftest"), System.StringComparison.Ordinal);
    }
}
