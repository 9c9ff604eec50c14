using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace CosmosBootAlloc.Tool.Media;

/// <summary>What the first sectors of a medium look like, in words for a person who is about to overwrite it.</summary>
public static class MediumContent
{
    /// <summary>Bytes from the start that are looked at.</summary>
    public const int LookedAt = 64 * 1024;

    private const int VolumeAt = 64 * 512;
    private const int TableAt = 446;

    /// <summary>Describes it.</summary>
    /// <param name="start">The first bytes, at most <see cref="LookedAt"/>.</param>
    public static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.Length < 512)
        {
            return "less than a sector";
        }

        if (start.Length > VolumeAt + 512 && Holds(start, VolumeAt + 1, "CD001"))
        {
            string volume = Encoding.Latin1.GetString(start.Slice(VolumeAt + 40, 32)).Trim();
            return volume.StartsWith("BOOTALLOC", StringComparison.Ordinal) ? "CosmosBootAlloc" : $"a CD image named '{volume}'";
        }

        if (start[510] != 0x55 || start[511] != 0xaa)
        {
            return start[..512].ContainsAnyExcept((byte)0) ? "no partition table" : "nothing: its first sector holds zeros";
        }

        string? system = Holds(start, 3, "NTFS") ? "NTFS" : Holds(start, 54, "FAT") ? Encoding.ASCII.GetString(start.Slice(54, 5))
            : Holds(start, 82, "FAT32") ? "FAT32" : null;
        return system != null ? $"{system} without a partition table" : Partitions(start);
    }

    private static string Partitions(ReadOnlySpan<byte> sector)
    {
        List<string> found = [];
        for (int i = 0; i < 4; i++)
        {
            ReadOnlySpan<byte> entry = sector.Slice(TableAt + (i * 16), 16);
            uint sectors = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            if (entry[4] != 0 && sectors != 0)
            {
                string size = entry[4] == 0xee ? "a GPT" : string.Create(CultureInfo.InvariantCulture, $"{sectors / 2048:N0} MB");
                found.Add($"{i + 1} (type {entry[4]:x2}, {size})");
            }
        }

        return found.Count == 0 ? "a boot sector with an empty partition table" : $"partitions {string.Join(", ", found)}";
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, int at, string text)
        => Encoding.Latin1.GetString(bytes.Slice(at, text.Length)) == text;
}
