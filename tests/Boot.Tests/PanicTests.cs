using System;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Symbols;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>What a panic prints: who called whom, the registers, the last claim; and that a damaged stack does not stop it.</summary>
public sealed class PanicTests
{
    private const int MostFrames = 10;

    // The places of the fields in CpuRegisters.
    private const uint EspAt = 8;
    private const uint EbpAt = 12;

    private const string Crash = "Shell.Allocators.CrashCommand.Run at CosmosKernel/Shell/Allocators/CrashCommand.cs:";

    [Theory]
    [InlineData("crash opcode", "CPU exception 6 (#UD) at ", Crash)]
    [InlineData("crash protection", "CPU exception 13 (#GP) at ", Crash)]
    [InlineData("crash double-free", "double free of ", Crash)]
    [InlineData("oom objects", "Out of memory: ", "Shell.Allocators.OomCommand.")]
    public async Task APanicsFramesNameTheCommandThatCausedIt(string command, string message, string method)
    {
        BootResult result = await Lab.BootAsync(Lab.AnyVariant, "mem=24M", command);

        Lab.AssertPanic(result, message);
        ChildResult named = await DebugTests.RunAsync("addr2line", "--log", result.LogFile);
        Assert.True(named.ExitStatus == ExitStatus.Done, named.Output);
        Assert.Contains(method, named.Output, StringComparison.Ordinal);
        Assert.Contains("CosmosBootAlloc.Kernel.Shell.CommandLoop.", named.Output, StringComparison.Ordinal);
        Assert.InRange(Frames(result).Length, 4, MostFrames);
        Assert.All(Frames(result), f => Assert.Contains(f["kind"], new[] { "fault", "return" }));
        Assert.Matches(@"(?m)\] last claim \[[0-9a-f]{8} - [0-9a-f]{8}\) mem_map\r?$", result.Text);
        Lab.AssertSays(result, "---[ end Kernel panic");
        Assert.DoesNotContain("[00000000 - 00000000)", result.Text, StringComparison.Ordinal);
        Assert.Equal(message.StartsWith("CPU", StringComparison.Ordinal), result.Text.Contains(" eflags ", StringComparison.Ordinal));
        Assert.DoesNotContain("cr2", result.Text, StringComparison.Ordinal);
    }

    // What a wild store may leave of EBP: no address, no multiple of four, the end of memory, code.
    [Theory]
    [InlineData(EbpAt, 0xdeadbeefu)]
    [InlineData(EbpAt, 0x00000003u)]
    [InlineData(EbpAt, 0xfffffffcu)]
    [InlineData(EbpAt, 0x00100000u)]
    public async Task ADamagedFramePointerDoesNotStopThePanic(uint place, uint value)
    {
        BootResult result = await DamageAsync(async (debugger, registers) => await debugger.WriteAsync(registers + place, value));

        AssertWhole(result);

        // Expect what looks like return addresses, and the command among them.
        Assert.Contains(Frames(result), f => f["kind"] == "maybe");
        ChildResult named = await DebugTests.RunAsync("addr2line", "--log", result.LogFile);
        Assert.Contains("CrashCommand.Run", named.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DamagedRegistersDoNotStopThePanic()
    {
        BootResult result = await DamageAsync(async (debugger, registers) =>
        {
            await debugger.WriteAsync(registers + EspAt, 0xfffffff0);
            await debugger.WriteAsync(registers + EbpAt, 0xfffffff8);
        });

        AssertWhole(result);
        Assert.InRange(Frames(result).Length, 1, MostFrames);
        Assert.All(Frames(result), f => Assert.Equal("maybe", f["kind"]));
    }

    [Fact]
    public async Task AChainOfFramesThatIsARingEnds()
    {
        BootResult result = await DamageAsync(async (debugger, registers) =>
        {
            uint stack = await debugger.ReadAsync(registers + EbpAt);
            await debugger.WriteAsync(stack, stack);
        });

        AssertWhole(result);
        Assert.InRange(Frames(result).Length, 1, MostFrames);
    }

    private static void AssertWhole(BootResult result)
    {
        Lab.AssertPanic(result, "CPU exception 6 (#UD) at ");
        Lab.AssertSays(result, "Node 0, zone    DMA32");
        Lab.AssertSays(result, "---[ end Kernel panic");
    }

    private static Fact[] Frames(BootResult result) => [.. result.Log.Facts.Where(f => f.Kind == "frame")];

    // Stops the machine where a panic begins to print frames, and changes the registers of the exception.
    private static async Task<BootResult> DamageAsync(Func<Debugger, uint, Task> damage)
    {
        BuiltVariant built = await Lab.BuiltAsync(Lab.AnyVariant);
        uint print = SymbolTable.Read(DebugTests.SymbolsOf(built.Variant.Name)).Methods
            .First(m => m.Name == "CosmosBootAlloc.Boot.Panics.Backtrace.PrintFault").Start;
        using TemporaryFolder folder = new();
        string socket = folder.File("gdb");
        MachineOptions machine = new()
        {
            Medium = BootMedium.Kernel,
            MoreArguments = ["-S", "-gdb", $"unix:{socket},server=on,wait=off"],
        };
        Task<BootResult> boot = Lab.BootAsync(
            built.Variant.Name, machine, new BootEntry(BootProtocol.Multiboot1, "", null), r => r with { Commands = ["crash opcode"] });
        using Debugger debugger = new();
        await debugger.ConnectAsync(socket, boot);
        await debugger.RunToAsync(print);
        await damage(debugger, await debugger.RegisterAsync(1));
        await debugger.DetachAsync();
        return await boot;
    }
}
