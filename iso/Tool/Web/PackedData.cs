using System;
using System.IO;
using System.IO.Compression;
using System.Text;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>Files in a page: each a script element of a type that no browser runs, gzip and base64.</summary>
public sealed class PackedData
{
    private readonly StringBuilder _html = new();

    /// <summary>The elements.</summary>
    public string Html => _html.ToString();

    /// <summary>Adds a file.</summary>
    /// <param name="id">The element's id.</param>
    /// <param name="bytes">The file.</param>
    public PackedData Add(string id, ReadOnlySpan<byte> bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        string text = Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length));
        _html.Append("<script type=\"application/gzip\" id=\"").Append(id).Append("\">").Append(text).Append("</script>\n");
        return this;
    }

    /// <summary>Adds a file.</summary>
    /// <param name="id">The element's id.</param>
    /// <param name="file">The file's name.</param>
    public PackedData AddFile(string id, string file) => Add(id, File.ReadAllBytes(file));

    /// <summary>Adds a text.</summary>
    /// <param name="id">The element's id.</param>
    /// <param name="text">The text.</param>
    public PackedData AddText(string id, string text) => Add(id, Encoding.UTF8.GetBytes(text));
}
