using System;
using System.Buffers.Binary;
using System.IO;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The memory that a kernel's image occupies, from its ELF file.</summary>
/// <param name="End">The address of the first byte after the image.</param>
/// <param name="Bytes">The size of the image in bytes.</param>
public sealed record KernelFile(ulong End, ulong Bytes)
{
    private const int HeaderBytes = 52;
    private const int ProgramHeaderBytes = 32;
    private const uint Magic = 0x464c457f;
    private const uint Load = 1;

    /// <summary>Reads a 32-bit ELF file's program headers.</summary>
    /// <exception cref="BadInputException">It is not such a file.</exception>
    public static KernelFile Read(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic || bytes[4] != 1)
        {
            throw new BadInputException($"{file}: expected a 32-bit ELF file");
        }

        uint table = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(28));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(44));
        (ulong start, ulong end) = (ulong.MaxValue, 0);
        for (int i = 0; i < count; i++)
        {
            long at = table + ((long)i * ProgramHeaderBytes);
            if (at + ProgramHeaderBytes > bytes.Length)
            {
                throw new BadInputException($"{file}: expected {count} program headers, the file ends in number {i + 1}");
            }

            ReadOnlySpan<byte> header = bytes.AsSpan((int)at, ProgramHeaderBytes);
            ulong size = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == Load && size != 0)
            {
                ulong address = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
                start = Math.Min(start, address);
                end = Math.Max(end, address + size);
            }
        }

        return end != 0
            ? new KernelFile(end, end - start)
            : throw new BadInputException($"{file}: expected a segment to load, found none");
    }
}
