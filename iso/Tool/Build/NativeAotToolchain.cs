using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Symbols;

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
        await BuildKernelsAsync(project, programs, [variant], cancel);
        string kernel = KernelOf(project, variant);
        string iso = ImageOf(project, variant);
        bool made = await GrubImage.UpdateAsync(project, programs, iso, kernel, variant.Name, onlyMultiboot2: false, cancel);
        bool written = await MachineFiles.UpdateAsync(project, iso, variant.Name, cancel);
        return new BuiltVariant(variant, this, kernel, iso, made || written);
    }

    /// <summary>The kernel's symbol file, for gdb and addr2line; each build makes it.</summary>
    public static string SymbolsOf(ProjectFolder project, Variant variant)
        => project.At("CosmosKernel", "NativeAot", "bin", variant.Configuration, "bootalloc.debug");

    /// <summary>The kernel itself: what every image of the variant holds.</summary>
    public static string KernelOf(ProjectFolder project, Variant variant)
        => project.At("CosmosKernel", "NativeAot", "bin", variant.Configuration, "bootalloc.elf");

    /// <inheritdoc/>
    /// <remarks>One run of MSBuild for all of them, and one process with the compiler.</remarks>
    public override async Task BuildKernelsAsync(
        ProjectFolder project, InstalledPrograms programs, IReadOnlyList<Variant> variants, CancellationToken cancel)
    {
        string inputs = Inputs(project);
        List<Variant> old = [.. variants.Where(v => !IsCurrent(project, v, inputs))];
        if (old.Count == 0)
        {
            return;
        }

        if (!File.Exists(project.NativeAotProject))
        {
            throw new BadInputException($"{project.NativeAotProject}: expected the kernel's project file");
        }

        await programs.ProvideAsync(KernelNeeds, cancel);
        old.ForEach(v => File.Delete(StampOf(project, v)));
        await CompileAsync(project, old, cancel);
        foreach (Variant variant in old)
        {
            await FinishAsync(project, variant, cancel);
            await File.WriteAllTextAsync(StampOf(project, variant), Stamp(inputs, KernelOf(project, variant)), cancel);
        }
    }

    private static bool IsCurrent(ProjectFolder project, Variant variant, string inputs)
    {
        (string kernel, string stamp) = (KernelOf(project, variant), StampOf(project, variant));
        return File.Exists(kernel) && File.Exists(SymbolsOf(project, variant)) && File.Exists(stamp)
            && File.ReadAllText(stamp) == Stamp(inputs, kernel);
    }

    private static string StampOf(ProjectFolder project, Variant variant) => Path.Combine(project.Out, $"{variant.Name}.inputs");

    private static string LinkedOf(ProjectFolder project, Variant variant)
        => Path.Combine(Path.GetDirectoryName(KernelOf(project, variant))!, "linked.elf");

    private static async Task CompileAsync(ProjectFolder project, IReadOnlyList<Variant> variants, CancellationToken cancel)
    {
        string names = string.Join(", ", variants.Select(v => v.Name));
        string log = Path.Combine(project.Out, variants.Count == 1 ? $"{names}.build.log" : "kernels.build.log");
        List<string> arguments =
        [
            "build", project.NativeAotProject, "-m:1", $"-p:Variants={string.Join("%3B", variants.Select(v => v.Configuration))}",
        ];
        if (variants.Count > 1)
        {
            arguments.AddRange(Dotnet.OneCompiler());
        }

        ChildResult result = await Dotnet.RunAsync(arguments, s_limit, cancel);
        await File.WriteAllTextAsync(log, result.Output, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {names} took more than {s_limit.TotalMinutes:0} minutes; log: {project.Show(log)}");
        }

        if (result.ExitStatus != 0 || !variants.All(v => File.Exists(LinkedOf(project, v))))
        {
            string kernels = variants.Count == 1 ? $"the kernel {names} does" : $"the kernels {names} do";
            string errors = KernelSources.Errors(project.Root, result.Output);
            throw new FailedException($"{kernels} not build; log: {project.Show(log)}\n{errors}");
        }
    }

    // From what was linked to the kernel, and its symbols.
    private static async Task FinishAsync(ProjectFolder project, Variant variant, CancellationToken cancel)
    {
        string kernel = KernelOf(project, variant);
        string linked = LinkedOf(project, variant);
        string map = Path.Combine(Path.GetDirectoryName(kernel)!, "bootalloc.map");
        CodeLayout layout = CodeLayout.Parse(await File.ReadAllTextAsync(map, cancel));
        IReadOnlyList<CodeMove> moves = await LowerAsync(variant, linked, layout, kernel, cancel);
        CodeImage before = new(linked, await File.ReadAllBytesAsync(linked, cancel));
        string objects = project.At("CosmosKernel", "NativeAot", "obj", variant.Configuration);
        string common = project.At("CosmosKernel", "NativeAot", "obj", "kernel", "kernel.dll");
        byte[] file = SymbolFile.Make(
            project.Root, [common, Path.Combine(objects, "variant.dll")], Path.Combine(objects, "kernel.obj"),
            Path.Combine(objects, "kernel.exe"), before, layout, moves);
        await File.WriteAllBytesAsync(SymbolsOf(project, variant), file, cancel);
    }

    // Makes the image that runs on a 486 of the one that was linked, and proves it by decoding all of it again.
    private static async Task<IReadOnlyList<CodeMove>> LowerAsync(
        Variant variant, string linked, CodeLayout layout, string kernel, CancellationToken cancel)
    {
        CodeImage image = new(linked, await File.ReadAllBytesAsync(linked, cancel));
        CodeProof proof;
        LoweringResult result;
        try
        {
            result = ImageLowering.Run(image, layout);
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
        return result.Moves;
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
        inputs.AddFolder(project.Root, project.At("iso", "Tool", "Symbols"));
        return KernelSources.AddTo(inputs, project).Value();
    }
}
