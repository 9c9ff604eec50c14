using System;
using System.IO;
using System.IO.Compression;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>
/// Cosmos's sources beside the kit: what is wrong with a folder is said with what was found, what is needed, and what to do.
/// </summary>
public sealed class CosmosSourcesTests : IDisposable
{
    private const string Commit = "764ceb0d5a3e1f0000000000000000000000cafe";

    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void ARepositoryIsFoundWithItsCommit()
    {
        string folder = Repository("Cosmos");
        Assert.Null(CosmosSources.Open(folder, null).Commit);

        _tree.Write("Cosmos/.git/HEAD", Commit + "\n");
        Assert.Equal("764ceb0d", CosmosSources.Open(folder, null).Commit);

        _tree.Write("Cosmos/.git/HEAD", "ref: refs/heads/master\n");
        Assert.Null(CosmosSources.Open(folder, null).Commit);
        _tree.Write("Cosmos/.git/packed-refs", $"# pack-refs\n{Commit} refs/heads/master\n");
        Assert.Equal("764ceb0d", CosmosSources.Open(folder, null).Commit);
        _tree.Write("Cosmos/.git/refs/heads/master", new string('a', 40) + "\n");
        Assert.Equal("aaaaaaaa", CosmosSources.Open(folder, null).Commit);
    }

    [Fact]
    public void AFolderThatIsMissingOrSomethingElseIsRefused()
    {
        Assert.EndsWith(": no such folder; expected Cosmos's repository, from which the kit was built", Refused("nowhere", null),
            StringComparison.Ordinal);

        _tree.Write("music/Tests/Kernels/song", "");
        Assert.Contains(
            "music: not Cosmos's sources: found no Tests/Cosmos.TestRunner.TestController; name the root", Refused("music", null),
            StringComparison.Ordinal);

        // The folder that holds all four repositories.
        Repository("all/Cosmos");
        Assert.EndsWith($"; it is in {Path.Combine(_tree.Root, "all", "Cosmos")}", Refused("all", null), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherVersionThanTheKitsIsRefused()
    {
        string folder = Repository("Cosmos");
        _tree.Write("Cosmos/.git/HEAD", new string('a', 40) + "\n");
        CosmosKit kit = new(Path.Combine(_tree.Root, "kit"));
        Directory.CreateDirectory(Path.Combine(kit.Folder, "Packages"));
        Assert.Equal("aaaaaaaa", CosmosSources.Open(folder, kit).Commit);

        using (ZipArchive package = ZipFile.Open(
            Path.Combine(kit.Folder, "Packages", "Cosmos.Core.0.1.0-localbuild.nupkg"), ZipArchiveMode.Create))
        {
            using StreamWriter description = new(package.CreateEntry("Cosmos.Core.nuspec").Open());
            description.Write($"<repository type=\"git\" commit=\"{Commit}\" />");
        }

        string line = Refused("Cosmos", kit);
        Assert.Contains($"found Cosmos at aaaaaaaa, the kit {kit.Folder} was built from 764ceb0d; ", line, StringComparison.Ordinal);
        Assert.EndsWith("check out 764ceb0d there, or build the kit from it", line, StringComparison.Ordinal);
        _tree.Write("Cosmos/.git/HEAD", Commit + "\n");
        Assert.Equal("764ceb0d", CosmosSources.Open(folder, kit).Commit);
    }

    [Fact]
    public async Task TheOptionIsCheckedBeforeAnythingIsBuilt()
    {
        CommandRun run = await CommandRun.RunAsync("test", "Cosmos.Suites", "--cosmos-sources", _tree.Root);

        Assert.Equal(ExitStatus.WrongUse, run.Status);
        Assert.Empty(run.Output);
        Assert.Contains("not Cosmos's sources: found no Tests/Kernels and no ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    private string Repository(string name)
    {
        _tree.Write(name + "/Tests/Kernels/BoxingTests/Kernel.cs", "");
        _tree.Write(name + "/Tests/Cosmos.TestRunner.TestController/TestController.cs", "");
        return Path.Combine(_tree.Root, name);
    }

    private string Refused(string name, CosmosKit? kit)
    {
        string message = Assert.Throws<BadInputException>(() => CosmosSources.Open(Path.Combine(_tree.Root, name), kit)).Message;
        Assert.StartsWith("--cosmos-sources ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
