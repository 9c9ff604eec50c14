using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Firmware;

/// <summary>
/// The fixed physical addresses of every PC, in bytes:
/// <code>
///     0      0x400         0x40e     0x413               0xa0000        0xf0000     0x100000            4 GiB
///     | page 0: vectors, BIOS data area ...  | RAM ...   | ISA hole ... | BIOS ROM  | RAM ...           |
/// </code>
/// </summary>
public static class PcMap
{
    /// <summary>End of page 0, which belongs to the BIOS: interrupt vectors and the BIOS data area.</summary>
    public const ulong FirstPageEnd = PageSize.Bytes;

    /// <summary>A word of the BIOS data area: the real-mode segment of the extended BIOS data area (EBDA); 0 for none.</summary>
    public const ulong EbdaSegmentWord = 0x40e;

    /// <summary>A word of the BIOS data area: KiB of conventional memory, from address 0 up.</summary>
    public const ulong LowMemoryWord = 0x413;

    /// <summary>First byte of the hole that holds a PC's display memory and ROMs; conventional memory ends here at the latest.</summary>
    public const ulong IsaHoleStart = 0xa0000;

    /// <summary>First byte of the system BIOS's ROM, the last part of the hole.</summary>
    public const ulong BiosRomStart = 0xf0000;

    /// <summary>First byte after the hole: 1 MiB, where extended memory starts.</summary>
    public const ulong IsaHoleEnd = 0x100000;

    /// <summary>First byte that a 32-bit kernel without PAE cannot address: 4 GiB.</summary>
    public const ulong AddressLimit = 1UL << 32;
}
