namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// The file BOOTLOG.TXT in an image of this system: room for a boot log, in one piece, made with the image. Only its sectors are ever
/// written. Read here is just enough of ISO 9660 and of FAT12 to find it.
/// </summary>
internal unsafe struct LogRoom
{
    /// <summary>Its bytes.</summary>
    internal const int Bytes = 64 * 1024;

    /// <summary>How its first line begins, whether it holds a log or not.</summary>
    internal const string Mark = "CosmosBootAlloc boot log, ";

    private const int RootRecord = 156;
    private const int SectorsPerBlock = 4;
    private const int MostRootSectors = 64;
    private const int MostFatSectors = 16;

    /// <summary>Its first sector on the device.</summary>
    internal ulong Sector;

    /// <summary>Finds it.</summary>
    /// <returns>False if the device cannot be read, or has no such file in one piece.</returns>
    internal bool Find(SectorDevice device)
    {
        byte* sector = stackalloc byte[SectorDevice.SectorBytes];
        bool found = device.Sectors > InstallImage.VolumeSector && device.Read(InstallImage.VolumeSector, 1, sector)
            && InstallImage.IsVolume(sector)
            ? FindInIso(device, *(uint*)(sector + RootRecord + 2), *(uint*)(sector + RootRecord + 10))
            : device.Read(0, 1, sector) && FindInFat(device, sector);
        return found && Sector + (Bytes / SectorDevice.SectorBytes) <= device.Sectors && device.Read(Sector, 1, sector)
            && Text.Is(sector, Mark);
    }

    // No record of a directory crosses the end of a block of 2,048 bytes.
    private bool FindInIso(SectorDevice device, uint block, uint bytes)
    {
        uint sectors = bytes / SectorDevice.SectorBytes;
        byte* blockBytes = stackalloc byte[SectorsPerBlock * SectorDevice.SectorBytes];
        for (uint at = 0; at + SectorsPerBlock <= sectors && at < MostRootSectors; at += SectorsPerBlock)
        {
            if (!device.Read(((ulong)block * SectorsPerBlock) + at, SectorsPerBlock, blockBytes))
            {
                return false;
            }

            const int size = SectorsPerBlock * SectorDevice.SectorBytes;
            for (int record = 0; record + 34 < size && blockBytes[record] != 0; record += blockBytes[record])
            {
                int nameLength = blockBytes[record + 32];
                if (nameLength >= 11 && record + 33 + nameLength <= size && Text.Is(blockBytes + record + 33, "BOOTLOG.TXT")
                    && *(uint*)(blockBytes + record + 10) == Bytes)
                {
                    Sector = (ulong)*(uint*)(blockBytes + record + 2) * SectorsPerBlock;
                    return true;
                }
            }
        }

        return false;
    }

    private bool FindInFat(SectorDevice device, byte* boot)
    {
        uint perCluster = boot[13];
        uint reserved = *(ushort*)(boot + 14);
        uint tables = boot[16];
        uint rootEntries = *(ushort*)(boot + 17);
        uint perTable = *(ushort*)(boot + 22);
        if (!InstallImage.IsBootSector(boot) || !Text.Is(boot + 54, "FAT12") || *(ushort*)(boot + 11) != SectorDevice.SectorBytes
            || perCluster == 0 || perTable == 0 || perTable > MostFatSectors)
        {
            return false;
        }

        uint root = reserved + (tables * perTable);
        uint data = root + ((rootEntries * 32) / SectorDevice.SectorBytes);
        byte* sector = stackalloc byte[SectorDevice.SectorBytes];
        for (uint at = root; at < data; at++)
        {
            if (!device.Read(at, 1, sector))
            {
                return false;
            }

            for (int entry = 0; entry < SectorDevice.SectorBytes; entry += 32)
            {
                if (Text.Is(sector + entry, "BOOTLOG TXT") && *(uint*)(sector + entry + 28) == Bytes)
                {
                    uint cluster = *(ushort*)(sector + entry + 26);
                    Sector = data + ((cluster - 2ul) * perCluster);
                    return cluster >= 2 && IsOnePiece(device, reserved, perTable, cluster, Bytes / (perCluster * SectorDevice.SectorBytes));
                }
            }
        }

        return false;
    }

    // DOS may have copied the file elsewhere, in pieces.
    private static bool IsOnePiece(SectorDevice device, uint tableSector, uint tableSectors, uint cluster, uint clusters)
    {
        byte* table = stackalloc byte[MostFatSectors * SectorDevice.SectorBytes];
        if (!device.Read(tableSector, (int)tableSectors, table))
        {
            return false;
        }

        for (uint i = 0; i + 1 < clusters; i++)
        {
            uint at = (cluster + i) * 3 / 2;
            if (at + 1 >= tableSectors * SectorDevice.SectorBytes)
            {
                return false;
            }

            uint pair = *(ushort*)(table + at);
            uint next = ((cluster + i) & 1) != 0 ? pair >> 4 : pair & 0xfff;
            if (next != cluster + i + 1)
            {
                return false;
            }
        }

        return true;
    }
}
