using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// The Cosmos way to build, <c>dotnet build -c VARIANT</c> in CosmosKernel, in a copy of the work tree with spaces in its name.
/// </summary>
public sealed class CosmosBuildTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private readonly TreeCopy _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task AChangeInTheMemoryCodeReachesTheImageAndNothingIsBuiltTwice()
    {
        NeedKit();

        ChildResult first = await BuildAsync("Lmb");
        Assert.True(first.ExitStatus == 0, first.Output);
        string iso = _tree.At("iso", "out", "bootalloc-lmb-cosmos.iso");
        Assert.True(Holds(iso, "No memory map: found neither"));
        DateTime made = File.GetLastWriteTimeUtc(iso);

        ChildResult again = await BuildAsync("Lmb");
        Assert.True(again.ExitStatus == 0, again.Output);
        Assert.Equal(made, File.GetLastWriteTimeUtc(iso));

        // The trap: Cosmos's own build would keep the old image.
        _tree.Replace(_tree.Find("Plugs/Memory", "E820Stage.cs"), "No memory map: found neither", "No memory map: changed since");
        _tree.Replace("iso/limine.cfg.template", "TIMEOUT=3", "TIMEOUT=4");
        ChildResult changed = await BuildAsync("Lmb");
        Assert.True(changed.ExitStatus == 0, changed.Output);
        Assert.True(Holds(iso, "No memory map: changed since"));
        Assert.False(Holds(iso, "No memory map: found neither"));
        Assert.True(Holds(iso, "TIMEOUT=4", Encoding.ASCII));
    }

    [Fact]
    public async Task APlugWhoseSignatureDoesNotMatchIsAnErrorOfTheBuild()
    {
        NeedKit();
        _tree.Replace(
            _tree.Find("Plugs/Cosmos", "HeapPlug.cs"), "public static byte* Alloc(uint aSize)", "public static byte* Alloc(ulong aSize)");
        _tree.Replace(_tree.Find("Plugs/Cosmos", "HeapPlug.cs"), "=> ManagedHeap.AllocateRaw(aSize);\n\n    /// <summary>The same", "=> "
            + "ManagedHeap.AllocateRaw((uint)aSize);\n\n    /// <summary>The same");

        ChildResult result = await BuildAsync("NoBootmem");

        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("PlugSignatures.cs", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_tree.At("iso", "out", "bootalloc-nobootmem-cosmos.iso")));
    }

    [Fact]
    public async Task WithoutAKitTheBuildSaysSoInOneLine()
    {
        ChildResult result = await ChildProcess.RunAsync(
            Dotnet.Program,
                ["build",
                _tree.At("CosmosKernel", "CosmosKernel.csproj"), "-c", "NoBootmem", "--nologo", "-v", "q", "-p:CosmosKit=/nonexistent"],
                s_limit, CancellationToken.None);

        Assert.Equal(1, result.ExitStatus);
        Assert.Contains("error : the Cosmos gen2 kit is missing: looked for it in /nonexistent", result.Output, StringComparison.Ordinal);
    }

    private static void NeedKit() => Assert.SkipWhen(CosmosKit.Find() == null, CosmosKit.HowToGet);

    private Task<ChildResult> BuildAsync(string configuration)
        => ChildProcess.RunAsync(Dotnet.Program, ["build", "-c", configuration, "--nologo", "-v", "q", "-nodeReuse:false"], s_limit,
            CancellationToken.None, folder: _tree.At("CosmosKernel"));

    // IL2CPU keeps literals as UTF-16.
    private static bool Holds(string file, string text, Encoding encoding = null!)
        => File.ReadAllBytes(file).AsSpan().IndexOf((encoding ?? Encoding.Unicode).GetBytes(text)) >= 0;
}
