using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Media;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Writing an image to a medium: what is written, what is said of it before, and what is refused.</summary>
public sealed class MediumTests
{
    private const int SectorBytes = 512;

    [Theory]
    [InlineData(1)]
    [InlineData(SectorBytes)]
    [InlineData(1_000_000)]
    public async Task TheImageIsWrittenAndTheRestStays(int imageBytes)
    {
        byte[] image = new byte[imageBytes];
        new Random(imageBytes).NextBytes(image);
        byte[] before = [.. Enumerable.Repeat((byte)0xee, imageBytes + SectorBytes)];
        using TemporaryTree tree = new();
        string file = tree.Write("medium", "");
        await File.WriteAllBytesAsync(file, before, TestContext.Current.CancellationToken);
        double last = -1;

        await MediumWriter.WriteAsync(
            image,
            file,
            share =>
            {
                Assert.InRange(share, last, 1);
                last = share;
            },
            TestContext.Current.CancellationToken);

        byte[] after = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(image, after[..imageBytes]);
        Assert.Equal(before[imageBytes..], after[imageBytes..]);
    }

    // A device that is full at once, one whose bytes are not those written, and one that is not there.
    [Theory]
    [InlineData("/dev/full", "/dev/full: cannot be written to: ")]
    [InlineData("/dev/zero", "/dev/zero: byte 0 reads back wrong")]
    [InlineData("/nowhere/sdb", "/nowhere/sdb: cannot be opened for writing: No such file or directory; nothing was written")]
    public async Task AMediumThatFailsIsNamed(string medium, string message)
    {
        byte[] image = [.. Enumerable.Repeat((byte)1, SectorBytes)];
        FailedException error = await Assert.ThrowsAsync<FailedException>(
            () => MediumWriter.WriteAsync(image, medium, _ => { }, CancellationToken.None));

        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsOnAMediumIsSaidBefore()
    {
        byte[] start = new byte[MediumContent.LookedAt];
        Assert.Equal("less than a sector", MediumContent.Describe(start.AsSpan(0, 100)));
        Assert.Equal("nothing: its first sector holds zeros", MediumContent.Describe(start));

        start[3] = 1;
        Assert.Equal("no partition table", MediumContent.Describe(start));

        (start[510], start[511]) = (0x55, 0xaa);
        Assert.Equal("a boot sector with an empty partition table", MediumContent.Describe(start));

        start[446 + 4] = 0x0c;
        BitConverter.TryWriteBytes(start.AsSpan(446 + 12), 2048 * 3000);
        start[478 + 4] = 0xee;
        BitConverter.TryWriteBytes(start.AsSpan(478 + 12), uint.MaxValue);
        Assert.Equal("partitions 1 (type 0c, 3,000 MB), 3 (type ee, a GPT)", MediumContent.Describe(start));

        "FAT12   "u8.CopyTo(start.AsSpan(54));
        Assert.Equal("FAT12 without a partition table", MediumContent.Describe(start));

        "CD001"u8.CopyTo(start.AsSpan((64 * SectorBytes) + 1));
        "DEBIAN"u8.CopyTo(start.AsSpan((64 * SectorBytes) + 40));
        Assert.StartsWith("a CD image named 'DEBIAN", MediumContent.Describe(start), StringComparison.Ordinal);

        "BOOTALLOC"u8.CopyTo(start.AsSpan((64 * SectorBytes) + 40));
        Assert.Equal("CosmosBootAlloc", MediumContent.Describe(start));
    }

    [Fact]
    public async Task ThisSystemsDiskAndWhatIsNoDiskAreRefused()
    {
        Assert.All(HostDisk.All().Where(d => d.Mounts.Contains("/")), d => Assert.Equal("this system runs from it", d.Obstacle));
        using TemporaryTree tree = new();
        string file = tree.Write("medium", "x");

        (string Medium, string Message)[] refused =
        [
            (file, "expected a device, found a file; --force overwrites its first bytes"),
            (tree.Root, "expected the device of a disk, found none"),
            ("/dev/null", "expected the device of a disk, found none"),
            ("/dev/nowhere", "expected the device of a disk, found none"),
        ];
        foreach ((string medium, string message) in refused)
        {
            CommandRun run = await CommandRun.RunAsync("write", "--device", medium, "--yes");
            Assert.Equal(2, run.Status);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
        }

        CommandRun asked = await CommandRun.RunAsync("write", "--device", file, "--force");
        Assert.Equal(2, asked.Status);
        Assert.Contains("expected a terminal to ask on", asked.Error, StringComparison.Ordinal);
        Assert.Equal("x", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
