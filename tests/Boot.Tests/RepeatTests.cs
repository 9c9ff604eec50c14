using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The same boot twice, with instructions as the clock.</summary>
public sealed class RepeatTests
{
    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TwoBootsGiveTheSameLogToTheByte(string variant)
    {
        MachineOptions machine = new() { InstructionClock = true, SendOnly = true };
        BootEntry entry = new(BootProtocol.Multiboot2, "selftest bench poweroff", null);

        BootResult first = await Lab.BootAsync(variant, machine, entry, r => r with { PowerOff = false });
        BootResult second = await Lab.BootAsync(variant, machine, entry, r => r with { PowerOff = false });

        Lab.AssertGood(first);
        Assert.Equal(first.Text, second.Text);
    }
}
