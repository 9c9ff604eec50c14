using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Symbols;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// <c>bootalloc debug</c> with gdb, and the symbol file that it gives gdb. The outside witnesses are gdb and readelf.
/// </summary>
public sealed class DebugTests
{
    private const string Chain = "Configs/NoBootmem.cs";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(25);
    private static readonly string s_bootalloc = Path.Combine(AppContext.BaseDirectory, "bootalloc.dll");

    [Fact]
    public async Task ASessionStopsAtALineStepsOverItAndShowsWhoCalled()
    {
        int line = 1 + Array.FindIndex(await File.ReadAllLinesAsync(Lab.Project.At(Chain)), l => l.Contains("BuddyStage.Run(boot)"));

        string text = await DebugAsync("--break", $"NoBootmem.cs:{line}", "--execute", "continue", "--execute", "next", "--execute", "bt");

        // Expect the stop in the line, the next line after one step, and every caller up to the assembler code.
        Assert.Matches($@"Breakpoint 1, CosmosBootAlloc\.Configs\.NoBootmemVariant\.Run \(.*\) at {Chain}:{line}\n", text);
        Assert.Matches($@"(?m)^{line + 1}\s+HeapStage\.Run\(boot\);$", text);
        Assert.Matches($@"(?m)^#0 .*NoBootmemVariant\.Run \(.*\) at {Chain}:{line + 1}$", text);
        Assert.Matches(@"(?m)^#1 .*CosmosBootAlloc\.Boot\.BootSequence\.RunChain \(.*\) at Plugs/Boot/BootSequence\.cs:\d+$", text);
        Assert.Matches(@"(?m)^#\d .*CosmosBootAlloc\.Kernel\.NativeAot\.Entry\.KernelMain \(", text);
        Assert.Matches(@"(?m)^#\d .*_start\.own_segments \(\)$", text);
    }

    [Fact]
    public async Task WithoutAnOptionItStopsInTheVariantsRunAndShowsParametersAndTheirFields()
    {
        string text = await DebugAsync("--execute", "continue", "--execute", "print *boot->Facts", "--execute", "info registers eip");

        Assert.Contains("Breakpoint 1, CosmosBootAlloc.Configs.NoBootmemVariant.Run (boot=0x", text, StringComparison.Ordinal);
        Assert.Matches(@"TextStart = 1048576\b", text);
    }

    [Fact]
    public async Task AMethodIsNamedByTheEndOfItsName()
    {
        string text = await DebugAsync("--break", "BuddyStage.Run", "--execute", "continue", "--execute", "bt 1");
        Assert.Contains("CosmosBootAlloc.Memory.Stages.BuddyStage.Run", text, StringComparison.Ordinal);

        ChildResult wrong = await RunAsync("debug", "--break", "BuddyStage.Walk", "--execute", "continue");
        Assert.Equal(ExitStatus.WrongUse, wrong.ExitStatus);
        Assert.Contains("'BuddyStage.Walk': no method in the kernel has a name that ends so", wrong.Output, StringComparison.Ordinal);
    }

    // The symbol file has no byte of the image; what runs under gdb is what the ISO holds.
    [Fact]
    public async Task TheImageThatIsDebuggedIsTheImageThatShips()
    {
        BuiltVariant built = await Lab.BuiltAsync("nobootmem");
        byte[] kernel = await File.ReadAllBytesAsync(built.Kernel);
        Assert.True((await File.ReadAllBytesAsync(built.Iso)).AsSpan().IndexOf(kernel) > 0, "the ISO has another kernel");
        CodeImage image = new(built.Kernel, kernel);
        CodeImage.Part code = image.Code[0];

        // gdb takes a file name up to the first blank.
        using TemporaryFolder work = new();
        string dump = work.File("code");

        await DebugAsync("--execute", "continue", "--execute", $"dump binary memory {dump} {code.Start:#} {code.End:#}");

        Assert.Equal(image.At(code.Start, (int)(code.End - code.Start)).ToArray(), await File.ReadAllBytesAsync(dump));
        string sections = await ReadElfAsync("-SlW", SymbolsOf("nobootmem"));
        Assert.Contains("There are no program headers", sections, StringComparison.Ordinal);
        Assert.Matches($@"\.text +NOBITS +{code.Start:x8} \w+ {code.End - code.Start:x6} ", sections);
        Assert.DoesNotMatch(@"\.(text|rdata|data|bss) +PROGBITS", sections);
    }

