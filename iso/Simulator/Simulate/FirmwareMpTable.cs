using System;

namespace CosmosBootAlloc.Simulator.Simulate;

/// <summary>
/// An Intel MP table that a simulated firmware leaves in memory: its floating pointer and its configuration table, with right sums.
/// </summary>
/// <param name="Pointer">Address of the 16-byte pointer, a multiple of 16.</param>
/// <param name="Configuration">Address of the configuration table.</param>
/// <param name="Bytes">Its length, at least 44.</param>
public sealed record FirmwareMpTable(ulong Pointer, ulong Configuration, int Bytes)
{
    /// <summary>The pointer's bytes.</summary>
    public byte[] PointerBytes()
    {
        byte[] bytes = new byte[16];
        "_MP_"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), (uint)Configuration);
        bytes[8] = 1;
        bytes[9] = 4;
        return Summed(bytes, 10);
    }

    /// <summary>The table's bytes.</summary>
    public byte[] ConfigurationBytes()
    {
        byte[] bytes = new byte[Bytes];
        "PCMP"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), (ushort)Bytes);
        bytes[6] = 4;
        return Summed(bytes, 7);
    }

    // All bytes add up to 0 modulo 256.
    private static byte[] Summed(byte[] bytes, int at)
    {
        int sum = 0;
        foreach (byte value in bytes)
        {
            sum += value;
        }

        bytes[at] = (byte)-sum;
        return bytes;
    }
}
