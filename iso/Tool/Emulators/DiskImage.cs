using System.IO;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>A machine's own copy of a bootable image, prepared as a hard disk with cylinders of 16 heads and 63 sectors.</summary>
/// <param name="file">The file.</param>
public sealed class DiskImage(string file)
{
    /// <summary>Heads of a cylinder.</summary>
    public const int Heads = 16;

    /// <summary>Sectors of a track.</summary>
    public const int Sectors = 63;

    /// <summary>Bytes of a cylinder.</summary>
    public const int CylinderBytes = Heads * Sectors * 512;

    // In GRUB's first sector: a jump over the test of the drive number that the BIOS passed in DL, and what GRUB's installer puts there on
    // a hard disk, two instructions that do nothing. A drive number that is no hard disk's then becomes 80h.
    private const int DriveCheck = 0x66;
    private static readonly byte[] s_skipped = [0xeb, 0x05];
    private static readonly byte[] s_done = [0x90, 0x90];

    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Lengthens the file to whole cylinders.</summary>
    /// <param name="fewest">At least so many.</param>
    /// <returns>How many it has.</returns>
    public long FillCylinders(long fewest)
    {
        using FileStream image = new(File, FileMode.Open, FileAccess.Write);
        long cylinders = long.Max(fewest, (image.Length + CylinderBytes - 1) / CylinderBytes);
        image.SetLength(cylinders * CylinderBytes);
        return cylinders;
    }

    /// <summary>
    /// For a BIOS that does not pass a hard disk's number to what it boots: GRUB's first sector takes 80h. An image without that sector
    /// stays as it is.
    /// </summary>
    public void BootAsDrive80()
    {
        using FileStream image = new(File, FileMode.Open, FileAccess.ReadWrite);
        byte[] code = new byte[s_skipped.Length];
        image.Seek(DriveCheck, SeekOrigin.Begin);
        if (image.ReadAtLeast(code, code.Length, throwOnEndOfStream: false) == code.Length && code[0] == s_skipped[0]
            && code[1] == s_skipped[1])
        {
            image.Seek(DriveCheck, SeekOrigin.Begin);
            image.Write(s_done);
        }
    }
}
