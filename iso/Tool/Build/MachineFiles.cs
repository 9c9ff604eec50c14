using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The configurations beside an image: machines for Bochs, VMware, and VirtualBox that boot it, and VMware's way to see it as a
/// disk.</summary>
public static class MachineFiles
{
    private const string Disk = ".vmdk";
    private const string Script = ".virtualbox.sh";

    private const int SectorBytes = 512;
    private const int BootMark = 510;

    // An IDE disk's cylinder, and the most cylinders that its geometry can name; what lies beyond is reached by sector number.
    private const long CylinderSectors = 16 * 63;
    private const long MostCylinders = 16383;

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly (string Template, string Extension)[] s_templates =
    [
        ("bochsrc.template", ".bochsrc"), ("machine.vmx.template", ".vmx"), ("disk.vmdk.template", Disk),
        ("machine.virtualbox.sh.template", Script),
    ];

    /// <summary>
    /// Writes those that are missing or differ from their template. An image that is no hard disk has no <c>.vmdk</c>.
    /// </summary>
    /// <param name="project">The work tree.</param>
    /// <param name="iso">The image; the configurations get its name with their own extensions.</param>
    /// <param name="name">Replaces @VARIANT@; the image's name without its extension replaces @IMAGE@.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>True when one was written.</returns>
    public static async Task<bool> UpdateAsync(ProjectFolder project, string iso, string name, CancellationToken cancel)
    {
        long sectors = new FileInfo(iso).Length / SectorBytes;
        Dictionary<string, string> words = new()
        {
            ["@VARIANT@"] = name,
            ["@IMAGE@"] = Path.GetFileNameWithoutExtension(iso),
            ["@SECTORS@"] = sectors.ToString(CultureInfo.InvariantCulture),
            ["@CYLINDERS@"] = long.Clamp(sectors / CylinderSectors, 1, MostCylinders).ToString(CultureInfo.InvariantCulture),
        };
        bool isDisk = await IsDiskAsync(iso, cancel);
        bool written = false;
        foreach ((string template, string extension) in s_templates)
        {
            string file = Path.ChangeExtension(iso, extension);
            if (extension == Disk && !isDisk)
            {
                File.Delete(file);
                continue;
            }

            string text = await File.ReadAllTextAsync(Path.Combine(project.Templates, template), cancel);
            foreach ((string word, string value) in words)
            {
                text = text.Replace(word, value, StringComparison.Ordinal);
            }

            if (!File.Exists(file) || await File.ReadAllTextAsync(file, cancel) != text)
            {
                await File.WriteAllTextAsync(file, text, cancel);
                written = true;
            }

            if (extension == Script)
            {
                File.SetUnixFileMode(file, Executable);
            }
        }

        return written;
    }

    // A BIOS boots from a disk whose first sector ends with this mark; one that begins with a zero holds a table of partitions and no code.
    private static async Task<bool> IsDiskAsync(string image, CancellationToken cancel)
    {
        byte[] sector = new byte[SectorBytes];
        await using FileStream file = File.OpenRead(image);
        return await file.ReadAtLeastAsync(sector, sector.Length, throwOnEndOfStream: false, cancel) == SectorBytes
            && sector[0] != 0
            && sector.AsSpan(BootMark).SequenceEqual((ReadOnlySpan<byte>)[0x55, 0xaa]);
    }
}
