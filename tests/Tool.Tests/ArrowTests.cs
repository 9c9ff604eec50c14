using System;
using System.IO;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The rooms of the tool: an arrow points only at a room further up in the table.</summary>
public sealed class ArrowTests
{
    private const string Tool = "CosmosBootAlloc.Tool";

    private static readonly RoomTable s_tool = new(
        "CosmosBootAlloc.",
        [
            "CosmosBootAlloc.Memory",
            "CosmosBootAlloc.Configs",
            "CosmosBootAlloc.Simulator",
            Tool + ".Errors",
            Tool + ".Files",
            Tool + ".Project",
            Tool + ".Terminal",
            Tool + ".Processes",
            Tool + ".Needs",
            Tool + ".Logs",
            Tool + ".Media",
            Tool + ".Build.Lowering",
            Tool + ".Symbols",
            Tool + ".Build.Floppy",
            Tool + ".Build",
            Tool + ".Emulators",
            Tool + ".Report",
            Tool + ".Report.Page",
            Tool + ".Web",
            Tool + ".Scenarios",
            Tool + ".Matrix",
            Tool + ".Testing",
            Tool + ".Commands",
            Tool,
        ]);

    [Fact]
    public void TheRoomsPointOneWay()
    {
        string faults = string.Join(Environment.NewLine, s_tool.Check(typeof(ProjectFolder).Assembly.Location));
        Assert.True(faults.Length == 0, faults);
    }

    [Theory]
    [InlineData("iso/Tool", Tool)]
    [InlineData("tests/Tool.Tests", Tool + ".Tests")]
    public void ANamespaceIsItsFolder(string folder, string rootNamespace)
        => Assert.Empty(SourceRules.CheckNamespaces(Path.Combine(SourceRules.Root(), folder), rootNamespace));
}
