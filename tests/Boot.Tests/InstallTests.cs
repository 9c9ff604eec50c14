using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// The shell's <c>install</c>, onto an empty disk from which the machine then starts, and <c>save</c>, which leaves the log on a medium;
/// and everything that they refuse.
/// </summary>
public sealed class InstallTests
{
    // Whole cylinders of 16 heads and 63 sectors, for Bochs.
    private const long DiskBytes = 40 * 16 * 63 * 512;
    private const int SectorBytes = 512;

    // The entry of the menu, from 0: behind three for each variant.
    private static int InstallLine => 3 * Lab.Variants.Count;

    private static readonly BootEntry s_plain = new(BootProtocol.Multiboot2, "", null);

    // The lines of a log in which two starts of one image on one machine agree, whatever they start from.
    private static readonly string[] s_kept = ["bootalloc: accounted", "bootalloc: done status=ok", "bootalloc: selftest", "BIOS-e820"];

    // The menu's entry brings the image along; in Bochs no key can be pressed, so it is handed over by name.
    [Theory]
    [InlineData("qemu", 8)]
    [InlineData("bochs", 32)]
    public async Task AMachineStartsFromTheDiskAlone(string emulator, ulong memory)
    {
        string disk = NewDisk(DiskBytes);
        MachineOptions machine = new() { Emulator = EmulatorList.Find(emulator)!, MemoryBytes = memory * MachineOptions.MiB };
        string iso = (await Lab.CombinedAsync()).Iso;
        string[] commands = ["install\nhdc\nhdc", "save hdc"];

        BootResult installed = machine.Emulator.Can.Keys
            ? await RunAsync(machine with { Disk = disk }, iso, InstallLine, commands)
            : await BootAsync(machine with { Disk = disk }, commands);

        Lab.AssertGood(installed);
        Lab.AssertSays(installed, "empty: its first sector holds zeros");
        Lab.AssertSays(installed, "read back, and the same.");
        byte[] image = await File.ReadAllBytesAsync(iso, TestContext.Current.CancellationToken);
        byte[] written = await File.ReadAllBytesAsync(disk, TestContext.Current.CancellationToken);
        AssertDiffersInTheLogOnly(image, written[..image.Length]);
        Assert.All(written[image.Length..], b => Assert.Equal(0, b));
        AssertHoldsTheLog(disk, installed);

        BootResult again = await RunAsync(machine with { Medium = BootMedium.Disk }, disk);
        Lab.AssertGood(again);
        if (machine.Emulator.Can.IsSlow)
        {
            return;
        }

        BootResult first = await RunAsync(machine, iso);
        Assert.Equal(Kept(first), Kept(again));
        Assert.True(Kept(first).Count > s_kept.Length, string.Join('\n', Kept(first)));
    }

    [Fact]
    public async Task TheLogGoesToAFloppyAndComesBack()
    {
        string floppy = Lab.NewFile(".img");
        File.Copy((await Lab.CombinedAsync()).Floppy, floppy);
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, new MachineOptions { MoreArguments = Drive(floppy) }, s_plain, r => r with { Commands = ["save", "save fd0"] });

