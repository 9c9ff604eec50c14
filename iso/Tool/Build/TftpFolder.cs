using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Fills a folder for a TFTP server: GRUB's core for PXE, its menu, and the files, all in one folder without folders in it. GRUB asks for
/// them where its core came from, so the folder may lie anywhere below the server's root.
/// </summary>
public sealed class TftpFolder(InstalledPrograms programs)
{
    /// <summary>What the network card loads.</summary>
    public const string CoreName = "bootalloc.0";

    /// <summary>The menu.</summary>
    public const string MenuName = "grub.cfg";

    /// <summary>How GRUB's menu names the folder.</summary>
    public const string Here = "$prefix/";

    private const string KernelName = "kernel.gz";
    private const string ModuleName = "module";

    private const UnixFileMode ForEveryone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // Its kernels are compressed.
    private static readonly string[] s_modules = ["gzio"];

    /// <summary>From a kernel image to such a folder.</summary>
    public static IReadOnlyList<Need> Needs => GrubCore.Needs;

    /// <summary>Fills a folder. A server that runs as another user can read what is written.</summary>
    /// <param name="folder">The folder; files of the same names are replaced.</param>
    /// <param name="contents">What is in it, in paths that start with <see cref="Here"/>.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="MissingToolException">GRUB is not installed.</exception>
    /// <exception cref="FailedException">GRUB reports an error.</exception>
    public async Task MakeAsync(string folder, ImageContents contents, CancellationToken cancel)
    {
        using TemporaryFolder work = new();
        string core = work.File(CoreName);
        await new GrubCore(programs).MakeAsync(core, GrubCore.Network, [.. s_modules, .. contents.Modules], cancel);
        string menu = work.File(MenuName);
        await File.WriteAllTextAsync(menu, contents.Menu, cancel);
        foreach (ImageFile file in (IEnumerable<ImageFile>)[new(Here + CoreName, core), new(Here + MenuName, menu), .. contents.Files])
        {
            string target = Path.Combine(folder, file.Path[Here.Length..]);
            string beside = target + ".new";
            File.Copy(file.Source, beside, overwrite: true);
            File.SetUnixFileMode(beside, ForEveryone);
            File.Move(beside, target, overwrite: true);
        }
    }

    /// <summary>One entry, booted without waiting.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="kernel">The kernel's file on the host.</param>
    /// <param name="work">For the compressed kernel, until the folder is filled.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="Simulator.BadInputException">A word contains a character that GRUB cannot pass on.</exception>
    public static async Task<ImageContents> ForProgramAsync(BootEntry entry, string kernel, TemporaryFolder work, CancellationToken cancel)
    {
        string packed = work.File(KernelName);
        await PackedFile.MakeAsync(kernel, packed, cancel);
        List<ImageFile> files = [new(Here + KernelName, packed)];
        if (entry.Module != null)
        {
            files.Add(new(Here + ModuleName, entry.Module));
        }

        return new ImageContents(BootMenu.ForProgram(entry, Here + KernelName, Here + ModuleName), files);
    }
}
