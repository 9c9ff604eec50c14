using System;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>The screen after each command, in the Cosmos kernel.</summary>
public sealed class CosmosScreenTests
{
    [Fact]
    public async Task EachCommandLeavesTheScreenThatWasLookedAt()
    {
        string[] commands = ["help", "heap", "sysinfo", .. GoldenScreens.Commands];
        using TemporaryFolder work = new();

        BootResult result = await CosmosLab.BootAsync(
            Lab.AnyVariant, CosmosLab.Qemu("64M"), 0,
            r => r with { Commands = commands, ScreensFolder = work.Path });

        Lab.AssertGood(result);
        await GoldenScreens.CheckAsync("Cosmos", commands, work.Path);
    }
}
