using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Processes;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests.Floppy;

/// <summary>A floppy as DOS and everybody else reads it.</summary>
public sealed class Fat12VolumeTests
{
    private const string Mcopy = "/usr/bin/mcopy";
    private const string Fsck = "/usr/sbin/fsck.fat";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    // A few files of any size up to 300 sectors, some in folders; a boot loader of any size.
    private static readonly Gen<(int Core, (int Folder, int Bytes)[] Files)> s_floppies = Gen.Select(
        Gen.Int[0, 200_000],
        Gen.Select(Gen.Int[0, 3], Gen.OneOf(Gen.Int[0, 2000], Gen.Int[0, 150_000])).Array[0, 40]);

    // Expect every file back with its bytes, in one piece and in the order of adding, and no cluster lost or used twice.
    [Fact]
    public void WhatIsWrittenIsFound() => s_floppies.Sample(floppy =>
    {
        (Fat12Volume volume, List<(string Path, byte[] Bytes)> files) = Fill(floppy.Core, floppy.Files);
        if (volume.NeededBytes > volume.RoomBytes)
        {
            string message = Assert.Throws<BadInputException>(() => Make(volume, floppy.Core)).Message;
            Assert.Contains($"expected files and folders of at most {volume.RoomBytes} bytes, found {volume.NeededBytes}", message,
                StringComparison.Ordinal);
            return;
        }

        byte[] image = Make(volume, floppy.Core);
        Fat12Reader reader = new(image);
        IReadOnlyList<FoundFile> found = reader.Files();
        Assert.Equal(files.Select(f => f.Path).Order(), found.Select(f => f.Path).Order());
        foreach ((string path, byte[] bytes) in files)
        {
            FoundFile file = found.Single(f => f.Path == path);
            Assert.Equal(bytes, file.Bytes);
            Assert.Equal((bytes.Length + 511) / 512, file.Clusters.Count);
            Assert.Equal(Enumerable.Range(file.Clusters.FirstOrDefault(), file.Clusters.Count), file.Clusters);
        }

        Assert.True(reader.FatsAgree);
        Assert.Equal(found.Sum(f => f.Clusters.Count), found.SelectMany(f => f.Clusters).Distinct().Count());
        Assert.Equal(volume.RoomBytes, reader.ClusterCount * 512);
        Assert.Equal(volume.RoomBytes - volume.NeededBytes, reader.FreeClusters * 512);
        Assert.Equal(reader.FreeClusters * 512, Fat12Volume.FreeBytes(image));

        // What the loader needs is where it was: around the parameters, and behind the first sector.
        Assert.Equal([.. Boot()[..3], .. Boot()[62..]], [.. image[..3], .. image[62..512]]);
        Assert.Equal(Core(floppy.Core), image[512..(512 + floppy.Core)]);
        Assert.Equal(image, Make(Fill(floppy.Core, floppy.Files).Volume, floppy.Core));
    });

    // The same, with other people's readers.
    [Fact]
    public async Task OthersReadIt()
    {
        Assert.SkipUnless(File.Exists(Mcopy) && File.Exists(Fsck), "mtools or dosfstools are not installed");
        (Fat12Volume volume, List<(string Path, byte[] Bytes)> files) = Fill(
            150_000,
            [(0, 65_536), (1, 0), (2, 1), (3, 511), (0, 512), (1, 513), (2, 300_000), (0, 100), .. Enumerable.Repeat((3, 700), 30)]);
        using TemporaryTree tree = new();
        string image = Path.Combine(tree.Root, "image");
        await File.WriteAllBytesAsync(image, Make(volume, 150_000));

        ChildResult fsck = await RunAsync(Fsck, "-n", image);
        Assert.True(fsck.ExitStatus == 0, fsck.Output);
        Assert.Contains($"{volume.NeededBytes / 512}/{volume.RoomBytes / 512} clusters", fsck.Output, StringComparison.Ordinal);

        string to = Directory.CreateDirectory(Path.Combine(tree.Root, "to")).FullName;
        ChildResult mcopy = await RunAsync(Mcopy, "-s", "-i", image, "::", to + "/");
        Assert.True(mcopy.ExitStatus == 0, mcopy.Output);
        foreach ((string path, byte[] bytes) in files)
        {
            string file = Directory.EnumerateFiles(to, "*", SearchOption.AllDirectories)
                .Single(f => Path.GetRelativePath(to, f).Equals(path, StringComparison.OrdinalIgnoreCase));
            Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
        }
    }

