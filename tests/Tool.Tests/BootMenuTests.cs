using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The menus of the released images, made from their templates.</summary>
public sealed class BootMenuTests
{
    private static readonly ProjectFolder s_project = ProjectFolder.Find();
    private static readonly string s_grub = Path.Combine(s_project.Templates, "grub.cfg.template");

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

    private static string[] Titles(string grub) => [.. Regex.Matches(grub, "menuentry '([^']*)'").Select(m => m.Groups[1].Value)];
}
