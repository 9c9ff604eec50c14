using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// The content of BOOTLOG.TXT with a log in it: a line with its length and check sum, the log with DOS's line ends, and sectors that say
/// that they are empty. It stays a text of the same size, which any editor shows. The host's tool reads it (<c>bootalloc logs</c>).
/// </summary>
internal static unsafe class SavedLog
{
    private const int Sectors = LogRoom.Bytes / SectorDevice.SectorBytes;

    // The first line's place; its numbers are known when the log is in place behind it.
    private const int HeadBytes = 64;

    /// <summary>Makes it.</summary>
    /// <param name="room">Receives it: <see cref="LogRoom.Bytes"/> bytes.</param>
    /// <param name="ring">Room for a copy of the log: <see cref="LogRing.Capacity"/> bytes.</param>
    /// <returns>Bytes of the log in it.</returns>
    internal static uint Make(byte* room, byte* ring)
    {
        int length = LogRing.Copy(ring);
        byte* start = room + HeadBytes;
        byte* to = start;
        byte* end = room + LogRoom.Bytes - 2;
        for (int i = 0; i < length && to < end; i++)
        {
            if (ring[i] == '\n')
            {
                *to++ = (byte)'\r';
            }

            *to++ = ring[i];
        }

        uint bytes = (uint)(to - start);
        byte* head = Text.Put(room, LogRoom.Mark);
        head = Text.PutDecimal(Text.Put(head, "saved: "), bytes, 5);
        head = Text.PutHexadecimal(Text.Put(head, " bytes, CRC-32 "), Checksum(start, bytes));
        Pad(head, room + HeadBytes);

        int sector = (HeadBytes + (int)bytes + SectorDevice.SectorBytes - 1) / SectorDevice.SectorBytes;
        if (to < room + (sector * SectorDevice.SectorBytes) - 1)
        {
            Pad(to, room + (sector * SectorDevice.SectorBytes));
        }
        else if (to < room + (sector * SectorDevice.SectorBytes))
        {
            *to = (byte)'\n';
        }

        for (; sector < Sectors; sector++)
        {
            byte* at = room + (sector * SectorDevice.SectorBytes);
            byte* text = Text.PutDecimal(Text.Put(Text.Put(at, LogRoom.Mark), "sector "), (uint)sector, 3);
            text = Text.Put(Text.PutDecimal(Text.Put(text, " of "), Sectors, 3), ": empty");
            Pad(text, at + SectorDevice.SectorBytes);
        }

        return bytes;
    }

    // Spaces and a line end, up to a byte.
    private static void Pad(byte* from, byte* end)
    {
        while (from < end - 2)
        {
            *from++ = (byte)' ';
        }

        end[-2] = (byte)'\r';
        end[-1] = (byte)'\n';
    }

    private static uint Checksum(byte* bytes, uint count)
    {
        Crc32 sum = default;
        sum.Begin();
        for (uint i = 0; i < count; i++)
        {
            sum.Add(bytes[i]);
        }

        return sum.Value;
    }
}
