using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>A type of the debugger: what a value's bytes mean.</summary>
public abstract record DebugType;

/// <summary>A number, a truth value, or a character.</summary>
/// <param name="Name">As in C#.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Encoding">DWARF's: 2 boolean, 4 float, 5 signed, 7 unsigned, 16 UTF.</param>
public sealed record NumberType(string Name, uint Bytes, byte Encoding) : DebugType;

/// <summary>A pointer or a reference.</summary>
/// <param name="Target">The type index of what it points to; 0 if that is not known.</param>
public sealed record PointerType(uint Target) : DebugType;

/// <summary>A struct or a class's object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its size; 0 if only its name is known.</param>
/// <param name="Fields">Its own fields and, first, its base's.</param>
public sealed record RecordType(string Name, uint Bytes, IReadOnlyList<(string Name, uint Type, uint Offset)> Fields) : DebugType;

/// <summary>An enumeration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Underlying">The type index of its numbers.</param>
/// <param name="Values">Its members.</param>
public sealed record EnumType(string Name, uint Underlying, IReadOnlyList<(string Name, long Value)> Values) : DebugType;

/// <summary>Elements one after the other.</summary>
/// <param name="Element">The type index of each.</param>
/// <param name="Bytes">The size of all.</param>
public sealed record ArrayType(uint Element, uint Bytes) : DebugType;

/// <summary>Reads the types in an object's section .debug$T: CodeView records, numbered from 0x1000.</summary>
public sealed class CodeViewTypes
{
    private const string SectionName = ".debug$T";
    private const uint FirstIndex = 0x1000;
    private const ushort ForwardReference = 0x80;

    private readonly List<ReadOnlyMemory<byte>> _records = [];
    private readonly Dictionary<string, uint> _definitions = [];

    /// <summary>Reads them; an object without the section has none.</summary>
    public CodeViewTypes(CoffFile file)
    {
        ReadOnlyMemory<byte> all = file.Find(SectionName)?.Bytes ?? default;
        for (int at = sizeof(uint); at + 4 <= all.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(all.Span[at..]);
            if (length < 2 || at + 2 + length > all.Length)
            {
                break;
            }

            ReadOnlyMemory<byte> record = all.Slice(at + 2, length);
            if (IsRecord(record) && (U16(record, 4) & ForwardReference) == 0)
            {
                int name = 18;
                _ = Number(record, ref name);
                _definitions[Text(record, name)] = FirstIndex + (uint)_records.Count;
            }

            _records.Add(record);
            at += 2 + length;
        }
    }

    /// <summary>The index of the definition, for an index that may be a forward reference to it.</summary>
    public uint Definition(uint index)
    {
        if (Record(index) is { } record && IsRecord(record) && (U16(record, 4) & ForwardReference) != 0)
        {
            int name = 18;
            _ = Number(record, ref name);
            return _definitions.TryGetValue(Text(record, name), out uint definition) ? definition : index;
        }

        return index;
    }

    /// <summary>A type; null for one that is not understood.</summary>
    public DebugType? Find(uint index)
    {
        if (index < FirstIndex)
        {
            // Bits 8 to 11 make it a pointer.
            return (index & 0xf00) != 0 ? new PointerType(index & 0xff) : Simple(index);
        }

        if (Record(index) is not { } record)
        {
            return null;
        }

        switch (U16(record, 0))
        {
            case 0x1001:
                return Find(U32(record, 2));
            case 0x1002:
                return new PointerType(U32(record, 2));
            case 0x1503:
                int size = 10;
                return new ArrayType(U32(record, 2), (uint)Number(record, ref size));
            case 0x1504 or 0x1505:
                int at = 18;
                uint bytes = (uint)Number(record, ref at);
                List<(string, uint, uint)> fields = [];
                AddFields(fields, U32(record, 6));
                return new RecordType(Text(record, at), bytes, fields);
            case 0x1507:
                List<(string, long)> values = [];
                AddValues(values, U32(record, 10));
                return new EnumType(Text(record, 14), U32(record, 6), values);
            default:
                return null;
        }
    }

    private static NumberType? Simple(uint index) => index switch
    {
        0x10 or 0x68 => new NumberType("sbyte", 1, 5),
        0x20 or 0x69 or 0x70 => new NumberType("byte", 1, 7),
        0x11 or 0x72 => new NumberType("short", 2, 5),
        0x21 or 0x73 => new NumberType("ushort", 2, 7),
        0x12 or 0x74 => new NumberType("int", 4, 5),
        0x22 or 0x75 => new NumberType("uint", 4, 7),
        0x13 or 0x76 => new NumberType("long", 8, 5),
        0x23 or 0x77 => new NumberType("ulong", 8, 7),
        0x30 => new NumberType("bool", 1, 2),
        0x40 => new NumberType("float", 4, 4),
        0x41 => new NumberType("double", 8, 4),
        0x71 or 0x7a => new NumberType("char", 2, 16),
        _ => null,
    };

