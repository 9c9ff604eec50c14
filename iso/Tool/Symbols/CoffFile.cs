using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>A section of a COFF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Where it lies in memory; 0 in an object.</param>
/// <param name="Size">Its size in memory; 0 in an object.</param>
/// <param name="Bytes">What the file holds of it.</param>
/// <param name="Relocations">Places in it, and the symbol that each refers to.</param>
public sealed record CoffSection(
    string Name, uint Address, uint Size, ReadOnlyMemory<byte> Bytes, IReadOnlyDictionary<uint, CoffSymbol> Relocations);

/// <summary>A symbol of a COFF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Section">Its section, counted from 1; 0 and below for none.</param>
/// <param name="Value">Its offset in the section.</param>
/// <param name="IsLabel">It names a place, not a section or a file.</param>
public sealed record CoffSymbol(string Name, int Section, uint Value, bool IsLabel);

/// <summary>A COFF object as the compiler writes it, or the PE image that ld makes of them.</summary>
public sealed class CoffFile
{
    private const int HeaderBytes = 20;
    private const int SectionBytes = 40;
    private const int SymbolBytes = 18;
    private const int RelocationBytes = 10;
    private const int PeOffsetAt = 0x3c;
    private const int PeMagicBytes = 4;
    private const ushort Machine386 = 0x14c;
    private const ushort MzMagic = 0x5a4d;
    private const ushort ManyRelocations = 0xffff;
    private const byte ClassExternal = 2;
    private const byte ClassStatic = 3;
    private const byte ClassLabel = 6;

    private readonly byte[] _file;
    private readonly int _strings;

    /// <summary>Reads it.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="file">All of its bytes.</param>
    /// <exception cref="BadInputException">It is no such file, or is cut.</exception>
    public CoffFile(string name, byte[] file)
    {
        _file = file;
        try
        {
            int at = U16(0) == MzMagic ? (int)U32(PeOffsetAt) + PeMagicBytes : 0;
            if (U16(at) != Machine386)
            {
                throw new BadInputException($"{name}: expected a COFF file for the i386, found machine {U16(at):x}");
            }

            int sections = U16(at + 2);
            int symbols = (int)U32(at + 8);
            int count = (int)U32(at + 12);
            if (count < 0 || count > file.Length / SymbolBytes || symbols < 0)
            {
                throw new BadInputException($"{name}: expected at most {file.Length / SymbolBytes} symbols, found {(uint)count}");
            }

            _strings = symbols + (count * SymbolBytes);
            CoffSymbol?[] table = ReadSymbols(symbols, count);
            int headers = at + HeaderBytes + U16(at + 16);
            List<CoffSection> list = [];
            for (int i = 0; i < sections; i++)
            {
                list.Add(ReadSection(headers + (i * SectionBytes), table));
            }

            Sections = list;
            Symbols = [.. table.OfType<CoffSymbol>()];
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new BadInputException($"{name}: the COFF file is cut: a table in it ends after {file.Length} bytes");
        }
    }

    /// <summary>The sections, in the file's order.</summary>
    public IReadOnlyList<CoffSection> Sections { get; }

    /// <summary>The symbols, in the file's order.</summary>
    public IReadOnlyList<CoffSymbol> Symbols { get; }

    /// <summary>The first section with a name, or null.</summary>
    public CoffSection? Find(string name)
    {
        foreach (CoffSection section in Sections)
        {
            if (section.Name == name)
            {
                return section;
            }
        }

        return null;
    }

    private CoffSymbol?[] ReadSymbols(int from, int count)
    {
        CoffSymbol?[] table = new CoffSymbol?[count];
        for (int i = 0; i < count; i++)
        {
            int at = from + (i * SymbolBytes);
            ReadOnlySpan<byte> raw = _file.AsSpan(at, SymbolBytes);
            byte storage = raw[16];
            int more = raw[17];
            string text = Name(raw[..8]);
            int section = BinaryPrimitives.ReadInt16LittleEndian(raw[12..]);
            bool label = storage is ClassExternal or ClassLabel || (storage == ClassStatic && more == 0);
            table[i] = new CoffSymbol(text, section, BinaryPrimitives.ReadUInt32LittleEndian(raw[8..]), label);
            i += more;
        }

        return table;
    }

    private CoffSection ReadSection(int at, CoffSymbol?[] symbols)
    {
        uint size = U32(at + 16);
        int data = (int)U32(at + 20);
        int relocations = (int)U32(at + 24);
        int count = U16(at + 32);
        int first = 0;
        if (count == ManyRelocations)
        {
            // More than fit the field: the first relocation has the number, itself included.
            count = (int)U32(relocations);
            first = 1;
        }

        Dictionary<uint, CoffSymbol> places = [];
        for (int i = first; i < count && relocations != 0; i++)
        {
            int place = relocations + (i * RelocationBytes);
            uint symbol = U32(place + 4);
            if (symbol < symbols.Length && symbols[symbol] is { } known)
            {
                places[U32(place)] = known;
            }
        }

        ReadOnlyMemory<byte> bytes = data == 0 ? default : _file.AsMemory(data, (int)size);
        return new CoffSection(SectionName(_file.AsSpan(at, 8)), U32(at + 12), U32(at + 8), bytes, places);
    }

    // "/123": a long name, in the table of strings.
    private string SectionName(ReadOnlySpan<byte> raw)
    {
        string text = Name(raw);
        return text.StartsWith('/') && int.TryParse(text.AsSpan(1), out int offset) ? Text(_strings + offset) : text;
    }

    private string Name(ReadOnlySpan<byte> raw)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(raw) == 0)
        {
            return Text(_strings + (int)BinaryPrimitives.ReadUInt32LittleEndian(raw[4..]));
        }

        int end = raw.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? raw : raw[..end]);
    }

    private string Text(int at)
    {
        ReadOnlySpan<byte> rest = _file.AsSpan(at);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at, sizeof(ushort)));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at, sizeof(uint)));
}
