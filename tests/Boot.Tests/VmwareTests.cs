using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// What VMware is offered, as far as others can be its witness: QEMU with VMware's devices, and the virtual disk beside the image as QEMU
/// reads it.
/// </summary>
public sealed class VmwareTests
{
    // VMware's graphics, and the network card that it gives most systems. QEMU's pc is the same chip set, a 440FX, with the PIIX3's IDE
    // instead of the PIIX4's.
    private static readonly string[] s_devices = ["-vga", "vmware", "-device", "e1000"];

    // QEMU's own controllers are taken for disks on IDE; else a drive with an empty CD is first in the order, and the disk second.
    public static IEnumerable<TheoryDataRow<BootMedium, string?>> Boots() =>
    [
        new(BootMedium.Cd, null),
        new(BootMedium.Disk, null),
        new(BootMedium.Disk, "lsi53c895a"),
        new(BootMedium.Disk, "mptsas1068"),
    ];

    [Theory]
    [MemberData(nameof(Boots))]
    public async Task ItBootsWithVmwaresDevices(BootMedium medium, string? controller)
    {
        BuiltImages images = await Lab.CombinedAsync();
        string disk = Path.ChangeExtension(images.Iso, ".vmdk");
        string[] more = medium == BootMedium.Cd ? []
            : controller == null ? ["-set", "drive.medium.format=vmdk"]
            :
            [
                "-device", $"{controller},id=scsi", "-drive", $"id=vmdk,format=vmdk,if=none,snapshot=on,file={disk}",
                "-device", "scsi-hd,drive=vmdk,bus=scsi.0,bootindex=1",
            ];
        string image = medium == BootMedium.Cd ? images.Iso : controller == null ? disk : EmptyCd();
        MachineOptions machine = new()
        {
            Medium = controller == null ? medium : BootMedium.Cd,
            MoreArguments = [.. s_devices, .. more],
        };

        BootResult result = await BootAsync(machine, image);

        Lab.AssertGood(result);
        MachineTable.AssertAllRamIsInTheBooks(machine, result);
    }

    // Expect the log in the image that the descriptor points at, as `logs` reads it.
    [Fact]
    public async Task TheLogIsSavedThroughTheVirtualDisk()
    {
        BuiltImages images = await Lab.CombinedAsync();
        string folder = Directory.CreateDirectory(Lab.NewFolder("-vmware")).FullName;
        string iso = Path.Combine(folder, Path.GetFileName(images.Iso));
        string disk = Path.ChangeExtension(iso, ".vmdk");
        File.Copy(images.Iso, iso);
        File.Copy(Path.ChangeExtension(images.Iso, ".vmdk"), disk);
        MachineOptions machine = new()
        {
            Medium = BootMedium.Disk,
            MoreArguments = [.. s_devices, "-set", "drive.medium.format=vmdk", "-set", "drive.medium.snapshot=off"],
        };

        BootResult result = await BootAsync(machine, disk, "save hda");

        Lab.AssertGood(result);
        await using FileStream saved = File.OpenRead(iso);
        SavedBootLog log = SavedBootLog.Read(iso, saved);
        Assert.True(log.IsWhole);
        Assert.Contains("bootalloc: done status=ok", log.Text, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(images.Iso).Length, saved.Length);
    }

    [Fact]
    public async Task QemuReadsTheVirtualDiskAsTheImage()
    {
        try
        {
            await Lab.Programs.ProvideAsync(TestCommand.DiskReaders, CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }

        BuiltImages images = await Lab.CombinedAsync();
        string disk = Path.ChangeExtension(images.Iso, ".vmdk");

        using JsonDocument info = JsonDocument.Parse(await RunAsync("info", "--output=json", disk));
        Assert.Equal("vmdk", info.RootElement.GetProperty("format").GetString());
        Assert.Equal(new FileInfo(images.Iso).Length, info.RootElement.GetProperty("virtual-size").GetInt64());
        Assert.Contains("No errors", await RunAsync("check", disk), StringComparison.Ordinal);
        Assert.Contains("identical", await RunAsync("compare", "-f", "vmdk", "-F", "raw", disk, images.Iso), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        ChildResult result = await ChildProcess.RunAsync(
            Lab.Programs.Get("qemu-img"), arguments, TimeSpan.FromMinutes(5), CancellationToken.None);
        Assert.True(result.ExitStatus == 0, result.LastLine);
        return result.Output;
    }

    private static string EmptyCd()
    {
        string file = Lab.NewFile(".iso");
        File.WriteAllBytes(file, new byte[64 << 10]);
        return file;
    }

    private static Task<BootResult> BootAsync(MachineOptions machine, string image, params string[] commands)
        => Lab.RunAsync(new BootRequest
        {
            Machine = machine,
            Source = new BootSource(image),
            LogFile = Lab.NewFile("-vmware.log"),
            MenuKeys = MenuKeys.Choose(0),
            Commands = commands,
        });
}
