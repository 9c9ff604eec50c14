namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>The names of partition types, as partition programs show them.</summary>
internal static class PartitionType
{
    /// <summary>The name of a type, the fifth byte of its entry in the partition table.</summary>
    internal static string Name(byte type)
        => type == 0x01 ? "FAT12"
        : type == 0x04 || type == 0x06 || type == 0x0e ? "FAT16"
        : type == 0x0b || type == 0x0c ? "FAT32"
        : type == 0x05 || type == 0x0f || type == 0x85 ? "extended"
        : type == 0x07 ? "NTFS or HPFS"
        : type == 0x17 || type == 0xcd ? "CD image"
        : type == 0x82 ? "Linux swap"
        : type == 0x83 ? "Linux"
        : type == 0x8e ? "Linux LVM"
        : type == 0xa5 ? "FreeBSD"
        : type == 0xa6 ? "OpenBSD"
        : type == 0xa9 ? "NetBSD"
        : type == 0xee ? "GPT"
        : type == 0xef ? "EFI system"
        : "unknown type";
}
