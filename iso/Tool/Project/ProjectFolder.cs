using System;
using System.IO;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Project;

/// <summary>Paths in the project's work tree. All of them are absolute, so the tool works from any current folder.</summary>
public sealed class ProjectFolder(string root)
{
    private const string Landmark = "CosmosBootAlloc.sln";

    /// <summary>The top of the work tree.</summary>
    public string Root { get; } = root;

    /// <summary>The variants: one .props file and one class each.</summary>
    public string Configs => Path.Combine(Root, "Configs");

    /// <summary>The embedded toolchain's kernel project.</summary>
    public string NativeAotProject => Path.Combine(Root, "CosmosKernel", "NativeAot", "CosmosKernel.NativeAot.csproj");

    /// <summary>The Cosmos user kernel's project.</summary>
    public string CosmosProject => Path.Combine(Root, "CosmosKernel", "CosmosKernel.csproj");

    /// <summary>Templates for the boot menus and for the configurations of Bochs, VMware, and VirtualBox.</summary>
    public string Templates => Path.Combine(Root, "iso");

    /// <summary>Images, logs and reports; nothing in here is under version control.</summary>
    public string Out => Path.Combine(Root, "iso", "out");

    /// <summary>A file or folder below the root.</summary>
    public string At(params ReadOnlySpan<string> names) => Path.Combine([Root, .. names]);

    /// <summary>A path for people to read: relative when it lies below the current folder, absolute otherwise.</summary>
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
