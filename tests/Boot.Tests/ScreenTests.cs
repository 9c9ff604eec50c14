using System;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The screen after each command, in the embedded toolchain's kernel.</summary>
public sealed class ScreenTests
{
    [Fact]
    public async Task EachCommandLeavesTheScreenThatWasLookedAt()
    {
        string[] commands = ["help", "save", .. GoldenScreens.Commands];
        using TemporaryFolder work = new();

        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { MemoryBytes = 64 * MachineOptions.MiB, InstructionClock = true },
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { Commands = commands, ScreensFolder = work.Path });

        Lab.AssertGood(result);
        await GoldenScreens.CheckAsync("NativeAot", commands, work.Path);
    }
}
