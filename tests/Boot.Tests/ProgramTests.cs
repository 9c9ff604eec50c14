using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The program's exit statuses and messages when a boot goes well, fails, never ends, or has no emulator.</summary>
public sealed class ProgramTests
{
    private const int SignalInterrupt = 2;
    private const int SignalTerminate = 15;

    private static readonly string s_bootalloc = Path.Combine(AppContext.BaseDirectory, "bootalloc.dll");

    // Expect fresh boots where they are asked for, and none the second time: the same logs, and the output to say so. They come from images
    // whose GRUB starts sooner; expect the released image to be handed over, and to lie in memory, just the same.
    [Fact]
    public async Task TheMainJobBuildsBootsAndComparesEveryVariantAndKeepsTheBoots()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);

        ChildResult run = await RunAsync(null, "--fresh");

        Assert.True(run.ExitStatus == ExitStatus.Done, run.Output);
        string[] logs = [.. Lab.Variants.Select(v => Lab.Project.At("iso", "out", $"bootalloc-{v.Name}.log"))];
        DateTime[] written = [.. logs.Select(File.GetLastWriteTimeUtc)];
        ChildResult again = await RunAsync(null);
        Assert.True(again.ExitStatus == ExitStatus.Done, again.Output);
        foreach (Variant variant in Lab.Variants)
        {
            Assert.Contains($"{variant.Name}: good boot; log: ", run.Output, StringComparison.Ordinal);
            Assert.Contains(
                $"{variant.Name}: good boot, kept: same image, machine, and emulator; log: ", again.Output, StringComparison.Ordinal);
        }

        Assert.Equal(written, logs.Select(File.GetLastWriteTimeUtc));
        BootResult released = await Lab.BootMenuAsync(
            Lab.Variants[0].Name, 0, r => r with { Machine = new MachineOptions { InstructionClock = true } });
        Assert.Equal(Facts(released.Log), Facts(BootLog.Load(logs[0])));

        static IEnumerable<string> Facts(BootLog log)
            => [$"{log.Boot!["loader"]} {log.Boot["cmdline"]}", .. log.Stages.Select(s => $"{s["name"]} {s["ticks"]}"),
                .. log.Accounts.Select(a => $"{a["name"]} {a["pages"]}")];

        Assert.Matches(@"(?m)^stage buddy\n[* ] managed_pages +[\d,]+ ", run.Output);
        Assert.Contains("<h1>Boot logs compared</h1>", await File.ReadAllTextAsync(Path.Combine(Lab.Project.Out, "report.html")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AGoodRunPrintsTheLogAndGives0()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        string log = Lab.NewFile(".log");

        ChildResult run = await RunAsync(null, "run", "--variant", Lab.AnyVariant, "--command", "meminfo", "--log", log);

        Assert.True(run.ExitStatus == ExitStatus.Done, run.Output);
        Assert.Contains("bootalloc: done status=ok", run.Output, StringComparison.Ordinal);
        Assert.Contains("MemFree:", await File.ReadAllTextAsync(log), StringComparison.Ordinal);
        Assert.DoesNotContain('\r', await File.ReadAllTextAsync(log));
    }

    // Expect a viewer to find the screen on the loopback interface, and the machine to wait for it although its commands are done.
    [Fact]
    public async Task AVncViewerFindsTheScreen()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        string log = Lab.NewFile(".log");
        ProcessStartInfo start = new(
            Dotnet.Program, [s_bootalloc, "run", Lab.AnyVariant, "--vnc", "--command", "meminfo", "--quiet", "--log", log])
        {
            RedirectStandardError = true,
        };
        using Process tool = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        Match place = Match.Empty;
        while (!place.Success && await tool.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            place = Regex.Match(line, @"the screen is at (127\.0\.0\.1:\d+)");
        }

        using TcpClient viewer = new();
        await viewer.ConnectAsync(IPEndPoint.Parse(place.Groups[1].Value), limit.Token);
        byte[] hello = new byte[12];
        await viewer.GetStream().ReadExactlyAsync(hello, limit.Token);

        Assert.Equal("RFB 003.008\n", Encoding.ASCII.GetString(hello));
        Assert.Equal(0, kill(tool.Id, SignalInterrupt));
        await tool.WaitForExitAsync(limit.Token);
        Assert.Equal(ExitStatus.Interrupted, tool.ExitCode);
    }

    [Fact]
    public async Task APanicGives1AndItsMessage()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);

        ChildResult run = await RunAsync(
            null, "run", "--variant", Lab.AnyVariant, "--memory", "3M", "--quiet", "--log", Lab.NewFile(".log"));

        Assert.Equal(ExitStatus.Failed, run.ExitStatus);
        Assert.Contains("panic: Too little memory", run.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmulatorThatNeverAnswersIsEndedAndItsLogKept()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string pid = folder.File("pid");
        string bin = PathWith(folder, "qemu-system-i386", $"echo $$ > {pid}; echo 'only noise'; sleep 1000 & wait");
        string log = Lab.NewFile(".log");

        ChildResult run = await RunAsync(bin, "run", "--variant", Lab.AnyVariant, "--timeout", "2", "--quiet", "--log", log);

        Assert.Equal(ExitStatus.TimedOut, run.ExitStatus);
        Assert.Contains(Path.GetFileName(log), run.LastLine, StringComparison.Ordinal);
        Assert.Contains("no end after 2 s", run.LastLine, StringComparison.Ordinal);
        Assert.Equal("only noise\n", await File.ReadAllTextAsync(log));
        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(pid)).Trim()}"), "the emulator is still there");
    }

    [Theory]
    [InlineData(SignalInterrupt)]
    [InlineData(SignalTerminate)]
    public async Task InterruptedItEndsTheEmulatorToo(int signal)
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string pid = folder.File("pid");
        string bin = PathWith(folder, "qemu-system-i386", $"echo $$ > {pid}.new; mv {pid}.new {pid}; sleep 1000 & wait");
        ProcessStartInfo start = new(
            Dotnet.Program, [s_bootalloc, "run", "--variant", Lab.AnyVariant, "--quiet", "--log", Lab.NewFile(".log")])
        {
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = bin;
        using Process tool = Process.Start(start)!;
        for (int i = 0; i < 6000 && !File.Exists(pid); i++)
        {
            await Task.Delay(50);
        }

        Assert.Equal(0, kill(tool.Id, signal));
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        await tool.WaitForExitAsync(limit.Token);

        Assert.Equal(ExitStatus.Interrupted, tool.ExitCode);
        Assert.EndsWith("bootalloc: interrupted\n", await tool.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(pid)).Trim()}"), "the emulator is still there");
    }

    // Expect the emulator to end although nobody could end it, and the next run to delete the folder that was left.
    [Theory]
    [InlineData("qemu-system-i386", "qemu")]
    [InlineData("dosbox", "dosbox")]
    public async Task KilledItLeavesNoEmulatorAndNoFolder(string program, string word)
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string pid = folder.File("pid");
        string bin = PathWith(
            folder, program, $"trap '' TERM HUP; (echo $$; pwd) > {pid}.new; mv {pid}.new {pid}; sleep 1000 & wait");
        ProcessStartInfo start = new(
            Dotnet.Program,
            [s_bootalloc, "run", "--variant", Lab.AnyVariant, "--emulator", word, "--quiet", "--log", Lab.NewFile(".log")]);
        start.Environment["PATH"] = bin;
        using Process tool = Process.Start(start)!;
        for (int i = 0; i < 6000 && !File.Exists(pid); i++)
        {
            await Task.Delay(50);
        }

        string[] emulator = await File.ReadAllLinesAsync(pid);
        Assert.True(Directory.Exists(emulator[1]));
        tool.Kill();
        for (int i = 0; Directory.Exists($"/proc/{emulator[0]}"); i++)
        {
            Assert.True(i < 2400, "the emulator is still there");
            await Task.Delay(50);
        }

        TemporaryFolder.Clean();
        Assert.False(Directory.Exists(emulator[1]));
    }

    [Theory]
    [InlineData("qemu-system-i386", "qemu")]
    [InlineData("bochs", "bochs")]
    [InlineData("dosbox", "dosbox")]
    public async Task AnEmulatorThatCrashesIsNamedWithItsSignal(string program, string word)
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string bin = PathWith(folder, program, "kill -SEGV $$");

        ChildResult run = await RunAsync(
            bin, "run", "--variant", Lab.AnyVariant, "--emulator", word, "--quiet", "--log", Lab.NewFile(".log"));

        Assert.Equal(ExitStatus.Failed, run.ExitStatus);
        Assert.Contains("ended by SIGSEGV", run.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEmulatorThatFailsIsQuoted()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string bin = PathWith(folder, "qemu-system-i386", "echo 'qemu: no such luck' >&2; exit 1");

        ChildResult run = await RunAsync(bin, "run", "--variant", Lab.AnyVariant, "--quiet", "--log", Lab.NewFile(".log"));

        Assert.Equal(ExitStatus.Failed, run.ExitStatus);
        Assert.Contains("qemu: no such luck", run.LastLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --variant {0} --quiet", "qemu-system-i386", "qemu-system-x86")]
    [InlineData("run --variant {0} --quiet --emulator bochs", "bochs", "bochs")]
    [InlineData("run --variant {0} --quiet --emulator dosbox", "dosbox", "dosbox")]
    public async Task AMissingEmulatorGives3AndTheLineThatInstallsIt(string arguments, string program, string package)
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        using TemporaryFolder folder = new();
        string bin = PathWithout(folder, program);

        ChildResult run = await RunAsync(bin, string.Format(arguments, Lab.AnyVariant).Split(' '));

        Assert.Equal(ExitStatus.ToolMissing, run.ExitStatus);
        Assert.Contains($"apt-get install --no-install-recommends {package}", run.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithNothingOnThePathEverythingMissingIsInOneLine()
    {
        ChildResult run = await RunAsync("/nonexistent", []);

        Assert.Equal(ExitStatus.ToolMissing, run.ExitStatus);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        Assert.Contains("nasm binutils grub-common", run.LastLine, StringComparison.Ordinal);
        Assert.Contains("qemu-system-x86", run.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckReportsWhatIsMissing()
    {
        ChildResult run = await RunAsync("/nonexistent", "check");

        Assert.Equal(ExitStatus.ToolMissing, run.ExitStatus);
        Assert.Contains("MISSING", run.Output, StringComparison.Ordinal);
        Assert.Contains("apt-get install", run.LastLine, StringComparison.Ordinal);
    }

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern int kill(int process, int signal);

    private static Task<ChildResult> RunAsync(string? path, params string[] arguments)
    {
        Dictionary<string, string> environment = new() { ["BOOTALLOC_NO_INSTALL"] = "1" };
        if (path != null)
        {
            environment["PATH"] = path;
        }

        return ChildProcess.RunAsync(
            Dotnet.Program, [s_bootalloc, .. arguments], TimeSpan.FromMinutes(20), CancellationToken.None, environment);
    }

    // The machine's own PATH with one program of ours before it.
    private static string PathWith(TemporaryFolder folder, string name, string body)
    {
        string program = folder.File(name);
        File.WriteAllText(program, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    // Everything that the machine's PATH has, but one program.
    private static string PathWithout(TemporaryFolder folder, string name)
    {
        foreach (
            string place in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Where(Directory.Exists))
        {
            foreach (string program in Directory.EnumerateFiles(place))
            {
                string link = folder.File(Path.GetFileName(program));
                if (Path.GetFileName(program) != name && !File.Exists(link))
                {
                    File.CreateSymbolicLink(link, program);
                }
            }
        }

        return folder.Path;
    }
}
