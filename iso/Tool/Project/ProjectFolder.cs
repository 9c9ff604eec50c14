using System;
using System.IO;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Project;

/// <summary>Where things are in the project's work tree. All paths are absolute, so that the tool works from any current folder.</summary>
public sealed class ProjectFolder(string root)
{
    private const string Landmark = "CosmosBootAlloc.sln";

    /// <summary>The top of the work tree.</summary>
    public string Root { get; } = root;

    /// <summary>Variants: one .props and one chain each.</summary>
    public string Configs => Path.Combine(Root, "Configs");

    /// <summary>The embedded toolchain's kernel project.</summary>
    public string NativeAotProject => Path.Combine(Root, "CosmosKernel", "NativeAot", "CosmosKernel.NativeAot.csproj");

    /// <summary>The Cosmos user kernel's project.</summary>
    public string CosmosProject => Path.Combine(Root, "CosmosKernel", "CosmosKernel.csproj");

    /// <summary>Templates of the boot menu, the Bochs and the VMware machine.</summary>
    public string Templates => Path.Combine(Root, "iso");

    /// <summary>Images, logs and reports; nothing here is kept under version control.</summary>
    public string Out => Path.Combine(Root, "iso", "out");

    /// <summary>A file or folder below the root.</summary>
    public string At(params ReadOnlySpan<string> names) => Path.Combine([Root, .. names]);

    /// <summary>Shortens a path below the current folder or the root, for people to read.</summary>
    public string Show(string path)
    {
        string full = Path.GetFullPath(path);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, full);
        return relative.StartsWith("..", StringComparison.Ordinal) ? full : relative;
    }

    /// <summary>Finds the work tree that this program was built in.</summary>
    /// <exception cref="BadInputException">The program lies outside any work tree.</exception>
    public static ProjectFolder Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Landmark)))
            {
                return new ProjectFolder(folder.FullName);
            }
        }

        throw new BadInputException($"{AppContext.BaseDirectory}: not inside a work tree with {Landmark}");
    }
}
