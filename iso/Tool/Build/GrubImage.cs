using System.Collections.Generic;
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

    // GRUB writes the menu into the text mode's memory, not through the BIOS, which is a change to real mode and back for each character.
    private const string QuickScreen = "vga_text";
    private const string QuickScreenLine = $"terminal_output {QuickScreen}\n";


    /// <summary>Makes the image if it is missing or out of date.</summary>
    /// <param name="project">The work tree.</param>
    /// <param name="programs">Provides GRUB and xorriso.</param>
    /// <param name="image">The file to write.</param>
    /// <param name="kernel">The kernel's ELF file.</param>
    /// <param name="variant">The variant's name, for the menu's titles.</param>
    /// <param name="onlyMultiboot2">Leaves out the menu entries that boot by multiboot 1.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <param name="forInstructionClock">GRUB starts sooner on a machine whose clock is instructions (<see cref="GrubModules"/>), and shows
    /// the same menu with fewer of them.</param>
    /// <returns>False when it was there already.</returns>
    public static async Task<bool> UpdateAsync(
        ProjectFolder project, InstalledPrograms programs, string image, string kernel, string variant, bool onlyMultiboot2,
            CancellationToken cancel, bool forInstructionClock = false)
    {
        GrubCoreKind core = forInstructionClock ? GrubCore.QuickCd : GrubCore.Cd;
        IReadOnlyList<string> modules = forInstructionClock ? [QuickScreen] : [];
        InputStamp stamp = new(image, Inputs(project, kernel, core, modules));
        if (await stamp.HoldsAsync(cancel))
        {
            return false;
        }

        stamp.Remove();
        string menu = BootMenu.ForPeople(Path.Combine(project.Templates, Menu), variant, onlyMultiboot2);
        string module = Path.Combine(project.Templates, Module);
        string text = forInstructionClock ? QuickScreenLine + menu : menu;
        ImageContents contents = new(text, [new(BootMenu.KernelPath, kernel), new(BootMenu.ModulePath, module)])
        {
            CdCore = core,
            Modules = modules,
        };
        await new BootImage(programs).MakeAsync(image, contents, cancel);
        await stamp.WriteAsync(cancel);
        return true;
    }

    private static string Inputs(ProjectFolder project, string kernel, GrubCoreKind core, IReadOnlyList<string> modules)
    {
        using Fingerprint inputs = new();
        return inputs.Add("recipe", BootImage.Recipe(modules, core))
            .AddFile(project.Root, kernel)
            .AddFile(project.Root, Path.Combine(project.Templates, Menu))
            .AddFile(project.Root, Path.Combine(project.Templates, Module))
            .Value();
    }
}
