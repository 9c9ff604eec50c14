using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
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
        string bin = PathWith(folder, "qemu-system-i386", $"echo 'only noise'; echo $$ > {pid}; sleep 1000 & wait");
        string log = Lab.NewFile(".log");

        // A busy host may not get as far as the noise in 2 seconds: then in more.
        ChildResult run;
        int seconds = 1;
        do
        {
            seconds *= 2;
            run = await RunAsync(bin, "run", "--variant", Lab.AnyVariant, "--timeout", $"{seconds}", "--quiet", "--log", log);
        }
        while (seconds < 256 && !File.Exists(pid));

        Assert.Equal(ExitStatus.TimedOut, run.ExitStatus);
        Assert.Contains(Path.GetFileName(log), run.LastLine, StringComparison.Ordinal);
        Assert.Contains($"no end after {seconds} s", run.LastLine, StringComparison.Ordinal);
        Assert.Equal("only noise\n", await File.ReadAllTextAsync(log));
        await AssertEndedAsync(await File.ReadAllTextAsync(pid));
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
        Assert.True(await OwnProcesses.WaitAsync(() => File.Exists(pid)), "no emulator");

        Assert.Equal(0, kill(tool.Id, signal));
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        await tool.WaitForExitAsync(limit.Token);

        Assert.Equal(ExitStatus.Interrupted, tool.ExitCode);
        Assert.EndsWith("bootalloc: interrupted\n", await tool.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await AssertEndedAsync(await File.ReadAllTextAsync(pid));
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
        Assert.True(await OwnProcesses.WaitAsync(() => File.Exists(pid)), "no emulator");

        string[] emulator = await File.ReadAllLinesAsync(pid);
        Assert.True(Directory.Exists(emulator[1]));
        tool.Kill();
        await AssertEndedAsync(emulator[0]);

        // Its lock on the folder ends with it, the emulator's lifeline may end before.
        await tool.WaitForExitAsync();
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

    private static async Task AssertEndedAsync(string emulator)
        => Assert.True(await OwnProcesses.WaitForEndAsync(int.Parse(emulator)), "the emulator is still there");

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern int kill(int process, int signal);

    private static Task<ChildResult> RunAsync(string? path, params string[] arguments)
    {
        Dictionary<string, string> environment = new() { ["BOOTALLOC_NO_INSTALL"] = "1" };
        if (path != null)
        {
            environment["PATH"] = path;
        }

        string[] patience = arguments.FirstOrDefault() == "run" && !arguments.Contains("--timeout") ? ["--timeout", "900"] : [];
        return ChildProcess.RunAsync(
            Dotnet.Program, [s_bootalloc, .. arguments, .. patience], TimeSpan.FromMinutes(20), CancellationToken.None, environment);
    }

    // The machine's own PATH with one program of ours before it.
    private static string PathWith(TemporaryFolder folder, string name, string body)
    {
        OwnProcesses.WriteProgram(folder.File(name), body);
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
