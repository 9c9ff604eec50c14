using System.Runtime.InteropServices;

namespace CosmosBootAlloc.Simulator;

/// <summary>What a path leads to.</summary>
public enum FileKind
{
    /// <summary>A plain file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, with or without a name.</summary>
    Pipe,

    /// <summary>A block device: a disk, a partition, a floppy.</summary>
    Disk,

    /// <summary>Another device, a socket, or a link.</summary>
    Other,
}

/// <summary>Kind and owner of what a path leads to, without opening it: opening a pipe waits for its writer.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="IsOwn">It belongs to the user of this process.</param>
public readonly unsafe record struct FileStatus(FileKind Kind, bool IsOwn)
{
    // Linux's statx: constants, and where struct statx has the owner and the mode.
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeAndOwner = 0x1 | 0x8;
    private const int Bytes = 256;
    private const int Owner = 20;
    private const int Mode = 28;

    /// <summary>The status of a path; null when there is nothing or it may not be seen.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Of what a link leads to, not of the link.</param>
    public static FileStatus? Of(string path, bool follow = false)
    {
        byte* status = stackalloc byte[Bytes];
        if (statx(CurrentFolder, path, follow ? 0 : NoFollow, TypeAndOwner, status) != 0)
        {
            return null;
        }

        FileKind kind = (*(ushort*)(status + Mode) & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0x1000 => FileKind.Pipe,
            0x6000 => FileKind.Disk,
            _ => FileKind.Other,
        };
        return new FileStatus(kind, *(uint*)(status + Owner) == geteuid());
    }

    [DllImport("libc")]
    private static extern int statx(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte* status);

    [DllImport("libc")]
    private static extern uint geteuid();
}
