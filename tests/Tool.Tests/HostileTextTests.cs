using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Terminal;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Text of others, in files, names, and options: a terminal never obeys it, and it never fills the memory.</summary>
public sealed class HostileTextTests : IDisposable
{
    // Changes the title, clears the screen, colors; by ESC and by the single characters of C1; and rings, goes back, and deletes.
    private const string Evil = "\u001b]0;title\a\u001b[2J\u001b[31m\u009b32m\u009d0;t\u009c\b\r\v\f\u007f\u0085.";

    private static readonly string s_map = "BIOS-e820: 0000000000000000 - 000000000009f000 (usable)\n"
        + "BIOS-e820: 0000000000100000 - 0000000008000000 (usable)\n";

    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    // Every command, with the sequences in files, names, and options. {0} stands for them, {1} for a folder whose name has them.
    [Theory]
    [InlineData("{0}")]
    [InlineData("--{0}")]
    [InlineData("--toolchain {0}")]
    [InlineData("--cosmos {1} --toolchain cosmos")]
    [InlineData("test {0}")]
    [InlineData("build --variant {0}")]
    [InlineData("build --toolchain {0}")]
    [InlineData("run --variant {0}")]
    [InlineData("run --variant nobootmem --memory {0}")]
    [InlineData("run --variant nobootmem --machine {0}")]
    [InlineData("run --variant nobootmem --module {1}/none")]
    [InlineData("run --variant nobootmem --screen {0}")]
    [InlineData("soak --minutes {0}")]
    [InlineData("soak --variant {0}")]
    [InlineData("compare {1}/good.log {1}/evil.log")]
    [InlineData("compare {1}/good.log {1}/evil.log --json")]
    [InlineData("compare {1}/bad.log {1}/evil.log")]
    [InlineData("compare {1}/no.log {1}/no.log")]
    [InlineData("compare {1}/none {1}/none")]
    [InlineData("matrix --machines {1}/evil.table")]
    [InlineData("scenario {0}")]
    [InlineData("scenario {1}/evil.scenario --simulate")]
    [InlineData("scenario {1}/no.scenario --simulate")]
    [InlineData("simulate --variant nobootmem --e820 {1}/map --append {0}")]
    [InlineData("simulate --variant nobootmem --e820 {1}/evil.map")]
    [InlineData("simulate --variant {0} --e820 {1}/map")]
    [InlineData("simulate --variant nobootmem --e820 {1}/none")]
    [InlineData("simulate --variant nobootmem --e820 {1}/map --kernel {0}")]
    [InlineData("replay {1}/evil.trace")]
    [InlineData("replay {1}/no.trace")]
    [InlineData("replay {1}/none")]
    [InlineData("check --cosmos {1}")]
    public async Task NothingReachesTheTerminalRaw(string command)
    {
        string folder = WriteFiles();

        CommandRun run = await CommandRun.RunAsync([.. command.Split(' ').Select(w => string.Format(w, Evil, folder))]);

        Assert.NotEqual("", run.Output + run.Error);
        Assert.DoesNotContain("a bug in this program", run.Error, StringComparison.Ordinal);
        AssertPlain(run.Output);
        AssertPlain(run.Error);
    }

    // Expect the same on a terminal, where the program's own colors are left.
    [Fact]
    public async Task NothingOfALogReachesATerminal()
    {
        string folder = WriteFiles();
        string program = _tree.WriteProgram("p", $"exec script -qec \"'{Dotnet.Program}' '{CommandRun.Program}' compare "
            + "'$1/good.log' '$1/evil.log'\" /dev/null");

        ChildResult run = await ChildProcess.RunAsync(program, [folder], TimeSpan.FromMinutes(10), CancellationToken.None);

        Assert.False(run.TimedOut);
        Assert.Contains("title", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b]0;title", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Output, c => c is '\a' or '\b' or '\v' or '\f' or >= '\u007f' and < '\u00a0');
    }

    [Fact]
    public void EachControlCharacterIsAQuestionMark()
    {
        Assert.Equal("a?[31mb\tc\n?", PlainWriter.Clean("a\u001b[31mb\tc\n\u009b"));
        Assert.Equal("plain, é, 表", PlainWriter.Clean("plain, é, 表"));
    }