    [Fact]
    public void ItFitsToTheLastSector()
    {
        Fat12Volume volume = new("LABEL", 1000);
        volume.Add("/A", new byte[volume.RoomBytes]);

        byte[] image = Make(volume, 1000);

        Assert.Equal(Fat12Volume.Bytes, image.Length);
        Assert.Equal(0, Fat12Volume.FreeBytes(image));
        volume.Add("/B", [1]);
        Assert.Throws<BadInputException>(() => Make(volume, 1000));
    }

    [Fact]
    public void ALoaderAsLargeAsTheFloppyIsRefused()
    {
        Assert.Equal(512, new Fat12Volume("LABEL", 1_457_152).RoomBytes);

        string message = Assert.Throws<BadInputException>(() => new Fat12Volume("LABEL", 1_457_153)).Message;
        Assert.Equal("floppy: expected a boot loader of at most 1457152 bytes, found 1457153", message);
    }

    [Theory]
    [InlineData("kernel.gz", "KERNEL  GZ ")]
    [InlineData("A", "A          ")]
    [InlineData("nobootme.gz", "NOBOOTMEGZ ")]
    [InlineData("_-~1.TXT", "_-~1    TXT")]
    public void ANameHasElevenBytes(string name, string expected)
        => Assert.Equal(expected, Encoding.ASCII.GetString(Fat12Name.Encode(name)));

    [Theory]
    [InlineData("")]
    [InlineData("bootalloc.elf")]
    [InlineData("kernel.gzip")]
    [InlineData("a.b.c")]
    [InlineData(".cfg")]
    [InlineData("kernel.")]
    [InlineData("a b")]
    [InlineData("größe")]
    [InlineData("a\0")]
    [InlineData("..")]
    public void ANameThatDosDoesNotHaveIsRefused(string name)
        => Assert.Contains(
            $"found '{name}'", Assert.Throws<BadInputException>(() => Fat12Name.Encode(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void ANameStandsForOneFile()
    {
        Fat12Volume volume = new("LABEL", 0);
        volume.Add("/boot/a.gz", [1]);

        Assert.Throws<BadInputException>(() => volume.Add("/BOOT/A.GZ", [2]));
        Assert.Throws<BadInputException>(() => volume.Add("/boot", [2]));
        Assert.Throws<BadInputException>(() => volume.Add("/boot/a.gz/b", [2]));
    }

    // Expect a line per sector that says which one it is, so that a writer knows it, and plain text for everybody else.
    [Fact]
    public void TheEmptyLogSaysSoInEverySector()
    {
        byte[] empty = BootLogRoom.Empty();

        Assert.Equal(BootLogRoom.Bytes, empty.Length);
        string[] lines = Encoding.ASCII.GetString(empty).Split("\r\n")[..^1];
        Assert.Equal(128, lines.Length);
        Assert.All(lines.Index(), l => Assert.Equal((510, $"CosmosBootAlloc boot log, sector {l.Index:000} of 128: empty"),
            (l.Item.Length, l.Item.TrimEnd())));
    }

    private static (Fat12Volume Volume, List<(string Path, byte[] Bytes)> Files) Fill(int core, (int Folder, int Bytes)[] sizes)
    {
        Fat12Volume volume = new("BOOTALLOC", core);
        List<(string Path, byte[] Bytes)> files = [];
        foreach ((int i, (int folder, int bytes)) in sizes.Index())
        {
            string path = $"{new[] { "", "BOOT/", "BOOT/GRUB/", "X/" }[folder]}F{i}.BIN";
            byte[] contents = new byte[bytes];
            new Random(i).NextBytes(contents);
            volume.Add("/" + path.ToLowerInvariant(), contents);
            files.Add((path, contents));
        }

        return (volume, files);
    }

    private static byte[] Make(Fat12Volume volume, int core) => volume.Make(Boot(), Core(core));

    private static byte[] Boot() => [0xeb, 0x63, 0x90, .. Enumerable.Repeat((byte)0xcc, 507), 0x55, 0xaa];

    private static byte[] Core(int bytes) => [.. Enumerable.Repeat((byte)0xdd, bytes)];

    private static Task<ChildResult> RunAsync(string program, params string[] arguments)
        => ChildProcess.RunAsync(program, arguments, s_limit, CancellationToken.None);
}
