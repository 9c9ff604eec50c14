using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>From C# to an image with IL2CPU and the rest of the Cosmos kit; nothing runs when nothing changed.</summary>
public sealed class CosmosBuild(ProjectFolder project, Machine machine)
{
    private const string BadPlug = "Invalid plug method";
    private const string OurAssembly = "CosmosBootAlloc";

    // IL2CPU alone takes half a minute, and several times that when the machine is busy.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    /// <summary>The image of a variant.</summary>
    public string IsoOf(Variant variant) => Path.Combine(project.Out, $"bootalloc-{variant.Name}{Toolchain.Cosmos.Suffix()}.iso");

    /// <summary>The linked kernel of a variant.</summary>
    public string KernelOf(Variant variant) => project.At("CosmosKernel", "bin", "cosmos", variant.Configuration, "net6.0", "CosmosKernel.bin");

    /// <summary>Builds the image of a variant if it is missing, not the one last built, or older than a source. The caller holds the build lock.</summary>
    /// <exception cref="MissingToolException">There is no kit.</exception>
    /// <exception cref="FailedException">A compiler reports errors, or a plug of ours matches nothing; that is in the message.</exception>
    public async Task<BuiltVariant> BuildAsync(Variant variant, CancellationToken cancel)
    {
        CosmosKit kit = CosmosKit.Get();
        string iso = IsoOf(variant);
        string kernel = KernelOf(variant);
        string stamp = iso + ".inputs";
        string inputs = Inputs(kit);
        if (File.Exists(iso) && File.Exists(kernel) && File.Exists(stamp) && File.ReadAllText(stamp) == Stamp(inputs, iso, kernel))
        {
            return new BuiltVariant(variant, kernel, iso, false, Toolchain.Cosmos);
        }

        await machine.ProvideAsync(Needs.Needs.Cosmos, cancel);
        File.Delete(stamp);

        // What IL2CPU made of other inputs is not asked whether it is still good.
        string output = Path.GetDirectoryName(kernel)!;
        Directory.CreateDirectory(output);
        foreach (string ending in new[] { ".asm", ".obj", ".bin" })
        {
            File.Delete(Path.Combine(output, "CosmosKernel" + ending));
        }

        Directory.CreateDirectory(project.Out);
        string log = Path.Combine(project.Out, $"{variant.Name}-cosmos.build.log");
        ChildResult result = await Dotnet.RunAsync(
            ["build", project.CosmosProject, "-c", variant.Configuration, "-nodeReuse:false", "-p:CosmosKit=" + kit.Folder], s_limit, cancel);
        await File.WriteAllTextAsync(log, result.Output, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {variant.Name} took more than {s_limit.TotalMinutes:0} minutes; log: {project.Show(log)}");
        }

        List<string> badPlugs = [.. result.Output.Split('\n').Where(l => l.Contains(BadPlug, StringComparison.Ordinal) && l.Contains(OurAssembly, StringComparison.Ordinal)
            && l.IndexOf(OurAssembly, StringComparison.Ordinal) < PathAt(l)).Select(l => l.Trim()).Distinct()];
        if (badPlugs.Count != 0)
        {
            throw new FailedException($"a plug of {variant.Name} matches nothing in Cosmos; log: {project.Show(log)}\n{string.Join('\n', badPlugs)}");
        }

        if (result.ExitStatus != 0 || !File.Exists(iso) || !File.Exists(kernel))
        {
            throw new FailedException($"the kernel {variant.Name} does not build; log: {project.Show(log)}\n{KernelBuild.Errors(result.Output)}");
        }

        await InstantiateAsync("bochsrc.template", Path.ChangeExtension(iso, ".bochsrc"), variant, cancel);
        await InstantiateAsync("machine.vmx.template", Path.ChangeExtension(iso, ".vmx"), variant, cancel);
        await File.WriteAllTextAsync(stamp, Stamp(inputs, iso, kernel), cancel);
        return new BuiltVariant(variant, kernel, iso, true, Toolchain.Cosmos);
    }

    // msbuild puts the project's path behind each warning, in brackets; it may hold our name too.
    private static int PathAt(string line)
    {
        int at = line.LastIndexOf(" [", StringComparison.Ordinal);
        return at < 0 ? line.Length : at;
    }

    private static string Stamp(string inputs, string iso, string kernel)
    {
        using Fingerprint output = new();
        string folder = Path.GetDirectoryName(iso)!;
        return $"inputs {inputs}\noutputs {output.AddFile(folder, iso).AddFile(folder, kernel).Value()}\n";
    }

    private string Inputs(CosmosKit kit)
    {
        using Fingerprint inputs = new();
        inputs.Add("kit", kit.Folder);
        foreach (string version in kit.Versions())
        {
            inputs.Add("version", version);
        }

        foreach (string name in new[] { "limine.cfg.template", "module.txt", "bochsrc.template", "machine.vmx.template" })
        {
            inputs.AddFile(project.Root, Path.Combine(project.Templates, name));
        }

        inputs.AddFolder(project.Root, project.At("CosmosKernel"))
            .AddFolder(project.Root, project.At("Plugs"))
            .AddFolder(project.Root, project.Configs);
        foreach (string shared in Directory.GetFiles(project.Root, "Directory.*.props"))
        {
            inputs.AddFile(project.Root, shared);
        }

        return inputs.Value();
    }

    private async Task InstantiateAsync(string template, string file, Variant variant, CancellationToken cancel)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(project.Templates, template), cancel);
        text = text.Replace("@VARIANT@", variant.Name + Toolchain.Cosmos.Suffix(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text, cancel);
    }
}
