using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Makes the image of a 1.44 MB floppy: GRUB's first sector around the parameters of a FAT12 file system, GRUB's core in the reserved
/// sectors behind it, then the files, which DOS reads too. The same files give the same bytes.
/// </summary>
public sealed class FloppyImage(InstalledPrograms programs)
{
    /// <summary>GRUB's modules that every floppy has besides the usual: its kernels are compressed.</summary>
    public static IReadOnlyList<string> Modules { get; } = ["gzio"];

    private const string Label = "BOOTALLOC";

    /// <summary>From a kernel image to a floppy.</summary>
    public static IReadOnlyList<Need> Needs => GrubCore.Needs;

    /// <summary>What an image depends on besides its files; part of a build's fingerprint.</summary>
    /// <param name="modules">Modules of GRUB besides the usual.</param>
    public static string Recipe(IReadOnlyList<string> modules)
        => $"{Label} {GrubCore.Recipe(GrubCore.Floppy, [.. Modules, .. modules])}";

    /// <summary>Makes an image of <see cref="Fat12Volume.Bytes"/> bytes.</summary>
    /// <param name="image">The file to write; replaced as a whole at the end.</param>
    /// <param name="contents">What is in it; every name one of DOS.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="FailedException">A program reports an error, or the files do not fit.</exception>
    /// <exception cref="BadInputException">A name is not one of DOS.</exception>
    public async Task MakeAsync(string image, ImageContents contents, CancellationToken cancel)
    {
        await programs.ProvideAsync(Needs, cancel);
        using TemporaryFolder work = new();
        string coreFile = work.File("core.img");
        await new GrubCore(programs).MakeAsync(coreFile, GrubCore.Floppy, [.. Modules, .. contents.Modules], cancel);

        // As made, GRUB's first sector loads the second, and that one the rest of the core behind it: nothing has to be filled in.
        byte[] bootSector = await File.ReadAllBytesAsync(Path.Combine(GrubCore.Folder, "boot.img"), cancel);
        byte[] core = await File.ReadAllBytesAsync(coreFile, cancel);
        string menu = work.File("grub.cfg");
        await File.WriteAllTextAsync(menu, contents.Menu, cancel);

        Fat12Volume volume = new(Label, core.Length);
        ImageFile[] files = [.. contents.Files, new ImageFile(ImageContents.MenuPath, menu)];
        foreach (ImageFile file in files)
        {
            volume.Add(file.Path, await File.ReadAllBytesAsync(file.Source, cancel));
        }

        if (volume.NeededBytes > volume.RoomBytes)
        {
            ImageFile largest = files.MaxBy(f => new FileInfo(f.Source).Length)!;
            throw new FailedException(
                $"{Path.GetFileName(image)}: expected files of at most {volume.RoomBytes} bytes, which is what a floppy has besides "
                    + $"{core.Length} of GRUB, found {volume.NeededBytes}; largest: {largest.Path}, {new FileInfo(largest.Source).Length}; "
                    + "make it smaller or use an ISO");
        }

        string beside = image + ".new";
        await File.WriteAllBytesAsync(beside, volume.Make(bootSector, core), cancel);
        File.Move(beside, image, overwrite: true);
    }
}
