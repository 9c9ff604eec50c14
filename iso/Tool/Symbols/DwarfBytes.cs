using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>Bytes in DWARF's encodings, little-endian.</summary>
internal sealed class DwarfBytes
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Bytes so far.</summary>
    internal uint Length => (uint)_bytes.Length;

    internal byte[] ToArray() => _bytes.ToArray();

    internal DwarfBytes U8(int value)
    {
        _bytes.WriteByte((byte)value);
        return this;
    }

    internal DwarfBytes U16(int value) => U8(value).U8(value >> 8);

    internal DwarfBytes U32(uint value) => U16((int)(value & 0xffff)).U16((int)(value >> 16));

    internal DwarfBytes Text(string text)
    {
        _bytes.Write(Encoding.UTF8.GetBytes(text));
        return U8(0);
    }

    internal DwarfBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    internal DwarfBytes Uleb(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            U8((int)(value & 0x7f) | 0x80);
        }

        return U8((int)value);
    }

    internal DwarfBytes Sleb(long value)
    {
        while (value is < -0x40 or >= 0x40)
        {
            U8((int)(value & 0x7f) | 0x80);
            value >>= 7;
        }

        return U8((int)(value & 0x7f));
    }

    /// <summary>Fills up with a byte to a multiple of four.</summary>
    internal DwarfBytes Align(byte filler)
    {
        while (Length % 4 != 0)
        {
            U8(filler);
        }

        return this;
    }

    /// <summary>Sets a word that was written as a placeholder.</summary>
    internal void Patch(uint at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetBuffer().AsSpan((int)at), value);

    /// <summary>Writes a placeholder for a length; the result is where it lies.</summary>
    internal uint OpenLength()
    {
        U32(0);
        return Length - sizeof(uint);
    }

    /// <summary>Sets a length to what was written behind it.</summary>
    internal void CloseLength(uint at) => Patch(at, Length - at - sizeof(uint));
}
