using System;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The solution keeps up with the work tree.</summary>
public sealed class SolutionTests
{
    private static readonly ProjectFolder s_project = ProjectFolder.Find();
    private static readonly string s_solution = File.ReadAllText(s_project.At("CosmosBootAlloc.sln"));

    [Fact]
    public void EveryProjectIsInIt()
    {
        foreach (string file in Directory.EnumerateFiles(s_project.Root, "*.csproj", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(s_project.Root, file);
            if (!name.Split('/').Any(p => p is "bin" or "obj" or "out"))
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
