using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>
/// Reads the methods, lines, and variables that the compiler's -g puts into an object's section .debug$S: CodeView of the newer form (C13),
/// as Microsoft's pdb documentation describes it. Addresses come from the relocations: each names the method.
/// </summary>
public sealed class CodeViewReader
{
    private const string SectionName = ".debug$S";
    private const uint Signature = 4;
    private const uint Symbols = 0xf1;
    private const uint Lines = 0xf2;
    private const uint Strings = 0xf3;
    private const uint Checksums = 0xf4;

    // CV_REG_EAX; the others follow in DWARF's order.
    private const int FirstRegister = 17;
    private const int Registers = 8;

    // Lines from here on mean "no source".
    private const uint NoLine = 0xf00000;
    private const uint LineMask = 0xffffff;

    private readonly CoffSection _section;
    private readonly Func<CoffSymbol, uint?> _addressOf;
    private readonly List<Method> _methods = [];
    private readonly Dictionary<uint, (string? File, List<LineRow> Rows)> _lines = [];
    private ReadOnlyMemory<byte> _strings;
    private ReadOnlyMemory<byte> _checksums;

    private CodeViewReader(CoffSection section, Func<CoffSymbol, uint?> addressOf)
    {
        _section = section;
        _addressOf = addressOf;
    }

    /// <summary>Reads them, sorted by address.</summary>
    /// <param name="name">The object's name, for messages.</param>
    /// <param name="file">The object.</param>
    /// <param name="addressOf">The address of a symbol in the linked image; null if it is not in it.</param>
    /// <exception cref="BadInputException">There is no such section, or it is not understood.</exception>
    public static IReadOnlyList<Method> Read(string name, CoffFile file, Func<CoffSymbol, uint?> addressOf)
    {
        if (file.Find(SectionName) is not { } section || section.Bytes.Length < sizeof(uint) || U32(section.Bytes, 0) != Signature)
        {
            throw new BadInputException($"{name}: expected CodeView debug information in {SectionName}, found none");
        }

        try
        {
            return new CodeViewReader(section, addressOf).ReadAll();
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new BadInputException($"{name}: a record in {SectionName} ends after its section");
        }
    }

    private List<Method> ReadAll()
    {
        List<(uint At, int Length)> lines = [];
        List<(uint At, int Length)> symbols = [];
        ReadOnlyMemory<byte> all = _section.Bytes;
        for (int at = sizeof(uint); at + 8 <= all.Length;)
        {
            uint kind = U32(all, at);
            int length = (int)U32(all, at + 4);
            ReadOnlyMemory<byte> body = all.Slice(at + 8, length);
            switch (kind)
            {
                case Symbols:
                    symbols.Add(((uint)at + 8, length));
                    break;
                case Lines:
                    lines.Add(((uint)at + 8, length));
                    break;
                case Strings:
                    _strings = body;
                    break;
                case Checksums:
                    _checksums = body;
                    break;
            }

            at = (at + 8 + length + 3) & ~3;
        }

        // The files that lines refer to come last in the section.
        lines.ForEach(part => ReadLines(part.At));
        symbols.ForEach(part => ReadSymbols(part.At, part.Length));
        _methods.Sort((a, b) => a.Start.CompareTo(b.Start));
        return _methods;
    }

    // Offset and section of the code (both relocated), flags, length; then a block for each file: its place in the checksums, the number
    // of rows, its length, the rows.
    private void ReadLines(uint at)
    {
        if (AddressAt(at) is not { } start)
        {
            return;
        }

        ReadOnlyMemory<byte> body = _section.Bytes[(int)at..];
        uint file = U32(body, 12);
        int count = (int)U32(body, 16);
        List<LineRow> rows = [];
        for (int i = 0; i < count; i++)
        {
            uint line = U32(body, 24 + (i * 8) + 4) & LineMask;
            if (line is > 0 and < NoLine)
            {
                rows.Add(new LineRow(start + U32(body, 24 + (i * 8)), line));
            }
        }

        rows.Sort((a, b) => a.Address.CompareTo(b.Address));
        _lines[start] = (Text(_strings, (int)U32(_checksums, (int)file)), rows);
    }

    private void ReadSymbols(uint from, int length)
    {
        List<Variable> variables = [];
        List<Place> places = [];
        Method? method = null;
        for (uint at = from; at + 4 <= from + length;)
        {
            int size = U16(_section.Bytes, (int)at);
            ushort kind = U16(_section.Bytes, (int)at + 2);
            ReadOnlyMemory<byte> body = _section.Bytes.Slice((int)at + 4, size - 2);
            uint place = at + 4;
            switch (kind)
            {
                case 0x1110 or 0x1147:
                    // S_GPROC32, S_GPROC32_ID: parent, end, next, length, debug start, debug end, type, offset, section, flags, name.
                    variables = [];
                    method = AddressAt(place + 28) is { } start
                        ? new Method(Text(body, 35), start, U32(body, 12), null, [], variables) : null;
                    break;
                case 0x113e:
                    // S_LOCAL: type, flags, name.
                    places = [];
                    variables.Add(new Variable(Text(body, 6), (U16(body, 4) & 1) != 0, U32(body, 0), places));
                    break;
                case 0x1141:
                    // S_DEFRANGE_REGISTER: register, flags, range.
                    AddPlace(places, U16(body, 0), null, place + 4);
                    break;
                case 0x1145:
                    // S_DEFRANGE_REGISTER_REL: register, flags, offset, range.
                    AddPlace(places, U16(body, 0), (int)U32(body, 4), place + 8);
                    break;
                case 0x114f or 0x0006:
                    // S_PROC_ID_END, S_END.
                    Take(method);
                    method = null;
                    break;
            }

            at += (uint)size + 2;
        }
    }

    private void Take(Method? method)
    {
        if (method != null)
        {
            (string? file, List<LineRow> rows) = _lines.TryGetValue(method.Start, out (string?, List<LineRow>) known) ? known : (null, []);
            _methods.Add(method with { File = file, Lines = rows });
        }
    }

    // A range: offset and section (both relocated; the offset counts from the symbol), length.
    private void AddPlace(List<Place> places, int register, int? offset, uint range)
    {
        int number = register - FirstRegister;
        if (number is >= 0 and < Registers && AddressAt(range) is { } start)
        {
            start += U32(_section.Bytes, (int)range);
            places.Add(new Place(start, start + U16(_section.Bytes, (int)range + 6), number, offset));
        }
    }

    private uint? AddressAt(uint place) => _section.Relocations.TryGetValue(place, out CoffSymbol? symbol) ? _addressOf(symbol) : null;

    private static string Text(ReadOnlyMemory<byte> bytes, int at)
    {
        ReadOnlySpan<byte> rest = bytes.Span[at..];
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private static ushort U16(ReadOnlyMemory<byte> bytes, int at)
        => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span.Slice(at, sizeof(ushort)));

    private static uint U32(ReadOnlyMemory<byte> bytes, int at)
        => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span.Slice(at, sizeof(uint)));
}
