using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// IL2CPU and the rest of the Cosmos kit: Cosmos's own build makes an image with Limine; one with GRUB is made from the same kernel here.
/// </summary>
public sealed class CosmosToolchain : Toolchain
{
    private const string BadPlug = "Invalid plug method";
    private const string OurAssembly = "CosmosBootAlloc";

    // IL2CPU alone takes half a minute, and several times that on a busy host.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    public override string Name => "cosmos";

    /// <inheritdoc/>
    public override string Description => "needs the Cosmos kit";

    /// <summary>What the Cosmos kit calls and does not include: from IL2CPU's assembler to an ISO.</summary>
    public override IReadOnlyList<Need> Needs { get; } =
    [
        new("yasm", "yasm"),
        new("ld", "binutils"),
        new("xorriso", "xorriso", "-version"),
    ];

    /// <inheritdoc/>
    public override bool HasMultiboot1 => false;

    /// <inheritdoc/>
    public override bool MakesOwnImage => true;

    /// <inheritdoc/>
    public override bool NeedsSse2 => true;

    /// <inheritdoc/>
    public override bool HasLargeImage => true;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> UnfitMachineTypes { get; } = new Dictionary<string, string>
    {
        // The last line on the screen is "Starting ACPI", with Cosmos's own heap as with ours.
        ["q35"] = "Cosmos's ACPI driver never finishes on QEMU's q35, with any heap",
    };

    /// <inheritdoc/>
    public override TimeSpan BootLimit => TimeSpan.FromMinutes(5);

    /// <summary>
    /// Cosmos's loader reads an image of many megabytes, and its own heap takes a billion instructions for the benchmark.
    /// </summary>
    public override TimeSpan BenchLimit => TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override void Require() => CosmosKit.Get();

    /// <inheritdoc/>
    public override async Task<BuiltVariant> BuildAsync(
        ProjectFolder project, InstalledPrograms programs, Variant variant, CancellationToken cancel)
    {
        string iso = ImageOf(project, variant);
        string kernel = project.At("CosmosKernel", "bin", "cosmos", variant.Configuration, "net6.0", "CosmosKernel.bin");
        bool built = await BuildOwnImageAsync(project, programs, variant, kernel, iso, cancel);
        bool written = await MachineFiles.UpdateAsync(project, iso, variant.Name + Suffix, cancel);
        string grub = Path.ChangeExtension(iso, null) + "-grub.iso";
        bool made = await GrubImage.UpdateAsync(project, programs, grub, kernel, variant.Name, onlyMultiboot2: true, cancel);
        return new BuiltVariant(variant, this, kernel, iso, built || written || made) { GrubImage = grub };
    }

    private async Task<bool> BuildOwnImageAsync(
        ProjectFolder project, InstalledPrograms programs, Variant variant, string kernel, string iso, CancellationToken cancel)
    {
        CosmosKit kit = CosmosKit.Get();
        string stamp = iso + ".inputs";
        string inputs = Inputs(project, kit);
        if (File.Exists(iso) && File.Exists(kernel) && File.Exists(stamp)
            && await File.ReadAllTextAsync(stamp, cancel) == Stamp(inputs, iso, kernel))
        {
            return false;
        }

        await programs.ProvideAsync(Needs, cancel);
        File.Delete(stamp);

        // IL2CPU's output from other inputs is deleted, so that Cosmos's build cannot take it for current.
        string output = Path.GetDirectoryName(kernel)!;
        Directory.CreateDirectory(output);
        foreach (string extension in new[] { ".asm", ".obj", ".bin" })
        {
            File.Delete(Path.Combine(output, "CosmosKernel" + extension));
        }

        string log = Path.Combine(project.Out, $"{variant.Name}-cosmos.build.log");
        ChildResult result = await Dotnet.RunAsync(
            ["build", project.CosmosProject, "-c", variant.Configuration, "-nodeReuse:false", "-p:CosmosKit=" + kit.Folder], s_limit,
                cancel);
        await File.WriteAllTextAsync(log, result.Output, cancel);
        if (result.TimedOut)
        {
            throw new TimeOutException($"building {variant.Name} took more than {s_limit.TotalMinutes:0} minutes; log: "
                + $"{project.Show(log)}");
        }

        List<string> badPlugs = [.. result.Output.Split('\n').Where(IsOurBadPlug).Select(l => l.Trim()).Distinct()];
        if (badPlugs.Count != 0)
        {
            throw new FailedException(
                $"a plug of {variant.Name} matches nothing in Cosmos; log: {project.Show(log)}\n{string.Join('\n', badPlugs)}");
        }

        if (result.ExitStatus != 0 || !File.Exists(iso) || !File.Exists(kernel))
        {
            string errors = KernelSources.Errors(project.Root, result.Output);
            throw new FailedException($"the kernel {variant.Name} does not build; log: {project.Show(log)}\n{errors}");
        }

        await File.WriteAllTextAsync(stamp, Stamp(inputs, iso, kernel), cancel);
        return true;
    }

    // msbuild appends the project's path to each warning, in brackets; our name there means nothing.
    private static bool IsOurBadPlug(string line)
    {
        int path = line.LastIndexOf(" [", StringComparison.Ordinal);
        int ours = line.IndexOf(OurAssembly, StringComparison.Ordinal);
        return line.Contains(BadPlug, StringComparison.Ordinal) && ours >= 0 && (path < 0 || ours < path);
    }

    private static string Stamp(string inputs, string iso, string kernel)
    {
        using Fingerprint output = new();
        string folder = Path.GetDirectoryName(iso)!;
        return $"inputs {inputs}\noutputs {output.AddFile(folder, iso).AddFile(folder, kernel).Value()}\n";
    }

    private static string Inputs(ProjectFolder project, CosmosKit kit)
    {
        using Fingerprint inputs = new();
        inputs.Add("kit", kit.Folder);
        foreach (string version in kit.Versions())
        {
            inputs.Add("version", version);
        }

        foreach (string name in new[] { "limine.cfg.template", "module.txt" })
        {
            inputs.AddFile(project.Root, Path.Combine(project.Templates, name));
        }

        return KernelSources.AddTo(inputs, project).Value();
    }
}
