using System.Text;

namespace CosmosBootAlloc.Tool.Build.Floppy;

/// <summary>
/// A file in one piece in which a kernel without a file system can leave its log: it overwrites the file's sectors and nothing else. While
/// it is empty, every sector says so, with its number: whoever writes there can see that the sector is the right one.
/// </summary>
public static class BootLogRoom
{
    /// <summary>Its name, in the top folder.</summary>
    public const string Name = "BOOTLOG.TXT";

    /// <summary>Its size in bytes, always: twice what the kernel's ring of log lines holds.</summary>
    public const int Bytes = 64 * 1024;

    /// <summary>What is in it while there is no log: a line per sector of 512 bytes, its CR LF at the sector's end.</summary>
    public static byte[] Empty()
    {
        const int sectors = Bytes / Fat12Volume.SectorBytes;
        StringBuilder text = new();
        for (int i = 0; i < sectors; i++)
        {
            string line = $"CosmosBootAlloc boot log, sector {i:000} of {sectors}: empty";
            text.Append(line.PadRight(Fat12Volume.SectorBytes - 2)).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
