using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build.Floppy;

/// <summary>
/// A 1.44 MB floppy with a FAT12 file system, written as a whole. Every file lies in one piece, in the order in which files were added;
/// every date is the same, so the same files give the same bytes.
/// <code>
/// sector 0         boot sector, with the parameters of the file system
///        1         the boot loader's core, up to sector R: not part of the file system ("reserved sectors")
///        R         two tables of clusters (FAT), 9 sectors each
///        R + 18    the top folder, 224 entries in 14 sectors
///        R + 32    clusters of one sector; the first is number 2
///        2880      end
/// </code>
/// </summary>
public sealed class Fat12Volume
{
    /// <summary>Bytes of a sector, which is also a cluster.</summary>
    public const int SectorBytes = 512;

    /// <summary>Bytes of the whole image.</summary>
    public const int Bytes = Sectors * SectorBytes;

    private const int Sectors = 2880;
    private const int SectorsPerTrack = 18;
    private const int Heads = 2;
    private const int Fats = 2;
    private const int FatSectors = 9;
    private const int TopEntries = 224;
    private const int EntryBytes = 32;
    private const int FirstCluster = 2;
    private const byte MediaOf1440K = 0xf0;
    private const uint EndOfChain = 0xfff;

    // 2010-05-16, the day of Linux 2.6.34: as a serial number, and as DOS's date (years since 1980, month, day).
    private const uint Serial = 0x20100516;
    private const ushort Date = (30 << 9) | (5 << 5) | 16;

    // The parameters begin behind the jump at the start of the boot sector.
    private const int ParametersAt = 3;

    private const byte LabelAttribute = 0x08;
    private const byte FolderAttribute = 0x10;
    private const byte FileAttribute = 0x20;

    private readonly Entry _top = new([], null);
    private readonly byte[] _label;
    private readonly int _reserved;

    /// <summary>An empty volume.</summary>
    /// <param name="label">Its name, up to eleven letters and digits.</param>
    /// <param name="coreBytes">Bytes to reserve behind the boot sector.</param>
    /// <exception cref="BadInputException">The reserved sectors alone are too many, or the label is none.</exception>
    public Fat12Volume(string label, int coreBytes)
    {
        _label = Fat12Name.EncodeLabel(label);
        _reserved = 1 + SectorsOf(coreBytes);
        if (FirstDataSector >= Sectors)
        {
            throw new BadInputException(
                $"floppy: expected a boot loader of at most {(Sectors - FatsAndTop - 2) * SectorBytes} bytes, found {coreBytes}");
        }
    }

    /// <summary>Bytes that files and folders may occupy, in whole sectors.</summary>
    public int RoomBytes => (Sectors - FirstDataSector) * SectorBytes;

    /// <summary>Bytes that the files and folders added so far occupy, in whole sectors; may exceed <see cref="RoomBytes"/>.</summary>
    public long NeededBytes => _top.All().Sum(e => (long)e.Clusters) * SectorBytes;

    /// <summary>Adds a file, and the folders on the way to it.</summary>
    /// <param name="path">As in <c>/BOOT/GRUB/GRUB.CFG</c>; capitals and small letters are the same.</param>
    /// <param name="contents">What is in it; may be empty.</param>
    /// <exception cref="BadInputException">A name is not one of DOS, or is taken.</exception>
    public void Add(string path, byte[] contents)
    {
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Entry folder = _top;
        foreach (string name in names.SkipLast(1))
        {
            byte[] encoded = Fat12Name.Encode(name);
            Entry? inner = folder.Find(encoded);
            if (inner is { IsFolder: false })
            {
                throw new BadInputException($"floppy: expected a folder {name} for {path}, found a file of that name");
            }

            folder = inner ?? folder.Add(new Entry(encoded, null));
        }

        byte[] last = Fat12Name.Encode(names.LastOrDefault() ?? "");
        if (folder.Find(last) != null)
        {
            throw new BadInputException($"floppy: expected one file or folder {path}, found a second one");
        }

        folder.Add(new Entry(last, contents));
    }

    /// <summary>Writes the volume.</summary>
    /// <param name="bootSector">The boot loader's first sector; its parameters are replaced.</param>
    /// <param name="core">What goes into the reserved sectors.</param>
    /// <exception cref="BadInputException">The files do not fit, or the top folder has too many entries.</exception>
    public byte[] Make(ReadOnlySpan<byte> bootSector, ReadOnlySpan<byte> core)
    {
        if (bootSector.Length != SectorBytes || 1 + SectorsOf(core.Length) != _reserved)
        {
            throw new ArgumentException($"a boot sector of {bootSector.Length} bytes, a core of {core.Length} for {_reserved} sectors");
        }

        if (NeededBytes > RoomBytes)
        {
            throw new BadInputException($"floppy: expected files and folders of at most {RoomBytes} bytes, found {NeededBytes}");
        }

        if (_top.Inner.Count + 1 > TopEntries)
        {
            throw new BadInputException($"floppy: expected at most {TopEntries - 1} files in the top folder, found {_top.Inner.Count}");
        }

        byte[] image = new byte[Bytes];
        bootSector.CopyTo(image);
        Parameters().CopyTo(image, ParametersAt);
        core.CopyTo(image.AsSpan(SectorBytes));

        uint[] chain = Place();
        byte[] fat = Pack(chain);
        for (int i = 0; i < Fats; i++)
        {
            fat.CopyTo(image, (_reserved + i * FatSectors) * SectorBytes);
        }

        MemoryStream top = new(image, (_reserved + Fats * FatSectors) * SectorBytes, TopEntries * EntryBytes);
        top.Write(EntryOf(_label, LabelAttribute, 0, 0));
        WriteInner(top, _top);
        WriteData(image, _top);
        return image;
    }

