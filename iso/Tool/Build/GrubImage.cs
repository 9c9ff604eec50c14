using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The image with GRUB's menu, made again only when its kernel, its menu or its module changed.</summary>
public static class GrubImage
{
    private const string Menu = "grub.cfg.template";
    private const string Module = "module.txt";

    /// <summary>Makes the image if it is missing or out of date.</summary>
    /// <param name="project">The work tree.</param>
    /// <param name="programs">Provides GRUB and xorriso.</param>
    /// <param name="image">The file to write.</param>
    /// <param name="kernel">The kernel's ELF file.</param>
    /// <param name="variant">The variant's name, for the menu's titles.</param>
    /// <param name="onlyMultiboot2">Leaves out the menu entries that boot by multiboot 1.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>False when it was there already.</returns>
    public static async Task<bool> UpdateAsync(
        ProjectFolder project, InstalledPrograms programs, string image, string kernel, string variant, bool onlyMultiboot2,
            CancellationToken cancel)
    {
        InputStamp stamp = new(image, Inputs(project, kernel));
        if (await stamp.HoldsAsync(cancel))
        {
            return false;
        }

        stamp.Remove();
        string menu = BootMenu.ForPeople(Path.Combine(project.Templates, Menu), variant, onlyMultiboot2);
        string module = Path.Combine(project.Templates, Module);
        ImageContents contents = new(menu, [new(BootMenu.KernelPath, kernel), new(BootMenu.ModulePath, module)]);
        await new BootImage(programs).MakeAsync(image, contents, cancel);
        await stamp.WriteAsync(cancel);
        return true;
    }

    private static string Inputs(ProjectFolder project, string kernel)
    {
        using Fingerprint inputs = new();
        return inputs.Add("recipe", BootImage.Recipe([]))
            .AddFile(project.Root, kernel)
            .AddFile(project.Root, Path.Combine(project.Templates, Menu))
            .AddFile(project.Root, Path.Combine(project.Templates, Module))
            .Value();
    }
}
