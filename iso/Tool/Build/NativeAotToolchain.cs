using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// The embedded toolchain: NativeAOT's compiler from NuGet, linked, lowered to a 486, and put into an image with GRUB here.
/// </summary>
public sealed class NativeAotToolchain : Toolchain
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override string Name => "nativeaot";

    /// <inheritdoc/>
    public override string Description => "embedded";

    /// <inheritdoc/>
    public override bool HasCombinedImages => true;

    /// <summary>From C# to a kernel image.</summary>
    public static IReadOnlyList<Need> KernelNeeds { get; } =
    [
        new("nasm", "nasm"),
        new("ld", "binutils"),
        new("objcopy", "binutils"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<Need> Needs => [.. KernelNeeds, .. BootImage.Needs];

    /// <inheritdoc/>
    public override async Task<BuiltVariant> BuildAsync(
        ProjectFolder project, InstalledPrograms programs, Variant variant, CancellationToken cancel)
    {
        string kernel = await BuildKernelAsync(project, programs, variant, cancel);
        string iso = ImageOf(project, variant);
        bool made = await GrubImage.UpdateAsync(project, programs, iso, kernel, variant.Name, onlyMultiboot2: false, cancel);
        bool written = await MachineFiles.UpdateAsync(project, iso, variant.Name, cancel);
        return new BuiltVariant(variant, this, kernel, iso, made || written);
    }

    private static async Task<string> BuildKernelAsync(
        ProjectFolder project, InstalledPrograms programs, Variant variant, CancellationToken cancel)
    {
        string folder = project.At("CosmosKernel", "NativeAot", "bin", variant.Configuration);
        string linked = Path.Combine(folder, "linked.elf");
        string kernel = Path.Combine(folder, "bootalloc.elf");
        string stamp = Path.Combine(project.Out, $"{variant.Name}.inputs");
        string inputs = Inputs(project);
        if (File.Exists(kernel) && File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancel) == Stamp(inputs, kernel))
        {
            return kernel;
        }

        if (!File.Exists(project.NativeAotProject))
        {
            throw new BadInputException($"{project.NativeAotProject}: expected the kernel's project file");
        }

        await programs.ProvideAsync(KernelNeeds, cancel);
        File.Delete(stamp);
        string log = Path.Combine(project.Out, $"{variant.Name}.build.log");
        ChildResult result = await Dotnet.RunAsync(["build", project.NativeAotProject, "-c", variant.Configuration], s_limit, cancel);
        await File.WriteAllTextAsync(log, result.Output, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {variant.Name} took more than {s_limit.TotalMinutes:0} minutes; log: "
                + $"{project.Show(log)}");
        }

        if (result.ExitStatus != 0 || !File.Exists(linked))
        {
            string errors = KernelSources.Errors(result.Output);
            throw new FailedException($"the kernel {variant.Name} does not build; log: {project.Show(log)}\n{errors}");
        }

        await LowerAsync(variant, linked, Path.Combine(folder, "bootalloc.map"), kernel, cancel);
        await File.WriteAllTextAsync(stamp, Stamp(inputs, kernel), cancel);
        return kernel;
    }

    // Makes the image that runs on a 486 of the one that was linked, and proves it by decoding all of it again.
    private static async Task LowerAsync(Variant variant, string linked, string map, string kernel, CancellationToken cancel)
    {
        CodeImage image = new(linked, await File.ReadAllBytesAsync(linked, cancel));
        CodeProof proof;
        try
        {
            ImageLowering.Run(image, CodeLayout.Parse(await File.ReadAllTextAsync(map, cancel)));
            proof = CodeProof.Of(image);
        }
        catch (FailedException fault)
        {
            throw new FailedException($"the kernel {variant.Name} cannot be lowered to a 486: {fault.Message}");
        }

        if (proof.Newer.Count != 0)
        {
            throw new FailedException($"the kernel {variant.Name}: {proof}:\n{string.Join('\n', proof.Newer)}");
        }

        await File.WriteAllBytesAsync(kernel, image.Bytes, cancel);
    }

    private static string Stamp(string inputs, string kernel)
    {
        using Fingerprint output = new();
        return $"inputs {inputs}\nimage {output.AddFile(Path.GetDirectoryName(kernel)!, kernel).Value()}\n";
    }

    private static string Inputs(ProjectFolder project)
    {
        using Fingerprint inputs = new();
        inputs.AddFolder(project.Root, project.At("iso", "Tool", "Build", "Lowering"));
        return KernelSources.AddTo(inputs, project).Value();
    }
}
