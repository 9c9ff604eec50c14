using System.Linq;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>GRUB's modules: each image has those that it needs, once, and a missing one is named.</summary>
public sealed class GrubCoreTests
{
    [Fact]
    public void AMissingModuleIsNamedWithTheWayToGetIt()
    {
        using TemporaryTree tree = new();
        tree.Write("normal.mod", "");

        GrubCore.CheckModules(tree.Root, ["normal"]);
        string message = Assert.Throws<MissingToolException>(() => GrubCore.CheckModules(tree.Root, ["gzio", "normal", "fat"])).Message;

        Assert.Equal(
            $"GRUB lacks gzio.mod, fat.mod: expected in {tree.Root}, found none; as root: apt-get install --reinstall grub-pc-bin",
            message);
    }

    [Fact]
    public void EachModuleIsThereOnce()
    {
        Assert.Distinct(GrubCore.Modules(GrubCore.Floppy, ["gzio", "fat", "gzio", "linux16"]));
        Assert.Contains("iso9660", GrubCore.Modules(GrubCore.Cd, []));
        Assert.DoesNotContain("iso9660", GrubCore.Modules(GrubCore.Floppy, []));
    }

    // Expect whatever works in the CD's menu and at its prompt (serial, terminal, vbe, ...) to work over the network too.
    [Fact]
    public void TheNetworksGrubCanDoWhatTheCdsCan()
    {
        Assert.Equal(
            GrubCore.Modules(GrubCore.Cd, ["gzio"]).Except(GrubCore.Cd.Modules).Order(),
            GrubCore.Modules(GrubCore.Network, ["gzio"]).Except(GrubCore.Network.Modules).Order());
    }
}
