using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>How the machine sees the image.</summary>
public enum BootMedium
{
    /// <summary>As a CD.</summary>
    Cd,

    /// <summary>As a hard disk.</summary>
    Disk,

    /// <summary>As a USB stick.</summary>
    Usb,

    /// <summary>As a 1.44 MB floppy.</summary>
    Floppy,

    /// <summary>Over the network: a card that boots by PXE, and a TFTP server with the folder.</summary>
    Network,

    /// <summary>Not at all: the emulator loads the kernel itself, by multiboot 1.</summary>
    Kernel,
}

/// <summary>The names of media.</summary>
public static class MediumWords
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<BootMedium>().Select(Word)];

    /// <summary>As on the command line.</summary>
    public static string Word(this BootMedium medium) => medium.ToString().ToLowerInvariant();

    /// <summary>Some of them, for messages.</summary>
    public static string List(IEnumerable<BootMedium> media) => string.Join(" or ", media.Select(Word));

    /// <summary>The medium with that name, or null.</summary>
    public static BootMedium? Find(string word)
        => Enum.GetValues<BootMedium>().Where(m => m.Word() == word).Cast<BootMedium?>().FirstOrDefault();
}
