using System;
using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>Writes a 32-bit ELF file of sections and symbols, with nothing to load.</summary>
internal sealed class ElfFile
{
    private const uint HeaderBytes = 52;
    private const int SectionHeaderBytes = 40;
    private const uint SymbolBytes = 16;

    // SHT.
    private const uint ProgramBits = 1;
    private const uint SymbolTable = 2;
    private const uint StringTable = 3;
    private const uint NoBits = 8;

    // SHF_ALLOC, with SHF_EXECINSTR or SHF_WRITE.
    private const uint CodeFlags = 2 | 4;
    private const uint DataFlags = 2 | 1;
    private const int GlobalFunction = 0x12;
    private const int GlobalObject = 0x11;

    private readonly List<Section> _sections = [];
    private readonly List<(string Name, uint Address, uint Size)> _symbols = [];

    private sealed record Section(string Name, uint Type, uint Flags, uint Address, uint Size, byte[] Bytes, uint Link, uint Entry);

    /// <summary>Adds a section that only says where something lies in memory.</summary>
    internal void AddMemory(string name, uint address, uint size, bool isCode)
        => _sections.Add(new Section(name, NoBits, isCode ? CodeFlags : DataFlags, address, size, [], 0, 0));

    /// <summary>Adds a section of information.</summary>
    internal void Add(string name, byte[] bytes) => _sections.Add(new Section(name, ProgramBits, 0, 0, (uint)bytes.Length, bytes, 0, 0));

    /// <summary>Adds a symbol.</summary>
    internal void AddSymbol(string name, uint address, uint size) => _symbols.Add((name, address, size));

    internal byte[] ToArray()
    {
        DwarfBytes names = new();
        DwarfBytes symbols = new();
        names.U8(0);
        symbols.Raw(new byte[SymbolBytes]);
        foreach ((string name, uint address, uint size) in _symbols)
        {
            int section = _sections.FindLastIndex(s => s.Type == NoBits && s.Address <= address) + 1;
            bool code = section > 0 && _sections[section - 1].Flags == CodeFlags;
            symbols.U32(names.Length).U32(address).U32(size).U8(code ? GlobalFunction : GlobalObject).U8(0).U16(section);
            names.Text(name);
        }

        uint strings = (uint)_sections.Count + 2;
        List<Section> all =
        [
            .. _sections,
            new(".symtab", SymbolTable, 0, 0, symbols.Length, symbols.ToArray(), strings, SymbolBytes),
            new(".strtab", StringTable, 0, 0, names.Length, names.ToArray(), 0, 0),
        ];
        DwarfBytes titles = new();
        titles.U8(0);
        uint[] title = [.. all.Select(s => Title(titles, s.Name))];
        uint own = Title(titles, ".shstrtab");
        all.Add(new Section(".shstrtab", StringTable, 0, 0, titles.Length, titles.ToArray(), 0, 0));
        return Write(all, [.. title, own]);
    }

    private static uint Title(DwarfBytes titles, string name)
    {
        uint at = titles.Length;
        titles.Text(name);
        return at;
    }

    private static byte[] Write(List<Section> sections, uint[] titles)
    {
        DwarfBytes body = new();
        DwarfBytes table = new();
        table.Raw(new byte[SectionHeaderBytes]);
        for (int i = 0; i < sections.Count; i++)
        {
            Section x = sections[i];
            body.Align(0);
            table.U32(titles[i]).U32(x.Type).U32(x.Flags).U32(x.Address).U32(HeaderBytes + body.Length).U32(x.Size);
            table.U32(x.Link).U32(x.Type == SymbolTable ? 1u : 0u).U32(x.Type == NoBits ? 4096u : 1u).U32(x.Entry);
            body.Raw(x.Bytes);
        }

        body.Align(0);
        DwarfBytes file = new();
        file.Raw([0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.U16(2).U16(3).U32(1).U32(0).U32(0).U32(HeaderBytes + body.Length).U32(0);
        file.U16((int)HeaderBytes).U16(0).U16(0).U16(SectionHeaderBytes).U16(sections.Count + 1).U16(sections.Count);
        return file.Raw(body.ToArray()).Raw(table.ToArray()).ToArray();
    }
}
