using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>
/// One hash over the names and contents of a build's inputs. Contents, not dates: a checkout that changes nothing builds nothing. All
/// sources together are about a megabyte, so this costs a few milliseconds.
/// </summary>
public sealed class Fingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a named text.</summary>
    public Fingerprint Add(string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"{name}\0{value}\0");
        _hash.AppendData(bytes);
        return this;
    }

    /// <summary>Adds a file's contents under its name relative to <paramref name="root"/>.</summary>
    public Fingerprint AddFile(string root, string file)
    {
        Add(Path.GetRelativePath(root, file), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
        return this;
    }

    /// <summary>Adds every file below a folder except build output; a folder that does not exist adds nothing.</summary>
    public Fingerprint AddFolder(string root, string folder)
    {
        foreach (string file in Sources(folder).Order(StringComparer.Ordinal))
        {
            AddFile(root, file);
        }

        return this;
    }

    /// <summary>The hash over everything added; the object cannot be used afterwards.</summary>
    public string Value() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private static IEnumerable<string> Sources(string folder)
    {
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (string file in Directory.EnumerateFiles(folder))
        {
            yield return file;
        }

        foreach (string inner in Directory.EnumerateDirectories(folder))
        {
            if (Path.GetFileName(inner) is not ("bin" or "obj" or "out" or "isoFiles"))
            {
                foreach (string file in Sources(inner))
                {
                    yield return file;
                }
            }
        }
    }
}
