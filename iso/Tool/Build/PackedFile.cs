using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>A file compressed by gzip, which GRUB's module gzio undoes while it loads. Neither name nor date is stored.</summary>
public static class PackedFile
{
    /// <summary>Compresses a file.</summary>
    /// <param name="source">The file.</param>
    /// <param name="packed">The file to write.</param>
    /// <param name="cancel">Ends the work.</param>
    public static async Task MakeAsync(string source, string packed, CancellationToken cancel)
    {
        await using FileStream to = File.Create(packed);
        await using GZipStream gzip = new(to, CompressionLevel.SmallestSize);
        await gzip.WriteAsync(await File.ReadAllBytesAsync(source, cancel), cancel);
    }
}
