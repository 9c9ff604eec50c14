using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What is changed in GRUB and in a machine's copy of an image so that old and odd machines boot it.</summary>
public sealed class DiskImageTests
{
    private const int CylinderBytes = 16 * 63 * 512;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(CylinderBytes, 1, 1)]
    [InlineData(CylinderBytes + 1, 1, 2)]
    [InlineData(1, 8, 8)]
    public void AFileIsFilledToWholeCylinders(long bytes, long fewest, long cylinders)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("image");
        File.WriteAllBytes(file, new byte[bytes]);

        Assert.Equal(cylinders, new DiskImage(file).FillCylinders(fewest));
        Assert.Equal(cylinders * CylinderBytes, new FileInfo(file).Length);
    }

    [Fact]
    public void OnlyGrubsJumpOverTheDriveNumberIsReplaced()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("image");
        byte[] sector = [.. Enumerable.Range(0, 512).Select(i => (byte)i)];
        File.WriteAllBytes(file, sector);
        new DiskImage(file).BootAsDrive80();
        Assert.Equal(sector, File.ReadAllBytes(file));

        (sector[0x66], sector[0x67]) = (0xeb, 0x05);
        File.WriteAllBytes(file, sector);
        new DiskImage(file).BootAsDrive80();
        (sector[0x66], sector[0x67]) = (0x90, 0x90);
        Assert.Equal(sector, File.ReadAllBytes(file));
    }

    [Fact]
    public void AModuleWithoutControlRegister4HasTheSameLength()
    {
        byte[] clear = [0x0f, 0x20, 0xe0, 0x83, 0xe0, 0xdf, 0x0f, 0x22, 0xe0];
        byte[] set = [0x0f, 0x20, 0xe0, 0x83, 0xc8, 0x30, 0x0f, 0x22, 0xe0];

        // Setting the bit, on the way to 64 bits, stays.
        byte[] changed = GrubModules.WithoutCr4([1, .. clear, 2, .. set, 3, .. clear]);

        byte[] nothing = [.. Enumerable.Repeat((byte)0x90, clear.Length)];
        Assert.Equal([1, .. nothing, 2, .. set, 3, .. nothing], changed);
    }
}
