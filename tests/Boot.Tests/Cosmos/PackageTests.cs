using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// The package, as somebody else uses it: a kernel with one PackageReference, which is the sample of the documentation, copied out of the
/// work tree.
/// </summary>
public sealed class PackageTests
{
    private const string Ready = "hello: 10000 objects made, ";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    // Expect the kernel to build and boot on our heap, its BeforeRun to run, and the log on COM1 and nothing else; a variant that there is
    // none of is refused by name.
    [Fact]
    public async Task OneReferencePutsOurHeapIntoAKernel()
    {
        CosmosKit? kit = CosmosKit.Find();
        Assert.SkipWhen(kit == null, CosmosKit.HowToGet);
        Package package = new(Lab.Project);
        Variant[] variants = [.. Package.Variants(Lab.Project).Where(v => v.Name == "nobootmem")];
        using TemporaryFolder folder = new();
        string feed = folder.File("feed");
        await package.MakeAsync(variants, ["Com1"], feed, _ => { }, CancellationToken.None);
        foreach (string source in Directory.EnumerateFiles(Lab.Project.At("docs", "samples", "HelloCosmos"), "*.cs*"))
        {
            File.Copy(source, folder.File(Path.GetFileName(source)));
        }

        string[] build =
        [
            "build", folder.File("HelloCosmos.csproj"), "-nodeReuse:false", "-v", "quiet", $"-p:CosmosDir={kit!.Folder}",
            $"-p:RestoreAdditionalProjectSources=\"{kit.Folder}/Packages;{feed}\"",
            $"-p:RestorePackagesPath={folder.File("packages")}",
        ];
        ChildResult built = await Dotnet.RunAsync(build, s_limit, CancellationToken.None);
        Assert.True(built.ExitStatus == 0, built.Output);
        string iso = Directory.EnumerateFiles(folder.Path, "HelloCosmos.iso", SearchOption.AllDirectories).Single();

        string log = await BootAsync(iso, folder, "256M");
        Assert.Contains("bootalloc: boot variant=nobootmem toolchain=cosmos ", log, StringComparison.Ordinal);
        Assert.Matches(Ready + "-?[0-9]{1,3} left after a collection", log);
        Assert.DoesNotContain("panic", log, StringComparison.Ordinal);

        // Linked low it fits a machine on which Cosmos's own address does not exist.
        ChildResult low = await Dotnet.RunAsync([.. build, "-p:BootAllocTextAddress=0x100000"], s_limit, CancellationToken.None);
        Assert.True(low.ExitStatus == 0, low.Output);
        Assert.Matches("TEXT DATA BSS\" (pages=[0-9]+ )?start=100000 ", await BootAsync(iso, folder, "32M"));

        ChildResult refused = await Dotnet.RunAsync([.. build, "-p:BootAllocVariant=Bootmen"], s_limit, CancellationToken.None);
        Assert.Equal(1, refused.ExitStatus);
        Assert.Contains(
            "BootAllocVariant is 'Bootmen', BootAllocLog is 'com1': expected NoBootmem", refused.Output, StringComparison.Ordinal);
    }

    // The kernel never ends: it is stopped once it has said what it should, or after the limit.
    private static async Task<string> BootAsync(string iso, TemporaryFolder folder, string memory)
    {
        string log = folder.File($"com1-{memory}");
        using CancellationTokenSource stop = new(s_limit);
        Task<ChildResult> machine = ChildProcess.RunAsync(
            Lab.Programs.Get("qemu-system-i386"),
            ["-m", memory, "-cdrom", iso, "-display", "none", "-no-reboot", "-nic", "none", "-serial", $"file:{log}"],
            s_limit,
            stop.Token);
        string text = "";
        while (!machine.IsCompleted && !text.Contains(Ready, StringComparison.Ordinal))
        {
            await Task.Delay(200);
            text = File.Exists(log) ? await File.ReadAllTextAsync(log) : "";
        }

        await stop.CancelAsync();
        try
        {
            await machine;
        }
        catch (OperationCanceledException)
        {
            // This is how it ends.
        }

        return await File.ReadAllTextAsync(log);
    }
}