    // Expect what never ends, or never begins, to be refused by name before it is opened.
    [Theory]
    [InlineData("simulate --variant nobootmem --e820 {0}")]
    [InlineData("compare {0} {0}")]
    [InlineData("replay {0}")]
    [InlineData("scenario {0}")]
    [InlineData("matrix --machines {0}")]
    [InlineData("run --variant nobootmem --module {0}")]
    public async Task DevicesAndPipesAreRefused(string command)
    {
        string pipe = Path.Combine(_tree.Root, "pipe");
        ChildResult made = await ChildProcess.RunAsync("/usr/bin/mkfifo", [pipe], TimeSpan.FromMinutes(10), CancellationToken.None);
        Assert.Equal(0, made.ExitStatus);
        foreach (string file in new[] { "/dev/zero", pipe, _tree.Root })
        {
            CommandRun run = await CommandRun.RunAsync([.. command.Split(' ').Select(w => string.Format(w, file))]);

            Assert.Equal(ExitStatus.WrongUse, run.Status);
            string line = Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
            Assert.Contains(file, line, StringComparison.Ordinal);
            Assert.Contains(": expected a file", line, StringComparison.Ordinal);
        }
    }

    // Expect what the shell passes on to be read, up to a limit.
    [Theory]
    [InlineData("simulate --variant nobootmem --e820 /dev/stdin", "/dev/stdin: expected a text of at most 16 MB, found more")]
    [InlineData("replay /dev/stdin", "/dev/stdin:1: expected a line of at most 16384 characters, found ''")]
    [InlineData("scenario /dev/stdin", "/dev/stdin:1: expected a line of at most 16384 characters, found ''")]
    public async Task EndlessInputIsReadUpToALimit(string command, string expected)
    {
        string program = _tree.WriteProgram(
            "p", $"'{Dotnet.Program}' '{CommandRun.Program}' {command} </dev/zero; echo status $?");

        ChildResult run = await ChildProcess.RunAsync(program, [], TimeSpan.FromMinutes(10), CancellationToken.None);

        Assert.Contains("bootalloc: " + expected, run.Output, StringComparison.Ordinal);
        Assert.Contains("status 2", run.Output, StringComparison.Ordinal);
    }

    // Expect a line of 10 MB to be quoted by its beginning.
    [Theory]
    [InlineData("replay {0}")]
    [InlineData("scenario {0} --simulate")]
    [InlineData("matrix --machines {0}")]
    [InlineData("compare {0} {0}")]
    [InlineData("simulate --variant nobootmem --e820 {0}")]
    public async Task ALongLineIsQuotedByItsBeginning(string command)
    {
        string file = _tree.Write("long", "BIOS-e820: " + new string('x', command.Contains("--machines") ? 1_000_000 : 10_000_000));

        CommandRun run = await CommandRun.RunAsync([.. command.Split(' ').Select(w => string.Format(w, file))]);

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.InRange(run.Error.Length, 1, 600);
        Assert.Contains("xxxxx", run.Error, StringComparison.Ordinal);
    }

    private static void AssertPlain(string text) => Assert.DoesNotContain(text, c => char.IsControl(c) && c is not ('\n' or '\t'));

    private string WriteFiles()
    {
        string folder = "evil" + Evil;
        _tree.Write(folder + "/good.log", SampleLog.Good);
        _tree.Write(folder + "/evil.log", SampleLog.With("mem=64M", Evil));
        _tree.Write(folder + "/bad.log", SampleLog.With("missing_pages=0", "missing_pages=3" + Evil));
        _tree.Write(folder + "/no.log", Evil + "\n" + Evil + "\n");
        _tree.Write(folder + "/map", s_map);
        _tree.Write(folder + "/evil.map", s_map + "BIOS-e820: " + Evil + "\n");
        _tree.Write(folder + "/evil.trace", $"# {Evil}\ntrace e820 1\nprint {Evil}\nopt_memmap {Evil}\nmap\n");
        _tree.Write(folder + "/no.trace", $"trace e820 1\n{Evil}\n");
        _tree.Write(folder + "/evil.table", $"{Evil} {Evil} 1 2 3 4 5\n");
        _tree.Write(folder + "/evil.scenario", $"title: {Evil}\nlinux: {Evil}\nsource: {Evil}\nhere: {Evil}\nshow: {Evil}\n"
            + $"map:\n{s_map}\nexpect: says {Evil}\n");
        _tree.Write(folder + "/no.scenario", Evil + "\n");
        return Path.Combine(_tree.Root, folder);
    }
}
