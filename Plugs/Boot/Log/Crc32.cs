namespace CosmosBootAlloc.Boot.Log;

/// <summary>CRC-32 as in gzip and PNG: polynomial 04c11db7, reflected. It tells whether a copy of the log is the log.</summary>
internal struct Crc32
{
    private uint _sum;

    /// <summary>Starts a sum over no bytes.</summary>
    internal void Begin()
    {
        _sum = uint.MaxValue;
    }

    /// <summary>The sum over the bytes added.</summary>
    internal uint Value => ~_sum;

    /// <summary>Adds a byte.</summary>
    internal void Add(byte value)
    {
        _sum ^= value;
        for (int bit = 0; bit < 8; bit++)
        {
            _sum = (_sum & 1) != 0 ? (_sum >> 1) ^ 0xedb88320 : _sum >> 1;
        }
    }
}
