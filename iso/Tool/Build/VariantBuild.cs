using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>What a variant's build leaves in iso/out.</summary>
/// <param name="Kernel">The ELF file.</param>
/// <param name="Iso">The image with the menu for people.</param>
/// <param name="Made">False when everything was there already.</param>
/// <param name="Toolchain">What built it.</param>
public sealed record BuiltVariant(Variant Variant, string Kernel, string Iso, bool Made, Toolchain Toolchain = Toolchain.NativeAot)
{
    /// <summary>
    /// For toolchain cosmos the same kernel in an image with GRUB: Cosmos's own boots from CD only and needs more RAM. Null for the embedded toolchain, whose
    /// image is both.
    /// </summary>
    public string? GrubImage { get; init; }
}

/// <summary>Builds a variant: kernel, ISO, and beside it ready machines for Bochs and VMware.</summary>
public sealed class VariantBuild(ProjectFolder project, Machine machine)
{
    private readonly KernelBuild _kernel = new(project, machine);
    private readonly CosmosBuild _cosmos = new(project, machine);
    private readonly BootImage _image = new(machine);

    /// <summary>Builds what is missing or out of date.</summary>
    public async Task<BuiltVariant> BuildAsync(Variant variant, Toolchain toolchain, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(project.Out, "build.lock"), cancel);
        return toolchain == Toolchain.Cosmos ? await AddGrubImageAsync(await _cosmos.BuildAsync(variant, cancel), cancel) : await BuildAsync(variant, cancel);
    }

    private async Task<BuiltVariant> BuildAsync(Variant variant, CancellationToken cancel)
    {
        string kernel = await _kernel.BuildAsync(variant, cancel);
        string iso = Path.Combine(project.Out, $"bootalloc-{variant.Name}.iso");
        string bochs = Path.ChangeExtension(iso, ".bochsrc");
        string vmware = Path.ChangeExtension(iso, ".vmx");
        string stamp = iso + ".inputs";
        string inputs = Inputs(kernel);
        if (File.Exists(iso) && File.Exists(bochs) && File.Exists(vmware) && File.Exists(stamp) && File.ReadAllText(stamp) == inputs)
        {
            return new BuiltVariant(variant, kernel, iso, false);
        }

        File.Delete(stamp);
        string menu = BootMenu.ForPeople(Path.Combine(project.Templates, "grub.cfg.template"), variant.Name);
        await _image.MakeAsync(iso, kernel, menu, Path.Combine(project.Templates, "module.txt"), cancel);
        await InstantiateAsync("bochsrc.template", bochs, variant, cancel);
        await InstantiateAsync("machine.vmx.template", vmware, variant, cancel);
        await File.WriteAllTextAsync(stamp, inputs, cancel);
        return new BuiltVariant(variant, kernel, iso, true);
    }

    private async Task<BuiltVariant> AddGrubImageAsync(BuiltVariant built, CancellationToken cancel)
    {
        string image = Path.ChangeExtension(built.Iso, null) + "-grub.iso";
        string stamp = image + ".inputs";
        string inputs = Inputs(built.Kernel);
        bool made = !File.Exists(image) || !File.Exists(stamp) || await File.ReadAllTextAsync(stamp, cancel) != inputs;
        if (made)
        {
            File.Delete(stamp);
            string menu = BootMenu.ForPeople(Path.Combine(project.Templates, "grub.cfg.template"), built.Variant.Name, onlyMultiboot2: true);
            await _image.MakeAsync(image, built.Kernel, menu, Path.Combine(project.Templates, "module.txt"), cancel);
            await File.WriteAllTextAsync(stamp, inputs, cancel);
        }

        return built with { GrubImage = image, Made = built.Made || made };
    }

    private string Inputs(string kernel)
    {
        using Fingerprint inputs = new();
        inputs.Add("recipe", BootImage.Recipe).AddFile(project.Root, kernel);
        foreach (string name in new[] { "grub.cfg.template", "module.txt", "bochsrc.template", "machine.vmx.template" })
        {
            inputs.AddFile(project.Root, Path.Combine(project.Templates, name));
        }

        return inputs.Value();
    }

    private async Task InstantiateAsync(string template, string file, Variant variant, CancellationToken cancel)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(project.Templates, template), cancel);
        await File.WriteAllTextAsync(file, text.Replace("@VARIANT@", variant.Name, StringComparison.Ordinal), cancel);
    }
}
