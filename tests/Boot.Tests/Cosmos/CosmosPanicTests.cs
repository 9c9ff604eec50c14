using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>On Cosmos too, a CPU exception is a panic with registers and frames, on COM1 and with the exit status of a failure.</summary>
public sealed class CosmosPanicTests
{
    [Theory]
    [InlineData("crash opcode", "CPU exception 6 (#UD) at ")]
    [InlineData("crash protection", "CPU exception 13 (#GP) at ")]
    [InlineData("crash double-free", "double free of ")]
    public async Task APanicPrintsWhoCalledWhom(string command, string message)
    {
        BootResult result = await CosmosLab.BootAsync("nobootmem", CosmosLab.Qemu("128M"), command);

        Lab.AssertPanic(result, message);
        Assert.InRange(result.Log.Facts.Count(f => f.Kind == "frame"), 3, 10);
        Lab.AssertSays(result, "last claim [");
        Lab.AssertSays(result, "---[ end Kernel panic");
    }
}