    [Fact]
    public async Task ReadelfUnderstandsAllOfTheSymbolFile()
    {
        await Lab.BuiltAsync("nobootmem");

        string text = await ReadElfAsync("--debug-dump=info,abbrev,decodedline,frames,loc,Ranges", SymbolsOf("nobootmem"));

        Assert.Contains("DW_AT_name        : CosmosBootAlloc.Configs.NoBootmemVariant.Run", text, StringComparison.Ordinal);
        Assert.DoesNotContain("arning", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<corrupt", text, StringComparison.Ordinal);
    }

    // gdb follows the frames at every instruction of the way through two stages, with frame pointers and without, in thunks too.
    [Fact]
    public async Task TheCallersAreRightAtEveryInstruction()
    {
        const int steps = 1500;
        string loop = Lab.NewFile(".gdb");
        await File.WriteAllTextAsync(loop, $"set $i = 0\nwhile $i < {steps}\nstepi\nbt -1\nset $i = $i + 1\nend\n");

        string text = await DebugAsync("--break", "HeapStage.Run", "--execute", "continue", "--execute", $"source {loop}");

        string[] outermost = [.. text.Split('\n').Where(l => l.StartsWith('#'))];
        Assert.Equal(steps, outermost.Length);
        Assert.All(outermost, l => Assert.Contains("_start.own_segments", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryMethodsFrameIsFollowedToItsReturn()
    {
        await Lab.BuiltAsync("nobootmem");
        string objects = Lab.Project.At("CosmosKernel", "NativeAot", "obj", "NoBootmem", "kernel.obj");
        string folder = Lab.Project.At("CosmosKernel", "NativeAot", "bin", "NoBootmem");
        CodeLayout layout = CodeLayout.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "bootalloc.map")));
        CodeImage image = new("linked.elf", await File.ReadAllBytesAsync(Path.Combine(folder, "linked.elf")));
        IReadOnlyList<Method> methods = SymbolFile.ReadMethods(
            objects, new CoffFile(objects, await File.ReadAllBytesAsync(objects)), layout);
        CallFrames frames = new(image, methods);

        List<string> lost = [];
        foreach (Method method in methods)
        {
            frames.Of(method, out bool isExact);
            if (!isExact)
            {
                lost.Add(method.Symbol);
            }
        }

        Assert.True(methods.Count > 500, $"{methods.Count} methods");
        Assert.Empty(lost);
    }

    [Fact]
    public async Task AddressesAreNamedAndBadOnesRefused()
    {
        await Lab.BuiltAsync("nobootmem");
        uint start = SymbolTable.Read(SymbolsOf("nobootmem")).Methods
            .First(m => m.Name == "CosmosBootAlloc.Configs.NoBootmemVariant.Run").Start;

        ChildResult named = await RunAsync("addr2line", $"{start:x}", $"0x{start:x}", "10");
        Assert.True(named.ExitStatus == ExitStatus.Done, named.Output);
        Assert.Matches($@"#0  {start:x8} CosmosBootAlloc\.Configs\.NoBootmemVariant\.Run at {Chain}:\d+\n", named.Output);
        Assert.Contains("#2  00000010 no code of this kernel", named.Output, StringComparison.Ordinal);

        ChildResult wrong = await RunAsync("addr2line", "12345678x");
        Assert.Equal(ExitStatus.WrongUse, wrong.ExitStatus);
        Assert.Equal(ExitStatus.WrongUse, (await RunAsync("addr2line")).ExitStatus);
    }

    internal static string SymbolsOf(string variant)
        => NativeAotToolchain.SymbolsOf(Lab.Project, Variant.Named(Lab.Project, variant, Toolchain.NativeAot));

    internal static Task<ChildResult> RunAsync(params string[] arguments)
        => Dotnet.RunAsync([s_bootalloc, .. arguments], s_limit, CancellationToken.None);

    private static async Task<string> DebugAsync(params string[] arguments)
    {
        await Lab.BuiltAsync("nobootmem");
        await Provide();
        ChildResult result = await RunAsync(["debug", "--timeout", "1200", .. arguments]);
        Assert.True(result.ExitStatus == ExitStatus.Done, result.Output);
        return result.Output;
    }

    private static async Task Provide()
    {
        try
        {
            await Lab.Programs.ProvideAsync(DebugCommand.Needs, CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }
    }

    private static async Task<string> ReadElfAsync(params string[] arguments)
    {
        // Line by line: a result keeps only the end of so much.
        StringBuilder all = new();
        ChildResult result = await ChildProcess.RunAsync(
            Lab.Programs.Get("readelf"), arguments, s_limit, CancellationToken.None, line: l => all.AppendLine(l));
        Assert.True(result.ExitStatus == 0, result.Output);
        return all.ToString();
    }
}
