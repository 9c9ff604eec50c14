using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Firmware;

/// <summary>
/// The Intel multiprocessor tables of a PC: a 16-byte "floating pointer", found by searching, and the configuration table it points to.
/// Both lie in memory that may look free, so they are reserved, overlap ok: the first often lies inside "BIOS reserved" already.
/// </summary>
/// <remarks>
/// <code>
///     floating pointer   "_MP_"  address(4)  length(1) = 1 unit of 16 bytes  revision(1) = 1 or 4  checksum(1)  features(5)
///     configuration      "PCMP"  length(2)   revision(1)  checksum(1)  ...
/// </code>
/// The bytes of each sum to 0 modulo 256. The pointer lies on a multiple of 16 in the first KiB of the EBDA, in the last KiB of base
/// memory, or in the BIOS ROM at [0xf0000, 0x100000); these are searched in this order. A pointer without an address means a default
/// configuration and has no table. 2.6.34 find_smp_config; MP specification 1.4, chapter 4.
/// </remarks>
public unsafe struct MpTable
{
    /// <summary>The name of the floating pointer's reservation.</summary>
    public const string PointerName = "MP-table mpf";

    /// <summary>The name of the configuration table's reservation.</summary>
    public const string ConfigurationName = "MP-table mpc";

    /// <summary>Bytes of the floating pointer.</summary>
    public const ulong PointerBytes = 16;

    private const uint PointerSignature = 0x5f504d5f; // "_MP_"
    private const uint ConfigurationSignature = 0x504d4350; // "PCMP"
    private const uint LeastConfigurationBytes = 44;
    private const ulong KiB = 1024;

    /// <summary>First byte of the floating pointer; 0 when there is none.</summary>
    public ulong Pointer;

    /// <summary>First byte of the configuration table; 0 when there is none, or it is inconsistent.</summary>
    public ulong Configuration;

    /// <summary>Bytes of the configuration table.</summary>
    public ulong ConfigurationBytes;

    /// <summary>Searches for the tables; reads at most 66 KiB of memory, and the table.</summary>
    /// <returns>False when there is no floating pointer.</returns>
    public bool Find(PhysicalMemory physical)
    {
        Pointer = 0;
        Configuration = 0;
        ConfigurationBytes = 0;

        ulong ebda = BiosArea.Ebda(physical);
        ulong baseEnd = BiosArea.LowMemory(physical);
        baseEnd = baseEnd < KiB || baseEnd > PcMap.IsaHoleStart ? PcMap.IsaHoleStart : baseEnd;
        bool found = (ebda != 0 && Scan(physical, ebda, ebda + KiB))
            || Scan(physical, baseEnd - KiB, baseEnd)
            || Scan(physical, PcMap.IsaHoleStart - KiB, PcMap.IsaHoleStart)
            || Scan(physical, PcMap.BiosRomStart, PcMap.IsaHoleEnd);
        if (found)
        {
            ReadConfiguration(physical);
        }

        return found;
    }

    private bool Scan(PhysicalMemory physical, ulong start, ulong end)
    {
        byte* first = physical.At(start);
        uint count = (uint)(end - start) / (uint)PointerBytes;
        for (uint i = 0; ; i++)
        {
            i += Words.FindEveryFourth((uint*)(first + (i * (uint)PointerBytes)), count - i, PointerSignature);
            if (i >= count)
            {
                return false;
            }

            if (IsPointer(first + (i * (uint)PointerBytes)))
            {
                Pointer = start + (i * (uint)PointerBytes);
                return true;
            }
        }
    }

    private static bool IsPointer(byte* p) => p[8] == 1 && (p[9] == 1 || p[9] == 4) && Sum(p, (uint)PointerBytes) == 0;

    private void ReadConfiguration(PhysicalMemory physical)
    {
        ulong address = *(uint*)(physical.At(Pointer) + 4);
        if (address == 0)
        {
            return;
        }

        byte* p = physical.At(address);
        if (*(uint*)p != ConfigurationSignature)
        {
            return;
        }

        uint length = (uint)(p[4] | (p[5] << 8));
        if (length >= LeastConfigurationBytes && address + length <= PcMap.AddressLimit && Sum(p, length) == 0)
        {
            Configuration = address;
            ConfigurationBytes = length;
        }
    }

    private static uint Sum(byte* p, uint length)
    {
        uint sum = 0;
        for (uint i = 0; i < length; i++)
        {
            sum += p[i];
        }

        return sum & 0xff;
    }
}
