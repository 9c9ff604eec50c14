using System.IO;
using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Finding the Cosmos kit.</summary>
public sealed class CosmosKitTests
{
    [Fact]
    public void TheConfigurationNamesItsFolder()
    {
        using TemporaryTree tree = new();
        string kit = Path.Combine(tree.Root, "kit");
        string configuration = tree.Write("CosmosUserKit.cfg", kit);

        Assert.Null(CosmosKit.Find(configuration));
        tree.Write("kit/Build/IL2CPU/IL2CPU", "");
        Assert.Equal(kit, CosmosKit.Find(configuration)!.Folder);
    }
}
