using System;
using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Tests.Shared;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>The rooms of the memory code and of the simulator: an arrow only points at a room further up in the table.</summary>
public sealed class ArrowTests
{
    private const string Memory = "CosmosBootAlloc.Memory.";
    private const string Samples = "CosmosBootAlloc.Memory.Tests.Rules.Samples";

    private static readonly RoomTable s_memory = new(
        "CosmosBootAlloc.",
        [
            Memory + "Physical",
            Memory + "Log",
            Memory + "Facts",
            Memory + "Firmware",
            Memory + "E820",
            Memory + "EarlyRes",
            Memory + "HandOver",
            Memory + "Bootmem",
            Memory + "NoBootmem",
            Memory + "Lmb",
            Memory + "Memblock",
            Memory + "Buddy",
            Memory + "Heap",
            Memory + "Books",
            Memory + "Stages",
        ]);

    private static readonly RoomTable s_simulator = new(
        "CosmosBootAlloc.",
        [
            "CosmosBootAlloc.Memory",
            "CosmosBootAlloc.Configs",
            "CosmosBootAlloc.Simulator",
            "CosmosBootAlloc.Simulator.Maps",
            "CosmosBootAlloc.Simulator.KernelLogs",
            "CosmosBootAlloc.Simulator.Host",
            "CosmosBootAlloc.Simulator.Replay",
            "CosmosBootAlloc.Simulator.Simulate",
            "CosmosBootAlloc.Simulator.LinuxLogs",
        ]);

    // Expect no boot allocator to know another, nothing to point up, and nothing outside the memory code to be known at all.
    [Fact]
    public void TheRoomsOfTheMemoryCodePointOneWay()
    {
        AssertNone(s_memory.Check(typeof(MachineMemory).Assembly.Location));
    }

    [Fact]
    public void TheRoomsOfTheSimulatorPointOneWay()
    {
        AssertNone(s_simulator.Check(typeof(Simulator.Simulate.Simulation).Assembly.Location));
    }

    [Theory]
    [InlineData("Plugs/Memory", "CosmosBootAlloc.Memory")]
    [InlineData("iso/Simulator", "CosmosBootAlloc.Simulator")]
    [InlineData("tests/Memory.Tests", "CosmosBootAlloc.Memory.Tests")]
    public void ANamespaceIsItsFolder(string folder, string rootNamespace)
    {
        AssertNone(SourceRules.CheckNamespaces(Path.Combine(SourceRules.Root(), folder), rootNamespace));
    }

    // Lower <- Upper is right; Lower's method, field, attribute, generic argument and base type that name Upper are not.
    // Expect each of them to be found, with the names of both types and both rooms.
    [Fact]
    public void AnArrowAgainstTheOrderIsFoundWithBothNames()
    {
        RoomTable table = new(Samples + ".", [Samples + ".Lower", Samples + ".Upper"]);
        List<string> faults = table.Check(typeof(ArrowTests).Assembly.Location);
        string[] expected =
        [
            "ByAttribute -> MarkAttribute",
            "ByBase -> Thing",
            "ByCall -> Thing",
            "ByField -> Thing",
            "ByGeneric -> Thing",
            "ByLocal -> Value",
        ];
        Assert.Equal(Array.ConvertAll(expected, e => $"{e}: room {Samples}.Lower -> {Samples}.Upper"), faults);
    }

    [Fact]
    public void AnExceptionIsAllowedAndAnIdleOneIsReported()
    {
        RoomTable allowed = new(Samples + ".", [Samples + ".Lower", Samples + ".Upper"], (Samples + ".Lower", Samples + ".Upper"));
        AssertNone(allowed.Check(typeof(ArrowTests).Assembly.Location));
        RoomTable idle = new(
            Samples + ".",
            [Samples + ".Lower", Samples + ".Upper"],
            (Samples + ".Lower", Samples + ".Upper"),
            (Samples + ".Upper", Samples + ".Lower"));
        Assert.Equal(
            $"{Samples}.Upper -> {Samples}.Lower: allowed, but no type needs it",
            Assert.Single(idle.Check(typeof(ArrowTests).Assembly.Location)));
    }

    [Fact]
    public void ATypeInNoRoomIsFound()
    {
        RoomTable table = new(Samples + ".", [Samples + ".Lower"]);
        Assert.All(
            table.Check(typeof(ArrowTests).Assembly.Location),
            fault => Assert.EndsWith($"the table has no room {Samples}.Upper", fault));
    }

    private static void AssertNone(List<string> faults)
    {
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }
}
