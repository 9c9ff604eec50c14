using System;
using System.Buffers.Binary;
using System.Text;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>Finds a file in an ISO 9660 image.</summary>
public static class IsoImage
{
    private const int Sector = 2048;

    // Of the volume descriptor in sector 16, the root folder's record.
    private const int RootRecord = (16 * Sector) + 156;

    // Of a record: its length, first sector and bytes of the content, length of the name, and the name.
    private const int FirstSector = 2;
    private const int Bytes = 10;
    private const int NameLength = 32;
    private const int Name = 33;

    /// <summary>Where a file's bytes are, whatever the case of its name.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">The file's path in it, as in <c>/boot/lmb.gz</c>.</param>
    /// <exception cref="FailedException">There is no such file.</exception>
    public static Range FileAt(ReadOnlySpan<byte> image, string path)
    {
        Range content = Content(image[RootRecord..]);
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            content = Find(image[content], name) is { } record
                ? Content(image[content][record..])
                : throw new FailedException($"the image has no {path}");
        }

        return content;
    }

    // The record of a name in a folder; records do not cross sectors.
    private static int? Find(ReadOnlySpan<byte> folder, string name)
    {
        for (int at = 0; at < folder.Length;)
        {
            int length = folder[at];
            if (length == 0)
            {
                at = ((at / Sector) + 1) * Sector;
                continue;
            }

            string found = Encoding.Latin1.GetString(folder.Slice(at + Name, folder[at + NameLength]));
            if (found.Split(';')[0].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return at;
            }

            at += length;
        }

        return null;
    }

    private static Range Content(ReadOnlySpan<byte> record)
    {
        int begin = BinaryPrimitives.ReadInt32LittleEndian(record[FirstSector..]) * Sector;
        return begin..(begin + BinaryPrimitives.ReadInt32LittleEndian(record[Bytes..]));
    }
}
