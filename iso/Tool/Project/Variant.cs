using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Project;

/// <summary>
/// One build configuration of the kernel. A variant exists when Configs holds its .props file, whose name is the build
/// configuration.
/// </summary>
/// <param name="Configuration">For msbuild, as in <c>NoBootmem</c>.</param>
/// <param name="Name">On the command line and in file names; property <c>VariantName</c>, without it the configuration in lower case.</param>
/// <param name="Order">Place among the variants in tables; property <c>VariantOrder</c>.</param>
/// <param name="Toolchains">What can build it; property <c>VariantToolchains</c> (<c>nativeaot;cosmos</c>), both without it.</param>
/// <param name="IsStock">Cosmos's own heap, nothing of ours in its place; property <c>VariantHeap</c> is <c>stock</c>.</param>
public sealed record Variant(string Configuration, string Name, int Order, IReadOnlyList<Toolchain> Toolchains, bool IsStock = false)
{
    private const int NoOrder = 1000;

    /// <summary>Every variant of the project, in the order of the tables.</summary>
    /// <exception cref="BadInputException">A .props file is no XML or names a toolchain that does not exist.</exception>
    public static IReadOnlyList<Variant> All(ProjectFolder project)
    {
        if (!Directory.Exists(project.Configs))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(project.Configs, "*.props").Select(Read).OrderBy(v => v.Order).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }

    /// <summary>Those that a toolchain can build.</summary>
    public static IReadOnlyList<Variant> All(ProjectFolder project, Toolchain toolchain)
        => [.. All(project).Where(v => v.Toolchains.Contains(toolchain))];

    /// <summary>The variant of that name.</summary>
    /// <exception cref="BadInputException">There is none; the message names those there are.</exception>
    public static Variant Named(ProjectFolder project, string name, Toolchain toolchain)
    {
        IReadOnlyList<Variant> all = All(project, toolchain);
        return all.FirstOrDefault(v => v.Name == name)
            ?? throw new BadInputException($"no variant '{name}' for toolchain {toolchain.Word()}: expected one of {string.Join(", ", all.Select(v => v.Name))}");
    }

    private static Variant Read(string file)
    {
        try
        {
            List<XElement> properties = [.. XDocument.Load(file).Descendants()];
            string? Property(string name) => properties.FirstOrDefault(p => p.Name.LocalName == name)?.Value.Trim();

            int order = int.TryParse(Property("VariantOrder"), out int number) ? number : NoOrder;
            string toolchains = Property("VariantToolchains") ?? "nativeaot;cosmos";
            string configuration = Path.GetFileNameWithoutExtension(file);
            return new Variant(
                configuration,
                Property("VariantName") ?? configuration.ToLowerInvariant(),
                order,
                [.. toolchains.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(t => ToToolchain(file, t))],
                Property("VariantHeap") == "stock");
        }
        catch (XmlException error)
        {
            throw new BadInputException($"{file}:{error.LineNumber}: expected an msbuild .props file: {error.Message}");
        }
    }

    private static Toolchain ToToolchain(string file, string name)
        => Enum.TryParse(name, ignoreCase: true, out Toolchain toolchain)
            ? toolchain
            : throw new BadInputException($"{file}: VariantToolchains: expected nativeaot or cosmos, found '{name}'");
}
