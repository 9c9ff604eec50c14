using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Makes the ISO: a CD that is also a hard disk and a USB stick (hybrid). GRUB's core holds only the modules that the menu needs, so the
/// image stays far below a megabyte; grub-mkrescue would include all 275. Every date and number in it is fixed, so the same kernel gives
/// the same bytes.
/// </summary>
public sealed class BootImage(InstalledPrograms programs)
{
    private const string GrubFolder = "/usr/lib/grub/i386-pc";
    private const string VolumeName = "BOOTALLOC";

    // 2010-05-16, the day of Linux 2.6.34.
    private const string FixedDate = "2010051600000000";
    private const string FixedSeconds = "1273968000";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    // What the menu uses, and what helps at GRUB's prompt (c) and in its editor (e).
    private static readonly string[] s_modules =
    [
        "biosdisk", "iso9660", "part_msdos", "normal", "configfile", "boot", "multiboot", "multiboot2",
        "minicmd", "echo", "test", "ls", "cat", "help", "reboot", "halt", "serial", "terminal", "lsmmap", "vbe", "vga",
    ];

    private static readonly Dictionary<string, string> s_environment = new() { ["SOURCE_DATE_EPOCH"] = FixedSeconds };

    /// <summary>From a kernel image to an ISO.</summary>
    public static IReadOnlyList<Need> Needs { get; } =
    [
        new("grub-mkimage", "grub-common"),
        new(GrubFolder + "/boot_hybrid.img", "grub-pc-bin", null),
        new("xorriso", "xorriso", "-version"),
    ];

    /// <summary>What an image depends on besides its files; part of a build's fingerprint.</summary>
    public static string Recipe => string.Join(' ', [FixedDate, .. s_modules]);

    /// <summary>Makes an image.</summary>
    /// <param name="image">The file to write; replaced as a whole at the end, so that a partial image never exists.</param>
    /// <param name="kernel">The kernel's ELF file.</param>
    /// <param name="menu">The text of grub.cfg.</param>
    /// <param name="module">File for <see cref="BootMenu.ModulePath"/>; null for none.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="FailedException">A program reports an error.</exception>
    public async Task MakeAsync(string image, string kernel, string menu, string? module, CancellationToken cancel)
    {
        await programs.ProvideAsync(Needs, cancel);
        using TemporaryFolder work = new();
        string core = work.File("eltorito.img");
        string config = work.File("grub.cfg");
        string made = work.File("image.iso");
        await File.WriteAllTextAsync(config, menu, cancel);
        await RunAsync("grub-mkimage", ["-O", "i386-pc-eltorito", "-d", GrubFolder, "-p", "/boot/grub", "-o", core, .. s_modules], cancel);

        List<string> contents =
        [
            "boot/grub/eltorito.img=" + core,
            "boot/grub/grub.cfg=" + config,
            $"{BootMenu.KernelPath[1..]}={Graft(kernel)}",
        ];
        if (module != null)
        {
            contents.Add($"{BootMenu.ModulePath[1..]}={Graft(module)}");
        }

        // The padding lets GRUB and BIOSes read ahead past the last file.
        await RunAsync(
            "xorriso",
            [
                "-as", "mkisofs", "-quiet", "-o", made, "-graft-points",
                "-V", VolumeName, "-r", "-J", "-pad",
                "--modification-date=" + FixedDate, "--set_all_file_dates", FixedDate,
                "-b", "boot/grub/eltorito.img", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table", "--grub2-boot-info",
                "--grub2-mbr", Path.Combine(GrubFolder, "boot_hybrid.img"), "-partition_offset", "16",
                .. contents,
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

    private async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(programs.Get(program), arguments, s_limit, cancel, s_environment);
        if (result.ExitStatus != 0)
        {
            throw new FailedException($"{program}: {result.LastLine}");
        }
    }
}
