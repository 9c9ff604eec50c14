using System;
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

/// <summary>Makes grub.cfg: the menu for people from its template, or the one entry of a <see cref="BootEntry"/>.</summary>
public static partial class BootMenu
{
    /// <summary>How the title of every menu entry begins.</summary>
    public const string Title = "CosmosBootAlloc ";

    /// <summary>The kernel's path in the image.</summary>
    public const string KernelPath = "/boot/bootalloc.elf";

    /// <summary>The path in the image of the module that the menu's module entry loads.</summary>
    public const string ModulePath = "/boot/module.txt";

    /// <summary>The menu that people see.</summary>
    /// <param name="templateFile">Its template.</param>
    /// <param name="variant">Replaces @VARIANT@.</param>
    /// <param name="onlyMultiboot2">Leaves out the entries that boot by multiboot 1, for a kernel without that header.</param>
    public static string ForPeople(string templateFile, string variant, bool onlyMultiboot2 = false)
    {
        string menu = File.ReadAllText(templateFile).Replace("@VARIANT@", variant, StringComparison.Ordinal);
        return onlyMultiboot2 ? Multiboot1Entry().Replace(menu, "") : menu;
    }

    /// <summary>A menu of one entry, booted without waiting.</summary>
    /// <exception cref="BadInputException">A word contains a character that GRUB cannot pass on.</exception>
    public static string ForProgram(BootEntry entry)
    {
        bool two = entry.Protocol == BootProtocol.Multiboot2;
        StringBuilder text = new();
        text.Append("set timeout=0\nmenuentry 'run' {\n");
        text.Append($"  {(two ? "multiboot2" : "multiboot")} {KernelPath}{Quoted(entry.CommandLine)}\n");
        if (entry.Module != null)
        {
            text.Append($"  {(two ? "module2" : "module")} {ModulePath}{Quoted(Path.GetFileName(entry.Module))}\n");
        }

        text.Append("  boot\n}\n");
        return text.ToString();
    }

    [GeneratedRegex(@"menuentry '[^']*' \{\n  multiboot /[^}]*\}\n")]
    private static partial Regex Multiboot1Entry();

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
