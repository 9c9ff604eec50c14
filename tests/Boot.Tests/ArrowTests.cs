using System;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// The rooms of the embedded toolchain's kernel, read from its assembly: an arrow points only at a room further up in the table. Its core
/// library has the names of .NET and is not in it.
/// </summary>
public sealed class ArrowTests
{
    private const string Boot = "CosmosBootAlloc.Boot";
    private const string Kernel = "CosmosBootAlloc.Kernel";

    private static readonly RoomTable s_kernel = new(
        "CosmosBootAlloc.",
        [
            "CosmosBootAlloc.Memory",
            "CosmosBootAlloc.Configs",
            Boot + ".NativeAot",
            Boot + ".State",
            Boot + ".Devices",
            Boot + ".LogOutput",
            Boot + ".Log",
            Boot + ".Shutdown",
            Boot + ".Loader",
            Boot + ".Allocation",
            Boot + ".Reports",
            Boot + ".Panics",
            Boot,
            Kernel + ".NativeAot.Runtime",
            Kernel + ".Devices.NativeAot",
            Kernel + ".Devices",
            Kernel + ".NativeAot.InterruptTable",
            Kernel + ".SelfTest",
            Kernel + ".SelfTest.Allocators",
            Kernel + ".Benchmarks",
            Kernel + ".Disks",
            Kernel + ".BootSummary",
            Kernel + ".Shell",
            Kernel + ".Shell.Allocators",
            Kernel,
            Kernel + ".NativeAot",
        ]);

    [Fact]
    public async Task TheRoomsOfTheKernelPointOneWay()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        string assembly = Lab.Project.At("CosmosKernel", "NativeAot", "obj", "kernel", "kernel.dll");
        string faults = string.Join(Environment.NewLine, s_kernel.Check(assembly));
        Assert.True(faults.Length == 0, faults);
    }
}
