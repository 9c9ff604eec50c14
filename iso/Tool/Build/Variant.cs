using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// One build configuration of the kernel. A variant exists when Configs holds its .props file, whose name is the build configuration.
/// </summary>
/// <param name="Configuration">For msbuild, such as <c>NoBootmem</c>.</param>
/// <param name="Name">On the command line and in file names; property <c>VariantName</c>, by default the configuration in lower
/// case.</param>
/// <param name="Order">Position among the variants in tables; property <c>VariantOrder</c>.</param>
/// <param name="Toolchains">Toolchains that can build it; property <c>VariantToolchains</c> (<c>nativeaot;cosmos</c>), by default
/// all.</param>
/// <param name="IsStock">Cosmos's own heap with nothing of ours in its place; property <c>VariantHeap</c> is <c>stock</c>.</param>
public sealed record Variant(string Configuration, string Name, int Order, IReadOnlyList<Toolchain> Toolchains, bool IsStock = false)
{
    /// <summary>The variant that a command takes when none is named: Linux 2.6.34's own default.</summary>
    public const string DefaultName = "nobootmem";

    private const int NoOrder = 1000;

    /// <summary>
    /// What it models, in a few words for the title of its line in a boot menu; property <c>VariantModels</c>, empty without one.
    /// </summary>
    public string Models { get; init; } = "";

    /// <summary>Every variant of the project, in the order of the tables.</summary>
    /// <exception cref="BadInputException">A .props file is not XML, or names a toolchain that does not exist.</exception>
    public static IReadOnlyList<Variant> All(ProjectFolder project)
    {
        if (!Directory.Exists(project.Configs))
        {
            return [];
        }

        return
        [
            .. Directory.EnumerateFiles(project.Configs, "*.props").Select(Read)
                .OrderBy(v => v.Order).ThenBy(v => v.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The variants that a toolchain can build.</summary>
    public static IReadOnlyList<Variant> All(ProjectFolder project, Toolchain toolchain)
        => [.. All(project).Where(v => v.Toolchains.Contains(toolchain))];

    /// <summary>The variant with that name.</summary>
    /// <exception cref="BadInputException">There is none; the message lists those that exist.</exception>
    public static Variant Named(ProjectFolder project, string name, Toolchain toolchain)
    {
        IReadOnlyList<Variant> all = All(project, toolchain);
        string names = string.Join(", ", all.Select(v => v.Name));
        return all.FirstOrDefault(v => v.Name == name)
            ?? throw new BadInputException($"no variant '{name}' for toolchain {toolchain.Name}: expected one of {names}");
    }

    private static Variant Read(string file)
    {
        try
        {
            List<XElement> properties = [.. XDocument.Load(file).Descendants()];
            string? Property(string name) => properties.FirstOrDefault(p => p.Name.LocalName == name)?.Value.Trim();

            int order = int.TryParse(Property("VariantOrder"), out int number) ? number : NoOrder;
            string configuration = Path.GetFileNameWithoutExtension(file);
            return new Variant(
                configuration,
                Property("VariantName") ?? configuration.ToLowerInvariant(),
                order,
                Property("VariantToolchains") is { } names ? ReadToolchains(file, names) : Toolchain.All,
                Property("VariantHeap") == "stock")
            {
                Models = Property("VariantModels") ?? "",
            };
        }
        catch (XmlException error)
        {
            throw new BadInputException($"{file}:{error.LineNumber}: expected an msbuild .props file: {error.Message}");
        }
    }

    private static IReadOnlyList<Toolchain> ReadToolchains(string file, string names)
        =>
        [
            .. names.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => Toolchain.Find(name)
                ?? throw new BadInputException($"{file}: VariantToolchains: expected {Toolchain.Choices}, found '{name}'")),
        ];
}
