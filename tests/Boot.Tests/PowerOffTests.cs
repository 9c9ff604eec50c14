using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// poweroff on machines without the tool's own exit device. Expect the machine to turn itself off: by PM1 control on a PC, by the sleep
/// register that the FADT names on a machine without PM1.
/// </summary>
public sealed class PowerOffTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    [Theory]
    [InlineData("pc")]
    [InlineData("q35")]
    [InlineData("microvm")]
    public async Task TheMachineIsOff(string machine)
    {
        BuiltVariant built = await Lab.BuiltAsync(Lab.AnyVariant);
        string log = Lab.NewFile($"-off-{machine}.log");
        ChildResult run = await ChildProcess.RunAsync(
            Lab.Programs.Get("qemu-system-i386"),
            [
                "-machine", machine, "-m", "64M", "-nodefaults", "-display", "none", "-no-reboot", "-serial", $"file:{log}",
                "-kernel", built.Kernel, "-append", "poweroff",
            ],
            s_limit,
            CancellationToken.None);

        string text = await File.ReadAllTextAsync(log, CancellationToken.None);
        Assert.True(run.ExitStatus == 0, $"{run}\n{text}");
        Assert.Contains("bootalloc: done status=ok", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be turned off", text, StringComparison.Ordinal);
    }
}
