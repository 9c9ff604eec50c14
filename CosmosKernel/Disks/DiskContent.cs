using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>What is on a disk, for a person who is about to overwrite it: reads a few sectors and says what they look like.</summary>
internal static unsafe class DiskContent
{
    private const int TableAt = 446;
    private const int EntryBytes = 16;
    private const int Entries = 4;
    private const string Indent = "       ";

    /// <summary>Prints it, a line or more.</summary>
    /// <param name="disk">A disk that was found.</param>
    /// <param name="to">Where to.</param>
    internal static void Print(SectorDevice disk, KernelLog* to)
    {
        byte* sector = stackalloc byte[SectorDevice.SectorBytes];
        byte* other = stackalloc byte[SectorDevice.SectorBytes];
        to->Text(Indent);
        if (!disk.Read(0, 1, sector))
        {
            to->Text("cannot be read: ");
            disk.PrintFault(to);
            to->Print("\n");
            return;
        }

        if (disk.Sectors > InstallImage.VolumeSector && disk.Read(InstallImage.VolumeSector, 1, other) && InstallImage.IsVolume(other))
        {
            to->Print("CosmosBootAlloc\n");
            return;
        }

        if (!InstallImage.IsBootSector(sector))
        {
            to->Text(IsZero(sector) ? "empty: its first sector holds zeros" : "no partition table, no boot sector");
            to->Print("\n");
            return;
        }

        string system = FileSystem(sector);
        if (system != null)
        {
            to->Text(system);
            to->Print(" without a partition table\n");
            return;
        }

        PrintTable(disk, sector, other, to);
    }

    private static void PrintTable(SectorDevice disk, byte* table, byte* sector, KernelLog* to)
    {
        uint shown = 0;
        for (int i = 0; i < Entries; i++)
        {
            byte* entry = table + TableAt + (i * EntryBytes);
            uint start = *(uint*)(entry + 8);
            uint size = *(uint*)(entry + 12);
            byte type = entry[4];
            if (type == 0 || size == 0)
            {
                continue;
            }

            to->Text(shown++ == 0 ? "" : Indent);
            to->Print("partition %d: type %02x, ", (uint)i + 1, type);
            to->Text(PartitionType.Name(type));
            to->Print(", %d MB", size >> 11);
            string system = start < disk.Sectors && disk.Read(start, 1, sector) ? FileSystem(sector) : null;
            if (system != null)
            {
                to->Text(", holds ");
                to->Text(system);
            }

            to->Text((entry[0] & 0x80) != 0 ? ", active" : "");
            to->Print("\n");
        }

        if (shown == 0)
        {
            to->Print("a boot sector with an empty partition table\n");
        }
    }

    // Where file systems put their names: NTFS and HPFS at byte 3, FAT12 and FAT16 at 54, FAT32 at 82.
    private static string FileSystem(byte* sector)
        => Text.Is(sector + 3, "NTFS") ? "NTFS"
        : Text.Is(sector + 54, "FAT12") ? "FAT12"
        : Text.Is(sector + 54, "FAT16") ? "FAT16"
        : Text.Is(sector + 82, "FAT32") ? "FAT32"
        : null;

    private static bool IsZero(byte* sector)
    {
        for (int i = 0; i < SectorDevice.SectorBytes; i++)
        {
            if (sector[i] != 0)
            {
                return false;
            }
        }

        return true;
    }
}
