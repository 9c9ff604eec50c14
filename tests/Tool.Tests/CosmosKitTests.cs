using System;
using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Needs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Finding the Cosmos kit, and saying what is wrong with what was found.</summary>
public sealed class CosmosKitTests : IDisposable
{
    internal static readonly string[] Parts =
    [
        "Build/IL2CPU/IL2CPU", "XSharp/DebugStub/Break.xs",
        "Packages/Cosmos.Build.0.1.0-localbuild.nupkg", "Packages/Cosmos.Core.0.1.0-localbuild.nupkg",
        "Packages/Cosmos.Debug.Kernel.0.1.0-localbuild.nupkg", "Packages/Cosmos.Plugs.0.1.0-localbuild.nupkg",
        "Packages/Cosmos.System2.0.1.0-localbuild.nupkg",
        "Packages/IL2CPU.API.0.1.0-localbuild.nupkg", "Packages/XSharp.0.1.0-localbuild.nupkg",
    ];

    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void TheConfigurationNamesItsFolder()
    {
        string kit = Path.Combine(_tree.Root, "kit");
        string configuration = _tree.Write("CosmosUserKit.cfg", kit);

        // A kit with a part missing is none.
        foreach (string part in Parts)
        {
            Assert.Null(CosmosKit.Find(configuration));
            _tree.Write("kit/" + part, "");
        }

        Assert.Equal(kit, CosmosKit.Find(configuration)!.Folder);
        Assert.Null(CosmosKit.Search(configuration).Problem);
    }

    // Expect each part that is missing to be named, alone.
    [Fact]
    public void AnIncompleteKitSaysWhatItLacks()
    {
        foreach (string part in Parts)
        {
            _tree.Write("kit/" + part, "");
        }

        string configuration = _tree.Write("CosmosUserKit.cfg", Path.Combine(_tree.Root, "kit"));
        foreach (
            (string part, string named) in new[] { ("Build/IL2CPU/IL2CPU", "Build/IL2CPU/IL2CPU"),
                ("Packages/Cosmos.Core.0.1.0-localbuild.nupkg", "package Cosmos.Core") })
        {
            File.Delete(Path.Combine(_tree.Root, "kit", part));

            KitSearch search = CosmosKit.Search(configuration);

            Assert.True(search.Broken);
            Assert.Contains($"is incomplete: lacks {named}; it is built from", search.Problem, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', search.Problem!);
            _tree.Write("kit/" + part, "");
        }

        // One package's name begins the other's.
        File.Delete(Path.Combine(_tree.Root, "kit", "Packages", "Cosmos.Build.0.1.0-localbuild.nupkg"));
        _tree.Write("kit/Packages/Cosmos.Build.Common.0.1.0-localbuild.nupkg", "");
        Assert.Contains("lacks package Cosmos.Build;", CosmosKit.Search(configuration).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatIsNotAKitIsReported()
    {
        Directory.CreateDirectory(Path.Combine(_tree.Root, "music"));

        Assert.Contains("music, which ", CosmosKit.Search(_tree.Write("a.cfg", Path.Combine(_tree.Root, "music"))).Problem,
            StringComparison.Ordinal);
        Assert.Contains("is not a Cosmos gen2 kit: expected Build/IL2CPU/IL2CPU, XSharp/DebugStub, Packages in it",
            CosmosKit.Search(_tree.Write("a.cfg", Path.Combine(_tree.Root, "music"))).Problem, StringComparison.Ordinal);
        Assert.Contains("/nowhere, which ", CosmosKit.Search(_tree.Write("b.cfg", Path.Combine(_tree.Root, "nowhere"))).Problem,
            StringComparison.Ordinal);
        Assert.Contains(" does not exist: ", CosmosKit.Search(_tree.Write("b.cfg", Path.Combine(_tree.Root, "nowhere"))).Problem,
            StringComparison.Ordinal);
        Assert.Contains("c.cfg: expected the folder of the Cosmos gen2 kit, found nothing",
            CosmosKit.Search(_tree.Write("c.cfg", " \n")).Problem, StringComparison.Ordinal);
    }

    // Expect check to name the tools with the line that installs them, and the kit's problem beside them.
    [Fact]
    public void CheckReportsWhatToGetFromWhere()
    {
        KitSearch broken = CosmosKit.Search(_tree.Write("b.cfg", Path.Combine(_tree.Root, "nowhere")));
        KitSearch good = new("/kit", new CosmosKit("/kit"), null);
        IReadOnlyList<Need> yasm = [new("yasm", "yasm")];

        Assert.Equal("everything it needs is installed", CheckCommand.Cosmos(good, []));
        Assert.Equal("yasm missing; as root: apt-get install --no-install-recommends yasm", CheckCommand.Cosmos(good, yasm));
        Assert.Equal(broken.Problem, CheckCommand.Cosmos(broken, []));
        Assert.Equal(broken.Problem + "; and yasm missing; as root: apt-get install --no-install-recommends yasm",
            CheckCommand.Cosmos(broken, yasm));
    }
}
