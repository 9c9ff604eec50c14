using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Firmware;

/// <summary>
/// The memory that the BIOS keeps for itself below 1 MiB: from the end of conventional memory, or from its extended data area (EBDA) where
/// that starts lower, up to 1 MiB. Reserved as "BIOS reserved", overlap ok.
/// </summary>
/// <remarks>
/// Two words of the BIOS data area describe it: conventional memory in KiB at 0x413, and the EBDA's real-mode segment at 0x40e. Neither can
/// be trusted:
/// <code>
///     0                      EBDA    conventional memory ends        0xa0000      1 MiB
///     [ free                 [ EBDA  ]  at most 64 KiB above the EBDA ...          ]       -> from the EBDA
///     [ free                         ]  no EBDA named, at 0x9f000 or above         ]       -> from 0x9f000 (old PCs use 4 KiB)
///     [ nothing, or 1 MiB and more: nonsense                                       ]       -> from 0x9f000
/// </code>
/// 2.6.34 reserve_ebda_region.
/// </remarks>
public static unsafe class BiosArea
{
    /// <summary>The name of the reservation.</summary>
    public const string Name = "BIOS reserved";

    /// <summary>First byte after the area: 1 MiB.</summary>
    public const ulong End = PcMap.IsaHoleEnd;

    private const uint Fallback = 0x9f000;
    private const uint MostEbda = 0x10000;

    /// <summary>First byte of the EBDA, 0 if the BIOS names none.</summary>
    public static uint Ebda(PhysicalMemory physical)
    {
        return Word(physical, PcMap.EbdaSegmentWord) << 4;
    }

    /// <summary>Bytes of conventional memory, as the BIOS reports it.</summary>
    public static uint LowMemory(PhysicalMemory physical)
    {
        return Word(physical, PcMap.LowMemoryWord) << 10;
    }

    /// <summary>First byte of the area according to the two words; it ends at <see cref="End"/>.</summary>
    public static ulong Start(PhysicalMemory physical)
    {
        uint ebda = Ebda(physical);
        uint start = LowMemory(physical);
        if (ebda <= start && start - ebda <= MostEbda)
        {
            start = ebda;
        }

        if ((ebda == 0 && start >= Fallback) || start == 0 || start >= End)
        {
            start = Fallback;
        }

        return start;
    }

    private static uint Word(PhysicalMemory physical, ulong address)
    {
        byte* p = physical.At(address);
        return (uint)(p[0] | (p[1] << 8));
    }
}
