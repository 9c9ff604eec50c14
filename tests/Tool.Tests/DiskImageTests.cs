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

    // Expect the count and what it is taken for to change together, 18 times less of both, or neither.
    [Fact]
    public void TheClockIsMeasuredForThreeMillisecondsOfFiftyFive()
    {
        byte[] count = [0xb0, 0xff, 0xe6, 0x42, 0xe6, 0x42];
        byte[] taken = [0x31, 0xc0, 0xba, 55, 0, 0, 0];
        byte[] between = new byte[80];

        byte[] changed = GrubModules.WithShortMeasure([1, .. taken, 2, .. count, .. between, .. taken, 3]);

        Assert.Equal([1, .. taken, 2, 0xb0, 0x0e, .. count[2..], .. between, 0x31, 0xc0, 0xba, 3, 0, 0, 0, 3], changed);
        byte[][] others = [[.. count, .. new byte[200], .. taken], [.. count, .. count, .. taken], taken, count];
        foreach (byte[] other in others)
        {
            Assert.Equal(other, GrubModules.WithShortMeasure(other));
        }
    }

    // Expect the GRUB that is installed here to have the one place.
    [Fact]
    public void TheInstalledGrubHasThatPlace()
    {
        string core = Path.Combine(GrubCore.Folder, "kernel.img");
        Assert.SkipUnless(File.Exists(core), "GRUB is not installed: apt-get install grub-pc-bin");
        byte[] installed = File.ReadAllBytes(core);

        byte[] changed = GrubModules.WithShortMeasure(installed);

        Assert.Equal(2, installed.Zip(changed).Count(pair => pair.First != pair.Second));
    }
}
