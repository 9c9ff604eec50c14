using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The protocol by which the loader hands over the machine.</summary>
public enum BootProtocol
{
    /// <summary>Multiboot 2: the menu's default.</summary>
    Multiboot2,

    /// <summary>Multiboot 1: older loaders, and QEMU's own.</summary>
    Multiboot1,
}

/// <summary>What to boot at once, without a menu: for unattended runs.</summary>
/// <param name="Protocol">How the loader hands over.</param>
/// <param name="CommandLine">The kernel command line, words separated by single spaces.</param>
/// <param name="Module">A file handed over as a boot module; null for none.</param>
public sealed record BootEntry(BootProtocol Protocol, string CommandLine, string? Module);

/// <summary>A kernel in the menu of an image with several.</summary>
/// <param name="Variant">Which one.</param>
/// <param name="Path">Where it is in the image.</param>
public sealed record MenuKernel(Variant Variant, string Path);

/// <summary>Makes grub.cfg: the menus for people from their templates, or the one entry of a <see cref="BootEntry"/>.</summary>
public static class BootMenu
{
    /// <summary>How the title of every menu entry begins.</summary>
    public const string Title = "CosmosBootAlloc ";

    /// <summary>The kernel's path in the image.</summary>
    public const string KernelPath = "/boot/bootalloc.elf";

    /// <summary>The kernel's path in a floppy's image, compressed by gzip and with a name of DOS.</summary>
    public const string PackedKernelPath = "/boot/kernel.gz";

    /// <summary>The path in the image of the module that the menu's module entry loads.</summary>
    public const string ModulePath = "/boot/module.txt";

    /// <summary>The menu that people see.</summary>
    /// <param name="templateFile">Its template.</param>
    /// <param name="variant">Replaces @VARIANT@.</param>
    /// <param name="onlyMultiboot2">Leaves out the entries that boot by multiboot 1, for a kernel without that header.</param>
    public static string ForPeople(string templateFile, string variant, bool onlyMultiboot2 = false)
    {
        string menu = File.ReadAllText(templateFile).Replace("@VARIANT@", variant, StringComparison.Ordinal);
        return onlyMultiboot2 ? s_multiboot1Entry.Replace(menu, "") : menu;
    }

    /// <summary>
    /// The menu of an image with several kernels: each of the template's entries with @VARIANT@ in the title once per kernel.
    /// </summary>
    /// <param name="templateFile">Its template; also replaced are @KERNEL@, and @MODELS@, which is left out with the colon before it where
    /// a variant does not say what it models.</param>
    /// <param name="kernels">The kernels, in the order of the entries.</param>
    /// <param name="installKernel">The kernel that installs; null leaves that entry out.</param>
    /// <param name="sectors">Sectors of 512 bytes of the medium, which that entry hands over as a whole; every number has the same
    /// length in the menu.</param>
    /// <exception cref="BadInputException">What a variant says of itself cannot stand in a title.</exception>
    public static string ForEveryVariant(
        string templateFile, IReadOnlyList<MenuKernel> kernels, MenuKernel? installKernel = null, uint sectors = 0)
    {
        string menu = s_variantEntry.Replace(
            File.ReadAllText(templateFile), entry => string.Concat(kernels.Select(k => Fill(entry.Value, k))));
        return s_installEntry.Replace(menu, entry => installKernel == null ? ""
            : entry.Value.Replace("@KERNEL@", installKernel.Path, StringComparison.Ordinal)
                .Replace("@SECTORS@", $"0x{sectors:x8}", StringComparison.Ordinal));
    }

    /// <summary>An image with one entry, booted without waiting.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="kernel">The kernel's file on the host.</param>
    /// <param name="kernelPath">Its path in the image.</param>
    /// <exception cref="BadInputException">A word contains a character that GRUB cannot pass on.</exception>
    public static ImageContents ImageForProgram(BootEntry entry, string kernel, string kernelPath)
    {
        List<ImageFile> files = [new(kernelPath, kernel)];
        if (entry.Module != null)
        {
            files.Add(new ImageFile(ModulePath, entry.Module));
        }

        return new ImageContents(ForProgram(entry, kernelPath), files) { CdCore = GrubCore.QuickCd };
    }

    /// <summary>A menu of one entry, booted without waiting.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="kernelPath">The kernel's path in the image.</param>
    /// <param name="modulePath">The module's.</param>
    /// <exception cref="BadInputException">A word contains a character that GRUB cannot pass on.</exception>
    public static string ForProgram(BootEntry entry, string kernelPath = KernelPath, string modulePath = ModulePath)
    {
        bool two = entry.Protocol == BootProtocol.Multiboot2;
        StringBuilder text = new();
        text.Append("set timeout=0\nmenuentry 'run' {\n");
        text.Append($"  {(two ? "multiboot2" : "multiboot")} {kernelPath}{Quoted(entry.CommandLine)}\n");
        if (entry.Module != null)
        {
            text.Append($"  {(two ? "module2" : "module")} {modulePath}{Quoted(Path.GetFileName(entry.Module))}\n");
        }

        text.Append("  boot\n}\n");
        return text.ToString();
    }

    private static readonly Regex s_multiboot1Entry = new(@"menuentry '[^']*' \{\n  multiboot /[^}]*\}\n");

    private static readonly Regex s_variantEntry = new(@"menuentry '[^']*@VARIANT@[^']*' \{\n[^}]*\}\n");

    private static readonly Regex s_installEntry = new(@"menuentry '[^']*' \{\n[^}]*@SECTORS@[^}]*\}\n");

    private static string Fill(string entry, MenuKernel kernel)
    {
        string models = kernel.Variant.Models;
        if (models.Any(c => c is '\'' or > '~' || char.IsControl(c)))
        {
            throw new BadInputException(
                $"variant {kernel.Variant.Name}: VariantModels: expected ASCII without quotes for the boot menu, found '{models}'");
        }

        return entry.Replace(models.Length == 0 ? ": @MODELS@" : "@MODELS@", models, StringComparison.Ordinal)
            .Replace("@VARIANT@", kernel.Variant.Name, StringComparison.Ordinal)
            .Replace("@KERNEL@", kernel.Path, StringComparison.Ordinal);
    }

    // GRUB's script language expands $ and ends a command at # and ; unless the word is quoted.
    private static string Quoted(string words)
    {
        if (words.Any(c => c is '\'' or '"' or '\\' || char.IsControl(c)))
        {
            throw new BadInputException($"kernel command line: expected no quotes, backslashes or control characters, found '{words}'");
        }

        return string.Concat(words.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => $" '{w}'"));
    }
}
