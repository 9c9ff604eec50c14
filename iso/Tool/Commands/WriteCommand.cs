using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Media;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc write</c>: an image to a USB stick, a disk, or a floppy, read back and compared.</summary>
public static class WriteCommand
{
    private const string Every = "all";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> device = new("--device")
        {
            Description = "The whole disk to overwrite, such as /dev/sdb; without it, the removable disks are listed.",
            HelpName = "device",
        };
        Option<string> variant = new("--variant")
        {
            Description = "The variant to write, or all for the image with every variant.",
            HelpName = "variant",
            DefaultValueFactory = _ => Every,
        };
        Option<bool> yes = new("--yes") { Description = "Do not ask." };
        Option<bool> force = new("--force")
        {
            Description = "Also overwrite a plain file, a disk that is not removable, and a partition. Never a disk in use.",
        };
        Command command = new("write", "Write an image to a USB stick, a disk, or a floppy, and read it back.")
        {
            device, variant, yes, force,
        };
        command.SetAction((parsed, cancel) =>
        {
            Workplace place = new();
            return parsed.GetValue(device) is { } medium
                ? RunAsync(place, medium, parsed.GetRequiredValue(variant), parsed.GetValue(yes), parsed.GetValue(force), cancel)
                : Task.FromResult(List(place));
        });
        return command;
    }

    private static int List(Workplace place)
    {
        HostDisk[] disks = [.. HostDisk.All().Where(d => d.IsRemovable)];
        foreach (HostDisk disk in disks)
        {
            place.Output.Line(disk.Title + (disk.Obstacle is { } obstacle ? $": {obstacle}" : ""));
        }

        place.Output.Line(disks.Length == 0
            ? "No removable disk is in this machine. Plug one in, or name a disk: ./bootalloc write --device /dev/sdX"
            : "Write to one of them: ./bootalloc write --device DEVICE");
        return ExitStatus.Done;
    }

    private static async Task<int> RunAsync(
        Workplace place, string medium, string variant, bool yes, bool force, CancellationToken cancel)
    {
        long room = Check(medium, force, out string title);
        if (!yes && Console.IsInputRedirected)
        {
            throw new BadInputException($"{medium}: expected a terminal to ask on, found none; --yes writes without asking");
        }

        string image = await ImageAsync(place, variant, room, cancel);
        byte[] bytes = await File.ReadAllBytesAsync(image, cancel);
        if (bytes.Length > room)
        {
            throw new BadInputException($"{medium}: too small: it has {room} bytes, {place.Project.Show(image)} needs {bytes.Length}");
        }

        place.Output.Progress($"{title}: holds {Content(medium)}");
        if (!yes && !Agrees(place, medium))
        {
            place.Output.Progress("Nothing was written.");
            return ExitStatus.Failed;
        }

        await place.Output.StepAsync($"write {place.Project.Show(image)} to {medium}", async step =>
        {
            await MediumWriter.WriteAsync(bytes, medium, share => step.Tell($"{share * 100:0} %"), cancel);
            return true;
        });
        place.Output.Line($"{medium}: {bytes.Length} bytes of {place.Project.Show(image)} written, read back, and the same");
        return ExitStatus.Done;
    }

    // The room on the medium, in bytes.
    private static long Check(string medium, bool force, out string title)
    {
        title = medium;
        switch (FileStatus.Of(medium, follow: true)?.Kind)
        {
            case FileKind.File when force:
                return new FileInfo(medium).Length;
            case FileKind.File:
                throw new BadInputException($"{medium}: expected a device, found a file; --force overwrites its first bytes");
            case FileKind.Disk:
                break;
            default:
                throw new BadInputException($"{medium}: expected the device of a disk, found none; './bootalloc write' lists them");
        }

        HostDisk disk = HostDisk.Find(medium)
            ?? throw new BadInputException($"{medium}: expected a whole disk, found a part of one or an unknown device");
        title = disk.Title;
        if (disk.Obstacle is { } obstacle)
        {
            throw new BadInputException($"{disk.Title}: {obstacle}. Nothing was written");
        }

        return disk.IsRemovable || force ? disk.Bytes
            : throw new BadInputException($"{disk.Title}: expected a removable disk; --force overwrites this one");
    }

    private static string Content(string medium)
    {
        try
        {
            using FileStream stream = new(medium, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] start = new byte[MediumContent.LookedAt];
            return MediumContent.Describe(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"{medium}: cannot be read: {error.Message}");
        }
    }

    private static bool Agrees(Workplace place, string medium)
    {
        string name = Path.GetFileName(medium);
        place.Output.Progress($"All that is on it will be lost. Type {name} to go on:");
        return Console.ReadLine()?.Trim() == name;
    }

    // For every variant on a medium of a floppy's size, the floppy's image.
    private static async Task<string> ImageAsync(Workplace place, string variant, long room, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.NativeAot;
        IReadOnlyList<Variant> variants =
            variant == Every ? Variant.All(place.Project, toolchain) : [Variant.Named(place.Project, variant, toolchain)];
        IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, variants, toolchain, cancel);
        if (variant != Every)
        {
            return built[0].Iso;
        }

        BuiltImages? images = await BuildCommand.CombineAsync(place, built, toolchain, cancel);
        return room == Fat12Volume.Bytes ? images!.Floppy : images!.Iso;
    }
}
