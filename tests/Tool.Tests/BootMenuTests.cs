using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The menus of the released images, made from their templates.</summary>
public sealed class BootMenuTests
{
    private static readonly ProjectFolder s_project = ProjectFolder.Find();
    private static readonly string s_grub = Path.Combine(s_project.Templates, "grub.cfg.template");

    private static readonly string s_all = Path.Combine(s_project.Templates, "grub-all.cfg.template");

    [Fact]
    public void AKernelWithoutMultiboot1HasNoLineForIt()
    {
        string all = BootMenu.ForPeople(s_grub, "memblock");
        string some = BootMenu.ForPeople(s_grub, "memblock", onlyMultiboot2: true);

        Assert.Equal(5, Titles(all).Length);
        Assert.Equal(Titles(all)[..4], Titles(some));
        Assert.DoesNotContain("multiboot /", some, StringComparison.Ordinal);
        Assert.EndsWith("}\n", some, StringComparison.Ordinal);
    }

    // Expect a person, and the tool, to choose the same line in either toolchain's menu.
    [Fact]
    public void LiminesMenuHasTheSameLinesWithTheSameOptions()
    {
        string limine = File.ReadAllText(Path.Combine(s_project.Templates, "limine.cfg.template"));
        string grub = File.ReadAllText(s_grub);
        string[] titles = [.. Regex.Matches(limine, "(?m)^:(.*)$").Select(m => m.Groups[1].Value)];

        Assert.Equal(Titles(grub)[..4], titles);
        Assert.All(titles, title => Assert.StartsWith(BootMenu.Title, title, StringComparison.Ordinal));
        Assert.Equal(
            Regex.Matches(grub, @"(?m)^  multiboot2 \S+ (.+)$").Select(m => m.Groups[1].Value),
            Regex.Matches(limine, "(?m)^ +CMDLINE=(.+)$").Select(m => m.Groups[1].Value));
    }

    // Expect the choice first, one line per variant, then the same for each other way to boot it.
    [Fact]
    public void TheMenuOfAllHasThreeLinesForEachVariant()
    {
        Variant[] variants = [.. Variant.All(s_project, Toolchain.NativeAot)];
        string menu = BootMenu.ForEveryVariant(s_all, CombinedImages.Kernels(variants));
        string[] titles = Titles(menu);

        string[] expected =
        [
            .. variants.Select(v => $"CosmosBootAlloc {v.Name}: {v.Models}"),
            .. variants.Select(v => $"CosmosBootAlloc {v.Name}: self-test, then power off"),
            .. variants.Select(v => $"CosmosBootAlloc {v.Name}: debug"),
        ];
        Assert.Equal(expected, titles[..^1]);
        Assert.StartsWith("Memtest86+", titles[^1], StringComparison.Ordinal);
        Assert.All(titles, t => Assert.InRange(t.Length, 1, 74));
        Assert.All(variants, v => Assert.NotEqual("", v.Models));
        Assert.DoesNotContain('@', Regex.Replace(menu, "(?m)^#.*$", ""));

        // Its lines have the options of those of one variant's menu.
        Assert.Equal(
            Regex.Matches(File.ReadAllText(s_grub), @"(?m)^  multiboot2 \S+( .+)?$").Select(m => m.Groups[1].Value).Distinct(),
            Regex.Matches(menu, @"(?m)^  multiboot2 \S+( .+)?$").Select(m => m.Groups[1].Value).Distinct());
    }

    [Fact]
    public void AVariantThatDoesNotSayWhatItModelsHasAPlainTitle()
        => Assert.Equal("CosmosBootAlloc lmb2", Titles(BootMenu.ForEveryVariant(s_all, CombinedImages.Kernels([Named("lmb2")])))[0]);

    [Fact]
    public void WhatCannotStandInATitleIsRefused()
    {
        Variant variant = Named("lmb2") with { Models = "Linus' own" };

        Assert.Throws<BadInputException>(() => BootMenu.ForEveryVariant(s_all, CombinedImages.Kernels([variant])));
    }

    [Fact]
    public void EachKernelHasANameOfDosOfItsOwn()
        => Assert.Equal(
            ["/boot/nobootme.gz", "/boot/nobootm2.gz", "/boot/lmb.gz", "/boot/nobootm3.gz"],
            CombinedImages.Kernels([Named("nobootmem"), Named("nobootmemory"), Named("lmb"), Named("nobootmeter")]).Select(k => k.Path));

    private static Variant Named(string name) => new(name, name, 1, [Toolchain.NativeAot]);

    private static string[] Titles(string grub) => [.. Regex.Matches(grub, "menuentry '([^']*)'").Select(m => m.Groups[1].Value)];
}
