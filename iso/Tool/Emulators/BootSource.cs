using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>What a machine boots.</summary>
/// <param name="Image">The ISO or the floppy's image; the TFTP server's folder for <see cref="BootMedium.Network"/>; the kernel's ELF file
/// for <see cref="BootMedium.Kernel"/>.</param>
/// <param name="CommandLine">The kernel command line; only for <see cref="BootMedium.Kernel"/>, an image has its own.</param>
/// <param name="Module">The boot module; only for <see cref="BootMedium.Kernel"/>.</param>
public sealed record BootSource(string Image, string CommandLine = "", string? Module = null)
{
    /// <summary>
    /// Makes something that boots an entry at once, without a menu: an image in a folder, unless the emulator loads the kernel itself.
    /// </summary>
    public static async Task<BootSource> MakeAsync(
        InstalledPrograms programs, BootMedium medium, string kernel, BootEntry entry, TemporaryFolder folder, CancellationToken cancel)
    {
        if (medium == BootMedium.Kernel)
        {
            return new BootSource(kernel, entry.CommandLine, entry.Module);
        }

        if (medium == BootMedium.Floppy)
        {
            string floppy = folder.File("run.img");
            string packed = folder.File("kernel.gz");
            await PackedFile.MakeAsync(kernel, packed, cancel);
            await new FloppyImage(programs).MakeAsync(
                floppy, BootMenu.ImageForProgram(entry, packed, BootMenu.PackedKernelPath), cancel);
            return new BootSource(floppy);
        }

        if (medium == BootMedium.Network)
        {
            string tftp = folder.File("tftp");
            Directory.CreateDirectory(tftp);
            await new TftpFolder(programs).MakeAsync(tftp, await TftpFolder.ForProgramAsync(entry, kernel, folder, cancel), cancel);
            return new BootSource(tftp);
        }

        string image = folder.File("run.iso");
        await new BootImage(programs).MakeAsync(image, BootMenu.ImageForProgram(entry, kernel, BootMenu.KernelPath), cancel);
        return new BootSource(image);
    }
}
