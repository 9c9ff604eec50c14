using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>From C# to a kernel image with the embedded toolchain; nothing runs when nothing changed.</summary>
public sealed class KernelBuild(ProjectFolder project, Machine machine)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>Where the image of a variant is.</summary>
    public string ImageOf(Variant variant) => project.At("CosmosKernel", "NativeAot", "bin", variant.Configuration, "bootalloc.elf");

    /// <summary>Builds the kernel of a variant if its image is missing, not the one last built, or older than a source. The caller holds the build lock.</summary>
    /// <returns>The image.</returns>
    /// <exception cref="FailedException">The compiler reports errors; they are in the message.</exception>
    public async Task<string> BuildAsync(Variant variant, CancellationToken cancel)
    {
        string image = ImageOf(variant);
        string stamp = Path.Combine(project.Out, $"{variant.Name}.inputs");
        string inputs = Inputs();
        if (File.Exists(image) && File.Exists(stamp) && File.ReadAllText(stamp) == Stamp(inputs, image))
        {
            return image;
        }

        if (!File.Exists(project.NativeAotProject))
        {
            throw new BadInputException($"{project.NativeAotProject}: expected the kernel's project file");
        }

        await machine.ProvideAsync(Needs.Needs.Kernel, cancel);
        File.Delete(stamp);
        string log = Path.Combine(project.Out, $"{variant.Name}.build.log");
        ChildResult result = await Dotnet.RunAsync(["build", project.NativeAotProject, "-c", variant.Configuration], s_limit, cancel);
        Directory.CreateDirectory(project.Out);
        await File.WriteAllTextAsync(log, result.Output, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {variant.Name} took more than {s_limit.TotalMinutes:0} minutes; log: {project.Show(log)}");
        }

        if (result.ExitStatus != 0 || !File.Exists(image))
        {
            throw new FailedException($"the kernel {variant.Name} does not build; log: {project.Show(log)}\n{Errors(result.Output)}");
        }

        await File.WriteAllTextAsync(stamp, Stamp(inputs, image), cancel);
        return image;
    }

    private static string Stamp(string inputs, string image)
    {
        using Fingerprint output = new();
        return $"inputs {inputs}\nimage {output.AddFile(Path.GetDirectoryName(image)!, image).Value()}\n";
    }

    /// <summary>The first errors of a build's output, each once.</summary>
    internal static string Errors(string output)
    {
        const int most = 20;
        List<string> errors = [];
        foreach (string line in output.Split('\n'))
        {
            if (line.Contains("error", StringComparison.OrdinalIgnoreCase) && !errors.Contains(line.Trim()) && errors.Count < most)
            {
                errors.Add(line.Trim());
            }
        }

        return string.Join('\n', errors);
    }

    private string Inputs()
    {
        using Fingerprint inputs = new();
        inputs.AddFolder(project.Root, project.At("CosmosKernel"))
            .AddFolder(project.Root, project.At("Plugs"))
            .AddFolder(project.Root, project.Configs);
        foreach (string shared in Directory.GetFiles(project.Root, "Directory.*.props"))
        {
            inputs.AddFile(project.Root, shared);
        }

        return inputs.Value();
    }
}
