using System;
using System.IO;
using System.IO.Hashing;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The log that the shell's <c>save</c> leaves in BOOTLOG.TXT. Boot.Tests reads one that a kernel wrote.</summary>
public sealed class SavedBootLogTests
{
    private const string Log = "[    0.000001] bootalloc: boot variant=lmb\r\n[    0.000002] done\r\n";
    private const int RoomBytes = 64 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(512 * 100)]
    [InlineData(SavedBootLog.SearchedBytes - RoomBytes)]
    public void TheLogIsFoundWhereverItsFirstSectorIs(int at)
    {
        byte[] image = new byte[SavedBootLog.SearchedBytes];
        Room(Log).CopyTo(image.AsSpan(at));

        SavedBootLog saved = SavedBootLog.Read("disk", new MemoryStream(image));

        Assert.True(saved.IsWhole);
        Assert.Equal(Log.Replace("\r\n", "\n", StringComparison.Ordinal), saved.Text);
    }

    [Fact]
    public void AChangedByteIsNoticed()
    {
        byte[] room = Room(Log);
        room[70] ^= 1;

        Assert.False(SavedBootLog.Read("log", new MemoryStream(room)).IsWhole);
    }

    [Fact]
    public void WhatIsNoLogIsNamed()
    {
        byte[] cut = Room(new string('x', 1000))[..800];
        byte[] empty = Encoding.ASCII.GetBytes("CosmosBootAlloc boot log, sector 000 of 128: empty".PadRight(510) + "\r\n");

        Assert.Contains("1000 bytes of log by its first line, and 736 follow", Refusal(cut), StringComparison.Ordinal);
        Assert.Contains("is empty; the shell's command 'save'", Refusal(empty), StringComparison.Ordinal);
        Assert.Contains("found no such file in the first 1024 bytes", Refusal(new byte[1024]), StringComparison.Ordinal);
        Assert.Contains("found no such file in the first 0 bytes", Refusal([]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCommandPrintsItAndSaysWhenItIsDamaged()
    {
        string file = Path.GetTempFileName();
        byte[] room = Room(Log);
        await File.WriteAllBytesAsync(file, room, TestContext.Current.CancellationToken);
        CommandRun good = await CommandRun.RunAsync("logs", file);
        room[70] ^= 1;
        await File.WriteAllBytesAsync(file, room, TestContext.Current.CancellationToken);
        CommandRun damaged = await CommandRun.RunAsync("logs", file);
        CommandRun device = await CommandRun.RunAsync("logs", "/dev/null");
        File.Delete(file);

        Assert.Equal((0, ""), (good.Status, good.Error));
        Assert.Equal(2, good.Output.Split('\n').Count(l => l.StartsWith("[    0.00000", StringComparison.Ordinal)));
        Assert.Equal(1, damaged.Status);
        Assert.Contains("check sum is wrong", damaged.Error, StringComparison.Ordinal);
        Assert.Equal(2, device.Status);
        Assert.Contains("expected an image, a device, or BOOTLOG.TXT", device.Error, StringComparison.Ordinal);
    }

    private static string Refusal(byte[] bytes)
        => Assert.Throws<BadInputException>(() => SavedBootLog.Read("log", new MemoryStream(bytes))).Message;

    private static byte[] Room(string log)
    {
        byte[] text = Encoding.ASCII.GetBytes(log);
        string figures = $"saved: {text.Length:00000} bytes, CRC-32 {Crc32.HashToUInt32(text):x8}";
        string head = $"CosmosBootAlloc boot log, {figures}".PadRight(62) + "\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. text, .. Enumerable.Repeat((byte)' ', 512)];
    }
}
