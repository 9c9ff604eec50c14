using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace CosmosBootAlloc.Tool.Media;

/// <summary>A disk of this host as Linux shows it in /sys/block: what a person needs to recognize it, and whether it is in use.</summary>
/// <param name="Device">Its device, such as /dev/sdb.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Model">Its model, or empty.</param>
/// <param name="IsRemovable">It can be taken out, or is on USB.</param>
/// <param name="IsReadOnly">It cannot be written to.</param>
/// <param name="Mounts">Where it, or a part of it, is mounted.</param>
/// <param name="Holders">What is built on it: device mapper, RAID.</param>
public sealed record HostDisk(
    string Device, long Bytes, string Model, bool IsRemovable, bool IsReadOnly, IReadOnlyList<string> Mounts, IReadOnlyList<string> Holders)
{
    private const string Folder = "/sys/block";
    private const long SectorBytes = 512;

    /// <summary>Name and size for a list: "/dev/sdb, 7,600 MB, SanDisk Ultra".</summary>
    public string Title => string.Create(CultureInfo.InvariantCulture, $"{Device}, {Bytes / 1_000_000:N0} MB")
        + (Model.Length == 0 ? "" : ", " + Model);

    /// <summary>Why nothing may be written to it; null if nothing speaks against it.</summary>
    public string? Obstacle
        => IsReadOnly ? "it is read-only (a switch on the medium?)"
        : Mounts.Contains("/") ? "this system runs from it"
        : Mounts.Count != 0 ? $"it is mounted on {string.Join(", ", Mounts)}; 'umount' it first"
        : Holders.Count != 0 ? $"{string.Join(", ", Holders)} is built on it"
        : null;

    /// <summary>Every disk with a medium in it, without those that exist in memory only.</summary>
    public static IReadOnlyList<HostDisk> All()
        => Directory.Exists(Folder)
            ? [.. Directory.EnumerateDirectories(Folder).Select(d => Path.GetFileName(d)!)
                .Where(n => !n.StartsWith("ram", StringComparison.Ordinal) && !n.StartsWith("zram", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).Select(Read).OfType<HostDisk>().Where(d => d.Bytes != 0)]
            : [];

    /// <summary>The disk that a device belongs to; null for a device that is no whole disk.</summary>
    /// <param name="device">A path, or a link to it.</param>
    public static HostDisk? Find(string device)
    {
        string target = new FileInfo(device).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(device);
        return Path.GetDirectoryName(target) == "/dev" ? Read(Path.GetFileName(target)) : null;
    }

    private static HostDisk? Read(string name)
    {
        string folder = Path.Combine(Folder, name);
        if (!long.TryParse(Text(Path.Combine(folder, "size")), CultureInfo.InvariantCulture, out long sectors))
        {
            return null;
        }

        string[] parts = [folder, .. Directory.EnumerateDirectories(folder, name + "*")];
        HashSet<string> numbers = [.. parts.Select(p => Text(Path.Combine(p, "dev")))];
        string where = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "";
        return new HostDisk(
            "/dev/" + name,
            sectors * SectorBytes,
            $"{Text(Path.Combine(folder, "device", "vendor"))} {Text(Path.Combine(folder, "device", "model"))}".Trim(),
            Text(Path.Combine(folder, "removable")) == "1" || where.Contains("/usb", StringComparison.Ordinal),
            Text(Path.Combine(folder, "ro")) == "1",
            [.. Mounted().Where(m => numbers.Contains(m.Number)).Select(m => m.Place).Distinct()],
            [.. parts.SelectMany(Holding).Distinct()]);
    }

    private static IEnumerable<string> Holding(string part)
    {
        string folder = Path.Combine(part, "holders");
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(h => "/dev/" + Path.GetFileName(h)) : [];
    }

    // A line of mountinfo: ID, parent, MAJOR:MINOR, root, mount point (proc(5)).
    private static IEnumerable<(string Number, string Place)> Mounted()
        => File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')).Where(w => w.Length > 4).Select(w => (w[2], w[4]));

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
