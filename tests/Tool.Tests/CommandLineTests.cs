using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The program as people call it: wrong use gives one line on standard error and status 2, nothing on standard output.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("--frobnicate")]
    [InlineData("run nobootmem lmb")]
    [InlineData("run nobootmem --variant nobootmem")]
    [InlineData("run nosuchvariant -- -s")]
    [InlineData("run nobootmem --window --vnc")]
    [InlineData("run nobootmem --emulator bochs --vnc")]
    [InlineData("run nobootmem --emulator bochs --window")]
    [InlineData("run --variant nosuchvariant")]
    [InlineData("run --variant nobootmem --emulator vmware")]
    [InlineData("run --variant nobootmem --memory 64Q")]
    [InlineData("run --variant nobootmem --machine amiga")]
    [InlineData("run --variant nobootmem --as tape")]
    [InlineData("run --variant nobootmem --as floppy --menu 1")]
    [InlineData("run --variant nobootmem --image a.iso")]
    [InlineData("run --image /nonexistent/a.iso")]
    [InlineData("run --image /")]
    [InlineData("run --image /dev/null --append debug")]
    [InlineData("run --image /dev/null --as kernel")]
    [InlineData("run --image /etc/passwd --as floppy")]
    [InlineData("run --image /dev/zero --emulator bochs --menu 2")]
    [InlineData("run --variant nobootmem --protocol multiboot3")]
    [InlineData("run --variant nobootmem --timeout 0")]
    [InlineData("run --variant nobootmem --timeout soon")]
    [InlineData("run --variant nobootmem --module /nonexistent/module")]
    [InlineData("run --variant nobootmem --screen picture.gif")]
    [InlineData("run --variant nobootmem --emulator bochs --screen picture.png")]
    [InlineData("run --variant nobootmem --emulator dosbox --memory 64M")]
    [InlineData("run --variant nobootmem --emulator dosbox --cpu pentium3")]
    [InlineData("run --variant nobootmem --emulator dosbox --as cd")]
    [InlineData("run --variant nobootmem --emulator dosbox --menu 1")]
    [InlineData("run --variant nobootmem --emulator dosbox --icount")]
    [InlineData("run --variant nobootmem --as kernel --protocol multiboot2")]
    [InlineData("run --variant nobootmem --menu 1 --append debug")]
    [InlineData("run --variant nobootmem --variant bootmem")]
    [InlineData("run --variant nobootmem --shell --quiet")]
    [InlineData("run --variant nobootmem --as network --menu 1")]
    [InlineData("run --variant nobootmem --as network --emulator bochs")]
    [InlineData("run --image /etc")]
    [InlineData("run --image /etc --as cd")]
    [InlineData("netboot")]
    [InlineData("netboot ")]
    [InlineData("netboot a\u0001b")]
    [InlineData("netboot /etc")]
    [InlineData("netboot /etc/passwd")]
    [InlineData("netboot /dev/null")]
    [InlineData("netboot /nonexistent/tftp --variant nosuchvariant")]
    [InlineData("build --variant nosuchvariant")]
    [InlineData("build --toolchain gcc")]
    [InlineData("--toolchain gcc")]
    [InlineData("matrix --toolchain gcc")]
    [InlineData("--toolchain cosmos build")]
    [InlineData("--cosmos /nonexistent check")]
    [InlineData("compare")]
    [InlineData("compare one.log")]
    [InlineData("compare /nonexistent/a.log /nonexistent/b.log")]
    [InlineData("replay")]
    [InlineData("replay /nonexistent/a.trace")]
    [InlineData("simulate --variant nobootmem --e820 /nonexistent/map")]
    [InlineData("simulate --variant nobootmem")]
    [InlineData("test NoSuch.Tests")]
    [InlineData("test Tool.Tests --cosmos-sources /nonexistent/Cosmos")]
    public async Task WrongUseIsOneLineAndStatus2(string arguments)
    {
        CommandRun run = await RunAsync(arguments.Split(' '));

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Empty(run.Output);
        string line = Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("bootalloc: ", line, StringComparison.Ordinal);
    }

    // Expect one line that names the folder, and nothing to be built, booted or written.
    [Theory]
    [InlineData("")]
    [InlineData("build")]
    [InlineData("run --variant stock")]
    [InlineData("matrix")]
    [InlineData("soak")]
    public async Task WithoutAKitIsOneLineAndStatus3(string command)
    {
        CommandRun run = await RunAsync(
            [.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--toolchain", "cosmos", "--cosmos", "/nonexistent/kit"]);

        Assert.Equal(ExitStatus.ToolMissing, run.Status);
        Assert.Empty(run.Output);
        Assert.StartsWith("bootalloc: /nonexistent/kit does not exist: expected the folder of a Cosmos gen2 kit",
            Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIncompleteKitIsOneLineAndStatus3()
    {
        foreach (string part in CosmosKitTests.Parts[1..])
        {
            _tree.Write("kit/" + part, "");
        }

        string kit = Path.Combine(_tree.Root, "kit");
        CommandRun run = await RunAsync("build", "--toolchain", "cosmos", "--cosmos", kit);

        Assert.Equal(ExitStatus.ToolMissing, run.Status);
        Assert.StartsWith($"bootalloc: the Cosmos gen2 kit {kit} is incomplete: lacks Build/IL2CPU/IL2CPU; ",
            Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);

        // It is optional: check says it and does not fail for it.
        CommandRun check = await RunAsync("check", "--cosmos", kit);
        Assert.Contains("toolchain cosmos: the Cosmos gen2 kit " + kit + " is incomplete: lacks Build/IL2CPU/IL2CPU", check.Output,
            StringComparison.Ordinal);
        Assert.Contains("NOT USABLE (optional)", check.Output, StringComparison.Ordinal);
        Assert.Equal((await RunAsync("check")).Status, check.Status);
    }

    // Expect what a Cosmos image cannot do to be refused before anything is built.
    [Theory]
    [InlineData("--as kernel", "multiboot 2 only")]
    [InlineData("--protocol multiboot1", "multiboot 2 only")]
    public async Task ACosmosKernelBootsByMultiboot2Only(string option, string expected)
    {
        foreach (string part in CosmosKitTests.Parts)
        {
            _tree.Write("kit/" + part, "");
        }

        CommandRun run = await RunAsync(
            ["run", "--variant", "lmb", "--toolchain", "cosmos", "--cosmos", Path.Combine(_tree.Root, "kit"), .. option.Split(' ')]);

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SoakHasNothingToLoadInStock()
    {
        foreach (string part in CosmosKitTests.Parts)
        {
            _tree.Write("kit/" + part, "");
        }

        CommandRun run = await RunAsync("soak", "--variant", "stock", "--toolchain", "cosmos", "--cosmos", Path.Combine(_tree.Root, "kit"));

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.StartsWith("bootalloc: soak: stock has none of our allocators", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareShowsTheBaselineFirst()
    {
        string stock = Path.Combine(RecordedLogTests.Folder, "cosmos-128m-stock.log");
        string ours = Path.Combine(RecordedLogTests.Folder, "cosmos-128m-nobootmem.log");

        CommandRun run = await RunAsync("compare", stock, ours);

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.StartsWith("Against the baseline: stock, Cosmos's own heap", run.Output.TrimStart(), StringComparison.Ordinal);
        Assert.Matches("cosmos_pages_1_ninety +RAT.AllocPages\\(1\\), 90 % taken +[0-9,]+ +[0-9,]+ +x0\\.[0-9]+", run.Output);
        Assert.Equal(1, run.Output.Split("cosmos_alloc_free_200 ").Length - 1);
    }

    [Fact]
    public async Task CompareTakesTheLogsOfAFolder()
    {
        string log = File.ReadAllText(Path.Combine(RecordedLogTests.Folder, "bochs-32m-bootmem.log"));
        _tree.Write("runs/bootmem-32M-bochs-001.log", log);
        _tree.Write("runs/bootmem-32M-bochs-002.log", log);
        _tree.Write("empty/notes.txt", log);

        CommandRun run = await RunAsync("compare", Path.Combine(_tree.Root, "runs"));
        CommandRun empty = await RunAsync("compare", Path.Combine(_tree.Root, "empty"));

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.Contains("bootmem (2)", run.Output, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.WrongUse, empty.Status);
        Assert.Contains(
            "expected a file, or a folder with boot logs (*.log), found a folder without any", empty.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWindowWithoutADisplayIsRefusedWithTheWaysThatWork()
    {
        CommandRun run = await RunAsync("run", "nobootmem", "--window");

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Contains(
            "found none; --vnc shows the screen to a VNC viewer on this machine, --shell is", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("--version")]
    public async Task HelpIsNotAnError(string arguments)
    {
        CommandRun run = await RunAsync(arguments.Split(' '));

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.NotEmpty(run.Output);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task CompareNamesTheBootThatFailed()
    {
        string good = _tree.Write("good.log", SampleLog.Good);
        string bad = _tree.Write("bad.log", SampleLog.With("missing_pages=0", "missing_pages=3"));
        string page = Path.Combine(_tree.Root, "page.html");

        CommandRun run = await RunAsync("compare", good, bad, "--html", page);

        Assert.Equal(ExitStatus.Failed, run.Status);
        Assert.Contains($"{bad}: line 11: pages do not add up", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("good.log:", run.Output, StringComparison.Ordinal);
        Assert.Contains("pages do not add up", await File.ReadAllTextAsync(page), StringComparison.Ordinal);
        Assert.Equal(ExitStatus.Done, (await RunAsync("compare", good, good)).Status);
    }

    // Expect a full disk to be a failure that names the file, not wrong use.
    [Fact]
    public async Task AFullDiskIsAFailureWithThePath()
    {
        string log = _tree.Write("good.log", SampleLog.Good);

        CommandRun run = await RunAsync("compare", log, log, "--html", "/dev/full");

        Assert.Equal(ExitStatus.Failed, run.Status);
        Assert.Contains("No space left on device", Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Contains("/dev/full", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextFromALogIsNeverMarkupOrControl()
    {
        string log = _tree.Write("evil.log", SampleLog.With("mem=64M", "[bold red]x[/] [/nonsense] \u001b[31m"));

        CommandRun run = await RunAsync("compare", log, log);

        Assert.Equal(ExitStatus.Done, run.Status);
        Assert.Contains("[bold red]x[/] [/nonsense]", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task ABadTraceLineIsNamedByFileAndLine()
    {
        string trace = _tree.Write("bad.trace", "# comment\ntrace e820 1\nfrobnicate 1 2\n");

        CommandRun run = await RunAsync("replay", trace);

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.StartsWith($"bootalloc: {trace}:3: ", run.Error, StringComparison.Ordinal);
    }

    private static Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.RunAsync(arguments);
}
