using System.Collections.Generic;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Needs;

/// <summary>One thing that a job needs from the machine.</summary>
/// <param name="What">The program's name on the PATH, or an absolute file name.</param>
/// <param name="Package">The Debian package that brings it.</param>
/// <param name="VersionOption">Makes the program print its version on the first line; null for files.</param>
public sealed record Need(string What, string Package, string? VersionOption = "--version");

/// <summary>What each job needs. Building needs no emulator.</summary>
public static class Needs
{
    /// <summary>From C# to a kernel image with the embedded toolchain.</summary>
    public static IReadOnlyList<Need> Kernel { get; } =
    [
        new("nasm", "nasm"),
        new("ld", "binutils"),
        new("objcopy", "binutils"),
    ];

    /// <summary>What the Cosmos kit calls and does not bring: from IL2CPU's assembler to an ISO.</summary>
    public static IReadOnlyList<Need> Cosmos { get; } =
    [
        new("yasm", "yasm"),
        new("ld", "binutils"),
        new("xorriso", "xorriso", "-version"),
    ];

    /// <summary>From C# to a bootable image with a toolchain.</summary>
    public static IReadOnlyList<Need> Of(Toolchain toolchain) => toolchain == Toolchain.Cosmos ? Cosmos : [.. Kernel, .. Iso];

    /// <summary>From a kernel image to an ISO.</summary>
    public static IReadOnlyList<Need> Iso { get; } =
    [
        new("grub-mkimage", "grub-common"),
        new("/usr/lib/grub/i386-pc/boot_hybrid.img", "grub-pc-bin", null),
        new("xorriso", "xorriso", "-version"),
    ];

    /// <summary>Booting in QEMU.</summary>
    public static IReadOnlyList<Need> Qemu { get; } = [new("qemu-system-i386", "qemu-system-x86")];

    /// <summary>Looking at the report page as a browser shows it; only a test does.</summary>
    public static IReadOnlyList<Need> Browser { get; } = [new("chromium", "chromium")];

    /// <summary>Booting in Bochs. bochs-term satisfies Debian's choice of a display with the fewest libraries.</summary>
    public static IReadOnlyList<Need> Bochs { get; } =
    [
        new("bochs", "bochs bochs-term", "--help"),
        new("/usr/share/bochs/BIOS-bochs-latest", "bochsbios", null),
        new("/usr/share/bochs/VGABIOS-lgpl-latest", "vgabios", null),
    ];
}