    private static bool IsRecord(ReadOnlyMemory<byte> record) => record.Length > 20 && U16(record, 0) is 0x1504 or 0x1505;

    private ReadOnlyMemory<byte>? Record(uint index)
        => index >= FirstIndex && index - FirstIndex < _records.Count ? _records[(int)(index - FirstIndex)] : null;

    // LF_FIELDLIST: LF_BCLASS attributes, type, offset; LF_MEMBER the same and a name; LF_STMEMBER without an offset.
    private void AddFields(List<(string Name, uint Type, uint Offset)> fields, uint list)
    {
        foreach ((ushort leaf, ReadOnlyMemory<byte> record, int start) in Members(list))
        {
            int at = start + 6;
            if (leaf == 0x1400)
            {
                uint own = (uint)Number(record, ref at);
                if (Find(Definition(U32(record, start + 2))) is RecordType parent)
                {
                    foreach ((string name, uint type, uint offset) in parent.Fields)
                    {
                        fields.Add((name, type, own + offset));
                    }
                }
            }
            else if (leaf == 0x150d)
            {
                uint offset = (uint)Number(record, ref at);
                fields.Add((Text(record, at), U32(record, start + 2), offset));
            }
        }
    }

    private void AddValues(List<(string Name, long Value)> values, uint list)
    {
        foreach ((ushort leaf, ReadOnlyMemory<byte> record, int start) in Members(list))
        {
            int at = start + 2;
            if (leaf == 0x1502)
            {
                long value = Number(record, ref at);
                values.Add((Text(record, at), value));
            }
        }
    }

    // Each member with the place behind its leaf. An unknown leaf ends the list: its length is not known.
    private IEnumerable<(ushort Leaf, ReadOnlyMemory<byte> Record, int Start)> Members(uint list)
    {
        if (Record(list) is not { } record || U16(record, 0) != 0x1203)
        {
            yield break;
        }

        for (int at = 2; at + 4 <= record.Length;)
        {
            if (record.Span[at] >= 0xf0)
            {
                at += Math.Max(1, record.Span[at] & 0xf);
                continue;
            }

            ushort leaf = U16(record, at);
            int start = at + 2;
            int end = start + (leaf == 0x1502 ? 2 : 6);
            switch (leaf)
            {
                case 0x1400:
                    _ = Number(record, ref end);
                    break;
                case 0x1502 or 0x150d:
                    _ = Number(record, ref end);
                    end += Encoding.UTF8.GetByteCount(Text(record, end)) + 1;
                    break;
                case 0x150e:
                    end += Encoding.UTF8.GetByteCount(Text(record, end)) + 1;
                    break;
                default:
                    yield break;
            }

            yield return (leaf, record, start);
            at = end;
        }
    }

    // A number: itself below 0x8000, or what kind of number follows.
    private static long Number(ReadOnlyMemory<byte> record, ref int at)
    {
        ushort word = U16(record, at);
        ReadOnlySpan<byte> rest = record.Span[(at + 2)..];
        at += 2;
        if (word < 0x8000)
        {
            return word;
        }

        (long value, int size) = word switch
        {
            0x8000 => ((sbyte)rest[0], 1),
            0x8001 => (BinaryPrimitives.ReadInt16LittleEndian(rest), 2),
            0x8002 => (BinaryPrimitives.ReadUInt16LittleEndian(rest), 2),
            0x8003 => (BinaryPrimitives.ReadInt32LittleEndian(rest), 4),
            0x8004 => (BinaryPrimitives.ReadUInt32LittleEndian(rest), 4),
            0x8009 or 0x800a => (BinaryPrimitives.ReadInt64LittleEndian(rest), 8),
            _ => (0L, 0),
        };
        at += size;
        return value;
    }

    private static string Text(ReadOnlyMemory<byte> record, int at)
    {
        ReadOnlySpan<byte> rest = record.Span[at..];
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private static ushort U16(ReadOnlyMemory<byte> bytes, int at)
        => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span.Slice(at, sizeof(ushort)));

    private static uint U32(ReadOnlyMemory<byte> bytes, int at)
        => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span.Slice(at, sizeof(uint)));
}
