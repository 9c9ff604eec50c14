using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>A file in an image.</summary>
/// <param name="Path">Where it is in the image, as in <c>/boot/bootalloc.elf</c>.</param>
/// <param name="Source">The file on the host.</param>
public sealed record ImageFile(string Path, string Source);

/// <summary>What an image holds besides GRUB.</summary>
/// <param name="Menu">The text of grub.cfg.</param>
/// <param name="Files">Kernels, modules, and what else there is.</param>
public sealed record ImageContents(string Menu, IReadOnlyList<ImageFile> Files)
{
    /// <summary>Where GRUB looks for its menu.</summary>
    public const string MenuPath = "/boot/grub/grub.cfg";

    /// <summary>GRUB on a CD: <see cref="GrubCore.Cd"/> or <see cref="GrubCore.QuickCd"/>.</summary>
    public GrubCoreKind CdCore { get; init; } = GrubCore.Cd;

    /// <summary>Modules of GRUB that the menu needs besides the usual.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];
}