        Lab.AssertGood(result);
        Assert.Equal(2, result.Text.Split("of log are in BOOTLOG.TXT, read back and the same").Length - 1);
        AssertHoldsTheLog(floppy, result);
    }

    [Fact]
    public async Task TheLogGoesToTheFloppyThatBochsBootedFrom()
    {
        MachineOptions machine = new() { Emulator = Bochs.Instance, Medium = BootMedium.Floppy };
        BootResult result = await RunAsync(machine, (await Lab.CombinedAsync()).Floppy, null, "save fd0");

        Lab.AssertGood(result);
        Lab.AssertSays(result, "of log are in BOOTLOG.TXT, read back and the same");
    }

    [Theory]
    [InlineData(",readonly=on", "write failed at sector ", "the floppy is write-protected: the log is not safe there")]
    [InlineData(null, "fd0: sector 0: no floppy in the drive", "save: found no BOOTLOG.TXT")]
    public async Task AFloppyThatTakesNoLogIsNamed(string? options, params string[] messages)
    {
        MachineOptions machine = new()
        {
            MoreArguments = options == null ? ["-device", "floppy"] : Drive((await Lab.CombinedAsync()).Floppy, options),
        };
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, machine, s_plain, r => r with { Commands = ["save", "save fd0", "save fd1", "save hdb"] });

        Lab.AssertGood(result);
        Assert.All(messages, m => Lab.AssertSays(result, m));
        Lab.AssertSays(result, "save: expected fd0, hda, hdb, hdc, or hdd, found 'fd1'");
        Lab.AssertSays(result, "hdb: there is no disk");
    }

    [Fact]
    public async Task WhatIsRefusedLeavesTheDiskAsItWas()
    {
        string disk = NewDisk(DiskBytes);
        WritePartitionTable(disk);
        byte[] before = await File.ReadAllBytesAsync(disk, TestContext.Current.CancellationToken);
        string small = NewDisk(100 * SectorBytes);
        MachineOptions machine = new() { Disk = disk, MoreArguments = Second(small) };

        BootResult result = await BootAsync(
            machine, "install --beside", "install\nhdc\nhdd", "install\nhdd", "install\nhda", "install\nsda", "install\n",
            "install\nhdc\nhdc2", "install\nhdc\n\u0003", "install hdc");

        Lab.AssertGood(result);
        Lab.AssertSays(result, "partition 1: type 0b, FAT32, 9 MB, holds FAT32, active");
        Lab.AssertSays(result, "partition 2: type 83, Linux, 4 MB\n");
        Lab.AssertSays(result, "found '--beside'. It takes a whole disk");
        Lab.AssertSays(result, "install: that is another disk. Nothing was written");
        Lab.AssertSays(result, "hdd: too small: it has 100 sectors, the image needs ");
        Lab.AssertSays(result, "hda: there is no disk");
        Assert.Equal(2, result.Text.Split("install: no such disk. Nothing was written").Length - 1);
        Assert.DoesNotContain("writing", result.Text, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(disk, TestContext.Current.CancellationToken));
        Assert.All(await File.ReadAllBytesAsync(small, TestContext.Current.CancellationToken), b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task WithoutAnImageNothingIsInstalled()
    {
        string disk = NewDisk(DiskBytes);
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { Disk = disk },
            new BootEntry(BootProtocol.Multiboot2, "", Lab.Module),
            r => r with { Commands = ["install"] });

        Lab.AssertGood(result);
        Lab.AssertSays(result, "install: no image to write: 1 boot modules, none of them an image of this system");
    }

    [Fact]
    public async Task WithoutADiskTheReasonIsNamed()
    {
        BootResult result = await BootAsync(new MachineOptions { Type = "q35" }, "install");

        Lab.AssertGood(result);
        Lab.AssertSays(result, "install: no disk answers at ports 1f0 and 170");
    }

    [Theory]
    [InlineData("write", "write failed at sector 1000: the disk reports an error (status ")]
    [InlineData("read", "read failed at sector 1000: the disk reports an error (status ")]
    public async Task AnErrorOfTheDiskEndsTheInstallation(string operation, string message)
    {
        string disk = NewDisk(DiskBytes);
        WritePartitionTable(disk);
        byte[] before = await File.ReadAllBytesAsync(disk, TestContext.Current.CancellationToken);
        const string rule = "file.inject-error.0";
        string failing = $"{rule}.event=none,{rule}.iotype={operation},{rule}.sector=1000,{rule}.once=off";
        MachineOptions machine = new() { MoreArguments = Second(disk, failing) };

        BootResult result = await BootAsync(machine, "install\nhdd\nhdd");

        Lab.AssertGood(result);
        Lab.AssertSays(result, message);
        Lab.AssertSays(result, "may be overwritten; sector 0, with boot code and partition table, is as it was");
        byte[] after = await File.ReadAllBytesAsync(disk, TestContext.Current.CancellationToken);
        Assert.Equal(before[..SectorBytes], after[..SectorBytes]);
    }

    [Fact]
    public async Task ADiskThatNeverAnswersIsGivenUp()
    {
        // One byte a second: the first sectors go through, then the disk stays busy for ten minutes.
        MachineOptions machine = new() { MoreArguments = Second(NewDisk(DiskBytes), "throttling.bps-write=1") };
        BootResult result = await BootAsync(machine, "install\nhdd\nhdd");

        Lab.AssertGood(result);
        Assert.Matches(@"write failed at sector \d+: no answer in time \(status [0-9a-f]+\)\n.* is as it was", result.Text);
    }

    // With the image as a module: what the menu's install entry does.
    private static async Task<BootResult> BootAsync(MachineOptions machine, params string[] commands)
    {
        BootEntry entry = new(BootProtocol.Multiboot2, "", (await Lab.CombinedAsync()).Iso);
        return await Lab.BootAsync(Lab.AnyVariant, machine, entry, r => r with { Commands = commands });
    }

    private static Task<BootResult> RunAsync(MachineOptions machine, string image, int? line = null, params string[] commands)
        => Lab.RunAsync(new BootRequest
        {
            Machine = machine,
            Source = new BootSource(image),
            LogFile = Lab.NewFile("-installed.log"),
            MenuKeys = line is { } number ? MenuKeys.Choose(number) : null,
            Commands = commands,
        });

    private static string[] Drive(string floppy, string options = "")
        => ["-drive", $"id=floppy,if=none,format=raw,file={floppy}{options}", "-device", "floppy,drive=floppy"];

    private static void AssertHoldsTheLog(string medium, BootResult result)
    {
        using FileStream stream = File.OpenRead(medium);
        SavedBootLog saved = SavedBootLog.Read(medium, stream);
        Assert.True(saved.IsWhole, saved.Text);
        Assert.Contains("bootalloc: done status=ok", saved.Text, StringComparison.Ordinal);
        Assert.Contains(saved.Text, result.Text, StringComparison.Ordinal);
    }

    private static void AssertDiffersInTheLogOnly(byte[] image, byte[] written)
    {
        int room = image.AsSpan().IndexOf("CosmosBootAlloc boot log, sector 000"u8);
        Assert.True(room > 0 && room % SectorBytes == 0, $"no room for the log at a sector's start: {room}");
        Assert.True(image.AsSpan(0, room).SequenceEqual(written.AsSpan(0, room)), "the image before the log's room");
        int behind = room + BootLogRoom.Bytes;
        Assert.True(image.AsSpan(behind).SequenceEqual(written.AsSpan(behind)), "the image behind the log's room");
    }

    // The secondary slave; with QEMU's rules for errors, one that fails.
    private static string[] Second(string file, string? errors = null)
    {
        string image = errors == null ? $"file.driver=file,file.filename={file}"
            : $"file.driver=blkdebug,file.image.driver=file,file.image.filename={file},werror=report,rerror=report,{errors}";
        return ["-drive", $"id=second,if=none,driver=raw,{image}", "-device", "ide-hd,drive=second,bus=ide.1,unit=1"];
    }

    private static List<string> Kept(BootResult result)
        => [.. result.Text.Split('\n').Where(l => s_kept.Any(k => l.Contains(k, StringComparison.Ordinal))).Select(WithoutTicks)];

    private static string WithoutTicks(string line)
        => string.Join(' ', line.Split("] ", 2)[^1].Split(' ').Where(w => !w.Contains("ticks=", StringComparison.Ordinal)));

    private static string NewDisk(long bytes)
    {
        string file = Lab.NewFile(".disk");
        using FileStream disk = File.Create(file);
        disk.SetLength(bytes);
        return file;
    }

    // A FAT32 partition, active, and one for Linux, which was never formatted.
    private static void WritePartitionTable(string file)
    {
        byte[] table = new byte[SectorBytes];
        table[446] = 0x80;
        Entry(table, 0, 0x0b, 63, 20000);
        Entry(table, 1, 0x83, 20063, 10000);
        table[510] = 0x55;
        table[511] = 0xaa;
        byte[] boot = new byte[SectorBytes];
        "FAT32   "u8.CopyTo(boot.AsSpan(82));
        using FileStream disk = File.OpenWrite(file);
        disk.Write(table);
        disk.Position = 63 * SectorBytes;
        disk.Write(boot);
    }

    private static void Entry(byte[] table, int index, byte type, int start, int size)
    {
        int at = 446 + (index * 16);
        table[at + 4] = type;
        BitConverter.TryWriteBytes(table.AsSpan(at + 8), start);
        BitConverter.TryWriteBytes(table.AsSpan(at + 12), size);
    }
}
