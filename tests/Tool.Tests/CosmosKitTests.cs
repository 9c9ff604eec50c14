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

        // A kit with a part missing is none.
        foreach (string part in new[] { "Build/IL2CPU/IL2CPU", "XSharp/DebugStub", "Packages" })
        {
            Assert.Null(CosmosKit.Find(configuration));
            tree.Write("kit/" + part, "");
        }

        Assert.Equal(kit, CosmosKit.Find(configuration)!.Folder);
    }
}
