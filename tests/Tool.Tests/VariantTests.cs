using System;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Variants are what Configs holds.</summary>
public sealed class VariantTests
{
    [Fact]
    public void EachPropsFileIsAVariantInTheirOrder()
    {
        using TemporaryTree tree = new();
        tree.Write(
            "Configs/Zebra.props",
            "<Project><PropertyGroup><VariantName>striped</VariantName><VariantOrder>1</VariantOrder></PropertyGroup></Project>");
        tree.Write("Configs/Ant.props", "<Project />");
        tree.Write("Configs/Ant.cs", "");

        Variant[] all = [.. Variant.All(new ProjectFolder(tree.Root))];

        Assert.Equal(["striped", "ant"], all.Select(v => v.Name));
        Assert.Equal(["Zebra", "Ant"], all.Select(v => v.Configuration));
        Assert.Equal([Toolchain.NativeAot, Toolchain.Cosmos], all[1].Toolchains);
    }

    [Fact]
    public void OneToolchainsVariantsOnly()
    {
        using TemporaryTree tree = new();
        tree.Write(
            "Configs/Stock.props",
            "<Project><PropertyGroup><VariantToolchains>cosmos</VariantToolchains></PropertyGroup></Project>");
        tree.Write("Configs/Lmb.props", "<Project />");
        ProjectFolder project = new(tree.Root);

        Assert.Equal(["lmb"], Variant.All(project, Toolchain.NativeAot).Select(v => v.Name));
        BadInputException error = Assert.Throws<BadInputException>(() => Variant.Named(project, "stock", Toolchain.NativeAot));
        Assert.Contains("expected one of lmb", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenFileIsNamedWithItsLine()
    {
        using TemporaryTree tree = new();
        string file = tree.Write("Configs/Bad.props", "<Project>\n<PropertyGroup>\n</Project>");

        BadInputException error = Assert.Throws<BadInputException>(() => Variant.All(new ProjectFolder(tree.Root)));

        Assert.StartsWith($"{file}:3: expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutConfigsThereAreNone() => Assert.Empty(Variant.All(new ProjectFolder("/nonexistent")));
}
