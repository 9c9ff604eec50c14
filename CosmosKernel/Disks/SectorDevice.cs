using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>Something with sectors of 512 bytes, numbered from 0. Every call ends, whatever the device does.</summary>
internal abstract unsafe class SectorDevice
{
    /// <summary>Bytes of a sector.</summary>
    internal const int SectorBytes = 512;

    /// <summary>The most sectors in one call.</summary>
    internal const int MostSectors = 32;

    /// <summary>How many it has.</summary>
    internal ulong Sectors { get; private protected set; }

    /// <summary>Reads sectors.</summary>
    /// <param name="sector">The first.</param>
    /// <param name="count">How many, 1 to <see cref="MostSectors"/>.</param>
    /// <param name="to">Receives them.</param>
    /// <returns>False if it failed: see <see cref="PrintFault"/>.</returns>
    internal abstract bool Read(ulong sector, int count, byte* to);

    /// <summary>Writes sectors. They are safe only after <see cref="Flush"/>.</summary>
    /// <param name="sector">The first.</param>
    /// <param name="count">How many, 1 to <see cref="MostSectors"/>.</param>
    /// <param name="from">Holds them.</param>
    /// <returns>False if it failed: see <see cref="PrintFault"/>. Sectors before the one that it names are written.</returns>
    internal abstract bool Write(ulong sector, int count, byte* from);

    /// <summary>Empties the device's write cache, if it has one.</summary>
    /// <returns>False if it failed: see <see cref="PrintFault"/>.</returns>
    internal abstract bool Flush();

    /// <summary>Prints why the last call failed, as half a sentence: "sector 12: the disk reports an error ...".</summary>
    internal abstract void PrintFault(KernelLog* to);
}
