using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>A 32-bit ELF image by address: its bytes are read and written where they lie when it runs.</summary>
public sealed class CodeImage
{
    internal const int HeaderBytes = 52;
    private const int ProgramHeaderBytes = 32;
    private const uint Magic = 0x464c457f;
    private const uint Load = 1;
    private const int SectionHeaderBytes = 40;
    private const uint Executable = 4;

    private readonly List<Part> _segments = [];
    private readonly List<Part> _code = [];

    /// <summary>Reads the program headers of an ELF file.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="bytes">The file; what is written by address changes it.</param>
    /// <param name="offset">Where the ELF file begins in it.</param>
    /// <exception cref="BadInputException">It is not such a file.</exception>
    public CodeImage(string name, byte[] bytes, int offset = 0)
    {
        Bytes = bytes;
        if (!IsElf(bytes, offset))
        {
            throw new BadInputException($"{name}: expected a 32-bit ELF file");
        }

        ReadOnlySpan<byte> file = bytes.AsSpan(offset);
        Entry = BinaryPrimitives.ReadUInt32LittleEndian(file[24..]);
        uint table = BinaryPrimitives.ReadUInt32LittleEndian(file[28..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[44..]);
        for (int i = 0; i < count; i++)
        {
            long at = table + ((long)i * ProgramHeaderBytes);
            if (at + ProgramHeaderBytes > file.Length)
            {
                throw new BadInputException($"{name}: expected {count} program headers, the file ends in number {i + 1}");
            }

            ReadOnlySpan<byte> header = file.Slice((int)at, ProgramHeaderBytes);
            uint from = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Load || size == 0)
            {
                continue;
            }

            if ((ulong)from + size > (ulong)file.Length || (ulong)address + size > uint.MaxValue)
            {
                throw new BadInputException($"{name}: the segment at {address:x} ends after the file");
            }

            _segments.Add(new Part(address, address + size, offset + (int)from));
        }

        ReadSections(name, file, offset);
    }

    /// <summary>The whole file.</summary>
    public byte[] Bytes { get; }

    /// <summary>The address of the first instruction.</summary>
    public uint Entry { get; }

    /// <summary>What is loaded: the address ranges that the file has bytes for.</summary>
    public IReadOnlyList<Part> Segments => _segments;

    /// <summary>The sections of code.</summary>
    public IReadOnlyList<Part> Code => _code;

    /// <summary>A part of the image.</summary>
    /// <param name="Start">The address of its first byte.</param>
    /// <param name="End">The address after its last byte.</param>
    /// <param name="Offset">Where it begins in the file.</param>
    public readonly record struct Part(uint Start, uint End, int Offset);

    /// <summary>True for a 32-bit ELF header.</summary>
    public static bool IsElf(ReadOnlySpan<byte> bytes, int offset)
        => bytes.Length - offset >= HeaderBytes && BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]) == Magic
            && bytes[offset + 4] == 1;

    /// <summary>The bytes of an address range.</summary>
    /// <exception cref="BadInputException">The image has none, or not all, of them.</exception>
    public Span<byte> At(uint address, int size)
    {
        foreach (Part part in _segments)
        {
            if (address >= part.Start && address < part.End && size <= part.End - address)
            {
                return Bytes.AsSpan(part.Offset + (int)(address - part.Start), size);
            }
        }

        throw new BadInputException($"the image has no {size} bytes at {address:x}");
    }

    /// <summary>True if the image has the four bytes at an address.</summary>
    public bool HasWord(uint address)
    {
        foreach (Part part in _segments)
        {
            if (address >= part.Start && address < part.End && part.End - address >= sizeof(uint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The word at an address.</summary>
    public uint Word(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(At(address, sizeof(uint)));

    /// <summary>True for an address in a section of code.</summary>
    public bool IsCode(uint address)
    {
        foreach (Part part in _code)
        {
            if (address >= part.Start && address < part.End)
            {
                return true;
            }
        }

        return false;
    }

    private void ReadSections(string name, ReadOnlySpan<byte> file, int offset)
    {
        uint table = BinaryPrimitives.ReadUInt32LittleEndian(file[32..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[48..]);
        for (int i = 0; i < count; i++)
        {
            long at = table + ((long)i * SectionHeaderBytes);
            if (at + SectionHeaderBytes > file.Length)
            {
                throw new BadInputException($"{name}: expected {count} section headers, the file ends in number {i + 1}");
            }

            ReadOnlySpan<byte> header = file.Slice((int)at, SectionHeaderBytes);
            uint address = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
            uint from = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
            if ((BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) & Executable) == 0 || size == 0)
            {
                continue;
            }

            if ((ulong)from + size > (ulong)file.Length || (ulong)address + size > uint.MaxValue)
            {
                throw new BadInputException($"{name}: the section at {address:x} ends after the file");
            }

            _code.Add(new Part(address, address + size, offset + (int)from));
        }

        if (_code.Count == 0)
        {
            throw new BadInputException($"{name}: expected a section of code, found none");
        }
    }
}
