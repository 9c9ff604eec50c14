using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>What a machine boots.</summary>
/// <param name="Image">The ISO, or the kernel's ELF file for <see cref="BootMedium.Kernel"/>.</param>
/// <param name="CommandLine">The kernel command line; only for <see cref="BootMedium.Kernel"/>, an ISO has its own.</param>
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

        string image = folder.File("run.iso");
        await new BootImage(programs).MakeAsync(image, kernel, BootMenu.ForProgram(entry), entry.Module, cancel);
        return new BootSource(image);
    }
}
