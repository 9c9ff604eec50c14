using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>What is to be booted.</summary>
/// <param name="Image">The ISO, or the kernel's ELF file for <see cref="BootMedium.Kernel"/>.</param>
/// <param name="CommandLine">Kernel command line; only for <see cref="BootMedium.Kernel"/>, an ISO has its own.</param>
/// <param name="Module">Boot module; only for <see cref="BootMedium.Kernel"/>.</param>
public sealed record BootSource(string Image, string CommandLine = "", string? Module = null)
{
    /// <summary>Makes what boots an entry at once, without a menu: an image in a folder, unless QEMU loads the kernel itself.</summary>
    public static async Task<BootSource> MakeAsync(
        Machine machine, BootMedium medium, string kernel, BootEntry entry, TemporaryFolder folder, CancellationToken cancel)
    {
        if (medium == BootMedium.Kernel)
        {
            return new BootSource(kernel, entry.CommandLine, entry.Module);
        }

        string image = folder.File("run.iso");
        await new BootImage(machine).MakeAsync(image, kernel, BootMenu.ForProgram(entry), entry.Module, cancel);
        return new BootSource(image);
    }
}
