using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// The image that an installation writes: the medium that the machine was started from, which the boot menu's install entry hands over as a
/// boot module. It is known by its ISO 9660 volume name and its boot sector.
/// </summary>
internal unsafe struct InstallImage
{
    /// <summary>The sector, of 512 bytes, that holds the primary volume descriptor.</summary>
    internal const int VolumeSector = 64;

    private const int NameAt = 40;
    private const string Standard = "CD001";
    private const string Name = "BOOTALLOC";

    /// <summary>Its first byte.</summary>
    internal byte* Start;

    /// <summary>Sectors that it fills, the last one perhaps in part.</summary>
    internal uint Sectors;

    /// <summary>Bytes in its last sector that belong to it; the rest of that sector is written as zeros.</summary>
    internal uint LastBytes;

    /// <summary>Looks for it among the boot modules.</summary>
    /// <param name="facts">What the loader handed over.</param>
    /// <param name="modules">How many modules there are.</param>
    /// <returns>False if none of them is such an image.</returns>
    internal bool Find(MachineFacts* facts, out uint modules)
    {
        modules = 0;
        bool found = false;
        for (int i = 0; i < facts->RangeCount; i++)
        {
            if (facts->IsLoaderInformation(i))
            {
                continue;
            }

            modules++;
            NamedRange* range = facts->Range(i);
            ulong bytes = range->End - range->Start;
            byte* start = (byte*)(uint)range->Start;
            if (!found && range->End <= uint.MaxValue && bytes > (VolumeSector + 1) * SectorDevice.SectorBytes
                && IsBootSector(start) && IsVolume(start + (VolumeSector * SectorDevice.SectorBytes)))
            {
                Start = start;
                Sectors = (uint)((bytes + SectorDevice.SectorBytes - 1) / SectorDevice.SectorBytes);
                LastBytes = (uint)(bytes - ((ulong)(Sectors - 1) * SectorDevice.SectorBytes));
                found = true;
            }
        }

        return found;
    }

    /// <summary>Whether a sector ends as a boot sector does.</summary>
    internal static bool IsBootSector(byte* sector) => sector[510] == 0x55 && sector[511] == 0xaa;

    /// <summary>Whether a sector is the primary volume descriptor of one of our images.</summary>
    internal static bool IsVolume(byte* sector) => sector[0] == 1 && Text.Is(sector + 1, Standard) && Text.Is(sector + NameAt, Name);
}
