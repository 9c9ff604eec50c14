using System;
using System.CommandLine;
using System.IO;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc logs</c>: the boot log that a machine without a serial line saved on a floppy or a disk.</summary>
public static class LogsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> source = new("image")
        {
            Description = "An image, the device of a floppy or a disk, or BOOTLOG.TXT itself.",
        };
        Option<string?> log = new("--log") { Description = "Write the log to this file instead of printing it.", HelpName = "file" };
        Command command = new("logs", "Take the boot log that the shell's 'save' wrote out of an image, a floppy, or a disk.")
        {
            source, log,
        };
        command.SetAction(parsed => Run(new Output(), parsed.GetRequiredValue(source), parsed.GetValue(log)));
        return command;
    }

    /// <summary>Takes it.</summary>
    /// <returns>1 when the log is damaged; it is printed or written all the same.</returns>
    public static int Run(Output output, string source, string? file)
    {
        SavedBootLog saved = Read(source);
        if (file == null)
        {
            output.Line(saved.Text.TrimEnd('\n'));
        }
        else
        {
            File.WriteAllText(file, saved.Text);
            output.Line($"{file}: {saved.Text.Length} bytes");
        }

        return saved.IsWhole ? ExitStatus.Done
            : throw new FailedException($"{source}: the log's check sum is wrong: a part of it is damaged, or was changed by hand");
    }

    private static SavedBootLog Read(string source)
    {
        if (FileStatus.Of(source, follow: true)?.Kind is not (FileKind.File or FileKind.Disk))
        {
            throw new BadInputException($"{source}: expected an image, a device, or BOOTLOG.TXT, found none");
        }

        try
        {
            using FileStream stream = new(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return SavedBootLog.Read(source, stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new BadInputException($"{source}: cannot be read: {error.Message}");
        }
    }
}