    /// <summary>The bytes that are free in a volume that this class wrote.</summary>
    public static int FreeBytes(ReadOnlySpan<byte> image)
    {
        int reserved = image[14] | (image[15] << 8);
        ReadOnlySpan<byte> fat = image.Slice(reserved * SectorBytes, FatSectors * SectorBytes);
        int free = 0;
        for (int cluster = FirstCluster; cluster < Sectors - reserved - FatsAndTop + FirstCluster; cluster++)
        {
            int pair = fat[cluster * 3 / 2] | (fat[cluster * 3 / 2 + 1] << 8);
            free += (cluster % 2 == 0 ? pair & 0xfff : pair >> 4) == 0 ? 1 : 0;
        }

        return free * SectorBytes;
    }

    private const int FatsAndTop = Fats * FatSectors + TopEntries * EntryBytes / SectorBytes;

    private int FirstDataSector => _reserved + FatsAndTop;

    private static int SectorsOf(int bytes) => (bytes + SectorBytes - 1) / SectorBytes;

    // Gives every file and folder its clusters, and returns the table: for each cluster the next one of the same file.
    private uint[] Place()
    {
        List<uint> chain = [0xf00 | MediaOf1440K, EndOfChain];
        foreach (Entry entry in _top.All())
        {
            // An empty file has no cluster.
            entry.Cluster = entry.Clusters == 0 ? 0 : chain.Count;
            for (int i = 1; i <= entry.Clusters; i++)
            {
                chain.Add(i == entry.Clusters ? EndOfChain : (uint)chain.Count + 1);
            }
        }

        return [.. chain];
    }

    // Two entries of twelve bits in three bytes.
    private static byte[] Pack(uint[] chain)
    {
        byte[] fat = new byte[FatSectors * SectorBytes];
        for (int i = 0; i < chain.Length; i++)
        {
            int at = i * 3 / 2;
            uint bits = chain[i] << (i % 2 * 4);
            fat[at] |= (byte)bits;
            fat[at + 1] |= (byte)(bits >> 8);
        }

        return fat;
    }

    private void WriteData(byte[] image, Entry folder)
    {
        foreach (Entry entry in folder.Inner)
        {
            int at = (FirstDataSector + entry.Cluster - FirstCluster) * SectorBytes;
            if (entry.Contents is { } contents)
            {
                contents.CopyTo(image, contents.Length == 0 ? 0 : at);
                continue;
            }

            // Number 0 stands for the top folder.
            MemoryStream data = new(image, at, entry.Clusters * SectorBytes);
            data.Write(EntryOf(Dots("."), FolderAttribute, entry.Cluster, 0));
            data.Write(EntryOf(Dots(".."), FolderAttribute, folder.Cluster, 0));
            WriteInner(data, entry);
            WriteData(image, entry);
        }
    }

    private static void WriteInner(MemoryStream to, Entry folder)
    {
        foreach (Entry entry in folder.Inner)
        {
            to.Write(EntryOf(entry.Name, entry.IsFolder ? FolderAttribute : FileAttribute, entry.Cluster, entry.Contents?.Length ?? 0));
        }
    }

    private static byte[] Dots(string dots) => [.. dots.PadRight(11).Select(c => (byte)c)];

    // 0 name, 11 attribute, 22 time, 24 date, 26 first cluster, 28 bytes (0 of a folder).
    private static byte[] EntryOf(byte[] name, byte attribute, int cluster, int bytes)
    {
        byte[] entry = new byte[EntryBytes];
        name.CopyTo(entry, 0);
        entry[11] = attribute;
        BitConverter.TryWriteBytes(entry.AsSpan(24), Date);
        BitConverter.TryWriteBytes(entry.AsSpan(26), (ushort)cluster);
        BitConverter.TryWriteBytes(entry.AsSpan(28), bytes);
        return entry;
    }

    // Every system that reads floppies goes by these; the name in front is one that old ones trust.
    private byte[] Parameters()
    {
        MemoryStream block = new();
        using BinaryWriter writer = new(block);
        writer.Write("MSDOS5.0"u8);
        writer.Write((ushort)SectorBytes);
        writer.Write((byte)1);
        writer.Write((ushort)_reserved);
        writer.Write((byte)Fats);
        writer.Write((ushort)TopEntries);
        writer.Write((ushort)Sectors);
        writer.Write(MediaOf1440K);
        writer.Write((ushort)FatSectors);
        writer.Write((ushort)SectorsPerTrack);
        writer.Write((ushort)Heads);

        // No sectors before this volume, and no count of sectors in 32 bits; drive 0; label and serial number follow.
        writer.Write(0u);
        writer.Write(0u);
        writer.Write((ushort)0);
        writer.Write((byte)0x29);
        writer.Write(Serial);
        writer.Write(_label);
        writer.Write("FAT12   "u8);
        return block.ToArray();
    }

    // A file, or a folder, which has no contents of its own.
    private sealed class Entry(byte[] name, byte[]? contents)
    {
        internal byte[] Name { get; } = name;

        internal byte[]? Contents { get; } = contents;

        internal List<Entry> Inner { get; } = [];

        internal int Cluster { get; set; }

        internal bool IsFolder => Contents == null;

        internal int Clusters => SectorsOf(Contents?.Length ?? (2 + Inner.Count) * EntryBytes);

        internal Entry? Find(byte[] name) => Inner.Find(e => e.Name.AsSpan().SequenceEqual(name));

        internal Entry Add(Entry entry)
        {
            Inner.Add(entry);
            return entry;
        }

        // Everything in it, a folder before what it holds.
        internal IEnumerable<Entry> All() => Inner.SelectMany(e => e.All().Prepend(e));
    }
}
