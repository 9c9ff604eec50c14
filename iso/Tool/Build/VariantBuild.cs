using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>What the build of a variant leaves in iso/out.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Toolchain">What built it.</param>
/// <param name="Kernel">The ELF file.</param>
/// <param name="Iso">The image with the boot menu.</param>
/// <param name="Made">False when everything was there already.</param>
public sealed record BuiltVariant(Variant Variant, Toolchain Toolchain, string Kernel, string Iso, bool Made)
{
    /// <summary>
    /// The same kernel in an image with GRUB, for a toolchain that makes its own image: Cosmos's boots from CD only and needs more RAM.
    /// Null where <see cref="Iso"/> is that image.
    /// </summary>
    public string? GrubImage { get; init; }

    /// <summary>The variant's name, with the toolchain's where it is not the default: as in file names.</summary>
    public string FileName => Variant.Name + Toolchain.Suffix;
}

/// <summary>Builds variants, one at a time in a work tree for each toolchain.</summary>
public sealed class VariantBuild(ProjectFolder project, InstalledPrograms programs)
{
    /// <summary>Builds the kernels of several variants at once, where the toolchain can.</summary>
    public async Task BuildKernelsAsync(IReadOnlyList<Variant> variants, Toolchain toolchain, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(LockOf(toolchain), cancel);
        await toolchain.BuildKernelsAsync(project, programs, variants, cancel);
    }

    /// <summary>
    /// Builds whatever is missing or out of date of a variant: kernel, image, and the emulators' configurations beside it.
    /// </summary>
    public async Task<BuiltVariant> BuildAsync(Variant variant, Toolchain toolchain, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(LockOf(toolchain), cancel);
        return await toolchain.BuildAsync(project, programs, variant, cancel);
    }

    // The toolchains share no folder, so one does not wait for the other.
    private string LockOf(Toolchain toolchain) => project.At("iso", "out", $"build{toolchain.Suffix}.lock");
}
