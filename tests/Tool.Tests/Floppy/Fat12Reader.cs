using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace CosmosBootAlloc.Tool.Tests.Floppy;

/// <summary>A file as it was found on a floppy.</summary>
/// <param name="Path">As in <c>BOOT/GRUB/GRUB.CFG</c>.</param>
/// <param name="Clusters">Its clusters, in order.</param>
/// <param name="Bytes">What is in it.</param>
internal sealed record FoundFile(string Path, IReadOnlyList<int> Clusters, byte[] Bytes);

/// <summary>Reads a FAT12 volume by nothing but its own parameters, as a system would. It shares no code with what wrote it.</summary>
internal sealed class Fat12Reader
{
    private readonly byte[] _image;
    private readonly int _fat;
    private readonly int _top;
    private readonly int _topEntries;
    private readonly int _data;

    internal Fat12Reader(byte[] image)
    {
        _image = image;
        Expect(Word(11), 512, "bytes of a sector");
        Expect(image[13], 1, "sectors of a cluster");
        Expect(Word(19) * 512, image.Length, "bytes");
        _fat = Word(14) * 512;
        _topEntries = Word(17);
        _top = _fat + image[16] * Word(22) * 512;
        _data = _top + _topEntries * 32;
    }

    /// <summary>Clusters of the volume.</summary>
    internal int ClusterCount => (_image.Length - _data) / 512;

    /// <summary>The copies of the table are the same.</summary>
    internal bool FatsAgree => _image.AsSpan(_fat, Word(22) * 512).SequenceEqual(_image.AsSpan(_fat + Word(22) * 512, Word(22) * 512));

    /// <summary>Clusters whose entry in the table is 0.</summary>
    internal int FreeClusters => Enumerable.Range(2, ClusterCount).Count(c => Next(c) == 0);

    /// <summary>Every file.</summary>
    internal IReadOnlyList<FoundFile> Files()
    {
        List<FoundFile> found = [];
        Walk("", _image.AsSpan(_top, _topEntries * 32).ToArray(), found);
        return found;
    }

    private void Walk(string folder, byte[] entries, List<FoundFile> found)
    {
        for (int at = 0; at < entries.Length && entries[at] != 0; at += 32)
        {
            string name = Encoding.ASCII.GetString(entries, at, 8).TrimEnd();
            string extension = Encoding.ASCII.GetString(entries, at + 8, 3).TrimEnd();
            string path = folder + (extension.Length == 0 ? name : $"{name}.{extension}");
            byte attribute = entries[at + 11];
            int[] clusters = [.. Chain(BitConverter.ToUInt16(entries, at + 26))];
            int size = BitConverter.ToInt32(entries, at + 28);
            byte[] bytes = [.. clusters.SelectMany(c => _image[(_data + (c - 2) * 512)..(_data + (c - 1) * 512)])];
            if (attribute == 0x20)
            {
                found.Add(new FoundFile(path, clusters, bytes[..size]));
            }
            else if (attribute == 0x10 && name[0] != '.')
            {
                Walk(path + "/", bytes, found);
            }
        }
    }

    private IEnumerable<int> Chain(int cluster)
    {
        for (int count = 0; cluster is >= 2 and < 0xff8; cluster = Next(cluster))
        {
            if (++count > ClusterCount)
            {
                throw new InvalidOperationException("a chain without an end");
            }

            yield return cluster;
        }
    }

    private int Next(int cluster)
    {
        int pair = BitConverter.ToUInt16(_image, _fat + cluster * 3 / 2);
        return cluster % 2 == 0 ? pair & 0xfff : pair >> 4;
    }

    private int Word(int at) => BitConverter.ToUInt16(_image, at);

    private static void Expect(int found, int expected, string what)
    {
        if (found != expected)
        {
            throw new InvalidOperationException($"{what}: expected {expected}, found {found}");
        }
    }
}
