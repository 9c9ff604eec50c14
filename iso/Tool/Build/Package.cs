using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// The NuGet package that puts our heaps into anybody's Cosmos kernel: the plugs, compiled for every variant and log output against the
/// kit's assemblies, and the build files of Plugs/Package.
/// </summary>
/// <param name="project">The work tree.</param>
public sealed class Package(ProjectFolder project)
{
    private const string Assembly = "CosmosBootAlloc.Cosmos";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>The values of BootAllocLog: files of Plugs/Boot/LogOutput.</summary>
    public static IReadOnlyList<string> LogOutputs { get; } = ["None", "Screen", "Com1", "All"];

    /// <summary>The variants that a foreign kernel can have: all but its own heap.</summary>
    public static IReadOnlyList<Variant> Variants(ProjectFolder project)
        => [.. Variant.All(project, Toolchain.Named("nativeaot"))];

    /// <summary>Compiles the plugs and packs them.</summary>
    /// <param name="variants">Usually all <see cref="Variants"/>.</param>
    /// <param name="logOutputs">Usually all <see cref="LogOutputs"/>.</param>
    /// <param name="feed">The folder for the package; what is in it goes.</param>
    /// <param name="progress">Is told what is compiled.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The package's file.</returns>
    /// <exception cref="MissingToolException">There is no kit: the plugs refer to its assemblies by name and version.</exception>
    /// <exception cref="FailedException">Something does not compile.</exception>
    public async Task<string> MakeAsync(
        IReadOnlyList<Variant> variants,
        IReadOnlyList<string> logOutputs,
        string feed,
        Action<string> progress,
        CancellationToken cancel)
    {
        CosmosKit kit = CosmosKit.Get();
        string plugs = Path.Combine(feed, "plugs");
        if (Directory.Exists(feed))
        {
            Directory.Delete(feed, true);
        }

        string source = project.At("Plugs", "Cosmos", Assembly + ".csproj");
        foreach (Variant variant in variants)
        {
            foreach (string output in logOutputs)
            {
                progress($"{variant.Name}, log {output.ToLowerInvariant()}");
                string folder = Path.Combine(plugs, variant.Configuration, output.ToLowerInvariant());
                await RunAsync(
                    [
                        "build", source, "-c", variant.Configuration, "-nodeReuse:false", "-v", "quiet", "-p:CosmosKit=" + kit.Folder,
                        "-p:LogOutput=" + output, "-p:DebugType=none", $"-p:OutDir={folder}/",
                        $"-p:IntermediateOutputPath=obj/package/{variant.Configuration}/{output}/",
                    ],
                    $"the plugs of {variant.Name}", cancel);
                KeepAssembly(folder);
            }
        }

        progress("the package");
        await RunAsync(
            [
                "pack", project.At("Plugs", "Package", "CosmosBootAlloc.Package.csproj"), "-nodeReuse:false", "-v", "quiet",
                "-p:CosmosKit=" + kit.Folder, "-p:PlugsFolder=" + plugs, "-o", feed,
            ],
            "the package", cancel);
        Directory.Delete(plugs, true);
        return Directory.EnumerateFiles(feed, "*.nupkg").Single();
    }

    // The build also copies what the kit's packages bring.
    private static void KeepAssembly(string folder)
    {
        string[] kept = [Assembly + ".dll", Assembly + ".xml"];
        foreach (string file in Directory.EnumerateFiles(folder).Where(f => !kept.Contains(Path.GetFileName(f))))
        {
            File.Delete(file);
        }
    }

    private async Task RunAsync(IEnumerable<string> arguments, string what, CancellationToken cancel)
    {
        ChildResult result = await Dotnet.RunAsync(arguments, s_limit, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {what} took more than {s_limit.TotalMinutes:0} minutes");
        }

        if (result.ExitStatus != 0)
        {
            throw new FailedException($"{what} does not build\n{KernelSources.Errors(project.Root, result.Output)}");
        }
    }
}
