using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// The folder from which PCs boot over the network: the menu and the kernels of the images with every variant, and a note that tells how to
/// serve it. A list of its own files marks it, so that it can be made again and nothing else is overwritten.
/// </summary>
/// <param name="project">The work tree.</param>
/// <param name="programs">Provides GRUB and Memtest86+.</param>
public sealed class NetbootFolder(ProjectFolder project, InstalledPrograms programs)
{
    /// <summary>How to serve the folder.</summary>
    public const string NoteName = "NETBOOT.txt";

    /// <summary>The list of the folder's own files, which marks it.</summary>
    public const string ListName = "bootalloc.files";

    private const string ListTitle = "# Made by ./bootalloc netboot, which replaces these files:";
    private const string Note = "netboot.txt.template";

    // A server that runs as another user may enter.
    private const UnixFileMode ForEveryone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>From kernels to such a folder.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [.. TftpFolder.Needs, CombinedImages.MemtestNeed];

    /// <summary>Refuses a folder that holds anything but what an earlier call left, and what was put beside that.</summary>
    /// <param name="folder">The folder; may not be there yet.</param>
    /// <exception cref="BadInputException">It is none, or holds something else.</exception>
    public static void Check(string folder)
    {
        if (folder.Length == 0 || folder.Any(char.IsControl))
        {
            throw new BadInputException($"netboot: expected a folder's name without control characters, found '{folder}'");
        }

        switch (FileStatus.Of(folder, follow: true)?.Kind)
        {
            case null when FileStatus.Of(folder) != null:
                throw new BadInputException($"{folder}: expected a folder, found a link to nothing");
            case null:
                return;
            case FileKind.Folder:
                break;
            default:
                throw new BadInputException($"{folder}: expected a folder to make or to fill, found a file");
        }

        string[] found = [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        if (found.Length != 0 && Listed(folder).Count == 0)
        {
            string more = found.Length == 1 ? "" : $" and {found.Length - 1} more";
            throw new BadInputException($"{folder}: expected an empty folder, or one that netboot made ({ListName} in it), found {found[0]}"
                + $"{more}; name a new folder, below the TFTP server's root if it has one");
        }
    }

    /// <summary>Makes the folder, or makes it again.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="variants">What boots from it; just built.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>Its files, by name.</returns>
    /// <exception cref="BadInputException">It holds something else; see <see cref="Check"/>.</exception>
    /// <exception cref="Errors.MissingToolException">Something needed is not installed.</exception>
    public async Task<IReadOnlyList<string>> UpdateAsync(string folder, IReadOnlyList<BuiltVariant> variants, CancellationToken cancel)
    {
        Check(folder);
        await programs.ProvideAsync(Needs, cancel);
        using TemporaryFolder work = new();
        ImageContents contents = await ContentsAsync(folder, variants, work, cancel);
        string[] names =
        [
            TftpFolder.CoreName, TftpFolder.MenuName, .. contents.Files.Select(f => f.Path[TftpFolder.Here.Length..]), ListName,
        ];

        IReadOnlyList<string> earlier = Listed(folder);
        if (names.Except(earlier).FirstOrDefault(n => Path.Exists(Path.Combine(folder, n))) is { } foreign)
        {
            throw new BadInputException($"{folder}: {foreign} is not one of the files that netboot made there; move it away");
        }

        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, ForEveryone);
        }

        // The list first, so that a folder left half made is one of ours.
        string list = Path.Combine(folder, ListName);
        await File.WriteAllLinesAsync(list, [ListTitle, .. names.Union(earlier)], cancel);
        foreach (string old in earlier.Except(names))
        {
            File.Delete(Path.Combine(folder, old));
        }

        await new TftpFolder(programs).MakeAsync(folder, contents, cancel);
        await File.WriteAllLinesAsync(list, [ListTitle, .. names], cancel);
        return names;
    }

    private async Task<ImageContents> ContentsAsync(
        string folder, IReadOnlyList<BuiltVariant> variants, TemporaryFolder work, CancellationToken cancel)
    {
        ImageContents same = await new CombinedImages(project, programs).KernelsAndMemtestAsync(variants, work, cancel);
        string note = work.File(NoteName);
        await File.WriteAllTextAsync(note, NoteText(folder, CombinedImages.Kernels([.. variants.Select(v => v.Variant)])), cancel);
        return same with
        {
            Menu = Moved(same.Menu),
            Files = [.. same.Files.Select(f => f with { Path = Moved(f.Path) }), new(TftpFolder.Here + NoteName, note)],
        };
    }

    // What is in /boot of an image is in the folder itself.
    private static string Moved(string text) => text.Replace("/boot/", TftpFolder.Here, StringComparison.Ordinal);

    // The plain names in the folder's list; empty without one.
    private static IReadOnlyList<string> Listed(string folder)
    {
        string list = Path.Combine(folder, ListName);
        string[] lines = FileStatus.Of(list)?.Kind == FileKind.File ? File.ReadAllLines(list) : [];
        return lines.Length != 0 && lines[0] == ListTitle
            ? [.. lines[1..].Where(l => l.Length != 0 && l[0] != '.' && Path.GetFileName(l) == l)]
            : [];
    }

    private string NoteText(string folder, IReadOnlyList<MenuKernel> kernels)
    {
        string full = Path.GetFullPath(folder)
            .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        (string Name, string What)[] files =
        [
            (TftpFolder.CoreName, "GRUB, for PXE"),
            (TftpFolder.MenuName, "its menu"),
            .. kernels.Select(k => (File(k), $"kernel {k.Variant.Name}: {k.Variant.Models}".TrimEnd(':', ' '))),
            ("memtest.gz", "Memtest86+"),
        ];
        return System.IO.File.ReadAllText(Path.Combine(project.Templates, Note))
            .Replace("@FILES@", string.Join("\n  ", files.Select(f => $"{f.Name,-13} {f.What}")), StringComparison.Ordinal)
            .Replace("@QUOTEDFOLDER@", $"\"{full}\"", StringComparison.Ordinal)
            .Replace("@FIRST@", kernels[0].Variant.Name, StringComparison.Ordinal)
            .Replace(
                "@LABELS@",
                string.Join('\n', kernels.Select(k => $"    LABEL {k.Variant.Name}\n      KERNEL mboot.c32\n      APPEND {File(k)}")),
                StringComparison.Ordinal);

        static string File(MenuKernel kernel) => Path.GetFileName(kernel.Path);
    }
}
