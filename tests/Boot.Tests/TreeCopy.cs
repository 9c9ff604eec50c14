using System;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tests.Shared;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>What a build needs, as a checkout would have it, in a folder of its own with spaces in its name.</summary>
internal sealed class TreeCopy : IDisposable
{
    private static readonly string[] s_leftOut = ["bin", "obj", "out", "isoFiles"];

    /// <summary>Copies.</summary>
    internal TreeCopy()
    {
        foreach (
            string file in new[] { "bootalloc", "CosmosBootAlloc.sln" }.Concat(
                Directory.GetFiles(Lab.Project.Root, "*.props").Select(f => Path.GetFileName(f)!)))
        {
            Copy(file);
        }

        foreach (string folder in new[] { "iso", "Plugs", "Configs", "CosmosKernel" })
        {
            foreach (string file in Directory.EnumerateFiles(Lab.Project.At(folder), "*", SearchOption.AllDirectories))
            {
                string relative = Path.GetRelativePath(Lab.Project.Root, file);
                if (!relative.Split('/').Any(s_leftOut.Contains))
                {
                    Copy(relative);
                }
            }
        }
    }

    /// <summary>Its top.</summary>
    internal string Root { get; } = Path.Combine(Path.GetTempPath(), $"bootalloc clean tree {Guid.NewGuid():N}");

    /// <summary>A file in it.</summary>
    internal string At(params string[] names) => Path.Combine([Root, .. names]);

    /// <summary>The one file with that name below a folder, relative to the top.</summary>
    internal string Find(string folder, string name)
        => Path.GetRelativePath(Root, Directory.EnumerateFiles(At(folder), name, SearchOption.AllDirectories).Single());

    /// <summary>Changes a piece of text in one of its files; the piece must be there.</summary>
    internal void Replace(string file, string from, string to)
    {
        string path = At(file);
        string text = File.ReadAllText(path);
        if (!text.Contains(from, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{file}: expected to find '{from}'");
        }

        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        OwnProcesses.Delete(Root);
    }

    private void Copy(string relative)
    {
        string target = At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Lab.Project.At(relative), target);
    }
}
