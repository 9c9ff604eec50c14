using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Makes the ISO: a CD that is also a hard disk and a USB stick (hybrid). GRUB's core holds only the modules that the menu needs, so the
/// image stays far below a megabyte; grub-mkrescue would include all 275. Every date and number in it is fixed, so the same kernel gives
/// the same bytes.
/// </summary>
public sealed class BootImage(InstalledPrograms programs)
{
    private const string VolumeName = "BOOTALLOC";

    // 2010-05-16, the day of Linux 2.6.34.
    private const string FixedDate = "2010051600000000";

    /// <summary>From a kernel image to an ISO.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [.. GrubCore.Needs, new("xorriso", "xorriso", "-version")];

    /// <summary>What an image depends on besides its files; part of a build's fingerprint.</summary>
    /// <param name="modules">Modules of GRUB besides the usual.</param>
    /// <param name="core">GRUB, if not the usual.</param>
    public static string Recipe(IReadOnlyList<string> modules, GrubCoreKind? core = null)
        => $"{FixedDate} {GrubCore.Recipe(core ?? GrubCore.Cd, modules)}";

    /// <summary>Makes an image.</summary>
    /// <param name="image">The file to write; replaced as a whole at the end, so that a partial image never exists.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="FailedException">A program reports an error.</exception>
    public async Task MakeAsync(string image, ImageContents contents, CancellationToken cancel)
    {
        await programs.ProvideAsync(Needs, cancel);
        using TemporaryFolder work = new();
        string core = work.File("eltorito.img");
        string config = work.File("grub.cfg");
        string made = work.File("image.iso");
        await File.WriteAllTextAsync(config, contents.Menu, cancel);
        GrubCore grub = new(programs);
        await grub.MakeAsync(core, contents.CdCore, contents.Modules, cancel);

        // The padding lets GRUB and BIOSes read ahead past the last file.
        await grub.RunAsync(
            "xorriso",
            [
                "-as", "mkisofs", "-quiet", "-o", made, "-graft-points",
                "-V", VolumeName, "-r", "-J", "-pad",
                "--modification-date=" + FixedDate, "--set_all_file_dates", FixedDate,
                "-b", "boot/grub/eltorito.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
                "--grub2-mbr", Path.Combine(GrubCore.Folder, "boot_hybrid.img"), "-partition_offset", "16",
                "boot/grub/eltorito.img=" + core,
                $"{ImageContents.MenuPath[1..]}={config}",
                .. contents.Files.Select(f => $"{f.Path[1..]}={Graft(f.Source)}"),
            ],
            cancel);

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(image))!);
        string beside = image + ".new";
        File.Copy(made, beside, overwrite: true);
        File.Move(beside, image, overwrite: true);
    }

    // The target of a graft point, target=source, ends at the first '=' that is not escaped.
    private static string Graft(string path)
        => Path.GetFullPath(path).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
}
