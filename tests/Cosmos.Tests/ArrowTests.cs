using System;
using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Tests.Shared;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>
/// The rooms of the kernel on Cosmos: CosmosKernel, the plugs below it, the boot below them, the memory code below all. An arrow points
/// only at a room further up in the table. (That the plugs know no kernel, the compiler sees to: they are an assembly of their own where
/// there is a kit.)
/// </summary>
public sealed class ArrowTests
{
    private const string Boot = "CosmosBootAlloc.Boot";
    private const string Plugs = "CosmosBootAlloc.Plugs";
    private const string Kernel = "CosmosBootAlloc.Kernel";

    /// <summary>Plugs/Boot; the toolchain's own room in it is named by the caller.</summary>
    private static readonly string[] s_boot =
    [
        "CosmosBootAlloc.Memory",
        "CosmosBootAlloc.Configs",
        Boot + ".Cosmos",
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
    ];

    private static readonly RoomTable s_cosmos = new(
        "CosmosBootAlloc.",
        [
            .. s_boot,
            Plugs + ".Assembler",
            Plugs + ".InterruptTable",
            Plugs + ".Stock",
            Plugs + ".Heaps",
            Plugs + ".Collection",
            Plugs + ".Targets",
            Kernel + ".Devices.Cosmos",
            Kernel + ".Devices",
            Kernel + ".SelfTest",
            Kernel + ".SelfTest.Cosmos",
            Kernel + ".SelfTest.Allocators",
            Kernel + ".SelfTest.Stock",
            Kernel + ".OnCosmos.PageFilling",
            Kernel + ".OnCosmos.Benchmarks",
            Kernel + ".Disks",
            Kernel + ".BootSummary",
            Kernel + ".Shell",
            Kernel + ".Shell.Allocators",
            Kernel + ".Shell.Stock",
            Kernel + ".OnCosmos",
            Kernel + ".OnCosmos.Plugged",
            Kernel + ".OnCosmos.Stock",
            Kernel,
            "CosmosBootAlloc.Simulator",
            "CosmosBootAlloc.Contract",
            "CosmosBootAlloc.Tests.Shared",
            "CosmosBootAlloc.CosmosTests",
        ]);

    [Fact]
    public void TheRoomsOfTheKernelOnCosmosPointOneWay() => AssertNone(s_cosmos.Check(typeof(KernelState).Assembly.Location));

    [Fact]
    public void TheRoomsOfTheBaselinePointOneWay()
        => AssertNone(s_cosmos.Check(Path.Combine(AppContext.BaseDirectory, "Cosmos.Stock.dll")));

    [Theory]
    [InlineData("Plugs/Boot", Boot)]
    [InlineData("Plugs/Cosmos", Plugs)]
    [InlineData("CosmosKernel", Kernel)]
    public void ANamespaceIsItsFolder(string folder, string rootNamespace)
    {
        // The embedded core library and what the compiler calls have .NET's own names, by necessity; the one class that other kernels
        // name has the project's.
        List<string> faults = SourceRules.CheckNamespaces(Path.Combine(SourceRules.Root(), folder), rootNamespace);
        faults.RemoveAll(
            f => f.StartsWith("BootAlloc.cs", StringComparison.Ordinal) || f.Contains("namespace System", StringComparison.Ordinal)
                || f.Contains("namespace Internal.", StringComparison.Ordinal));
        AssertNone(faults);
    }

    private static void AssertNone(List<string> faults)
        => Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
}
