using System;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The solution keeps up with the work tree.</summary>
public sealed class SolutionTests
{
    private static readonly ProjectFolder s_project = ProjectFolder.Find();
    private static readonly string s_solution = File.ReadAllText(s_project.At("CosmosBootAlloc.sln"));

    // These only build where there is a Cosmos kit; Cosmos.Tests and Cosmos.Stock compile the sources of the first two everywhere. The
    // script's project has no sources of its own.
    private static readonly string[] s_leftOut =
    [
        "iso/Script/bootalloc.csproj",
        "CosmosKernel/CosmosKernel.csproj", "Plugs/Cosmos/CosmosBootAlloc.Cosmos.csproj", "Plugs/Package/CosmosBootAlloc.Package.csproj",
        "docs/samples/HelloCosmos/HelloCosmos.csproj",
    ];

    [Fact]
    public void EveryProjectIsInIt()
    {
        foreach (string file in Directory.EnumerateFiles(s_project.Root, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(s_project.Root, file);
            if (!name.Split('/').Any(p => p is "bin" or "obj" or "out") && !s_leftOut.Contains(name))
            {
                Assert.Contains(name.Replace('/', '\\'), s_solution, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void EveryVariantOfTheEmbeddedToolchainIsOneOfItsConfigurations()
    {
        foreach (Variant variant in Variant.All(s_project, Toolchain.NativeAot))
        {
            Assert.Contains($"{variant.Configuration}|Any CPU = {variant.Configuration}|Any CPU", s_solution, StringComparison.Ordinal);
        }
    }
}
