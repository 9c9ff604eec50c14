using System;
using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>
/// The sections .debug_info, .debug_abbrev, .debug_ranges, and .debug_loc: methods, variables, where they are, their types (DWARF 4).
/// </summary>
internal sealed class DwarfInfo
{
    private const int LanguageC99 = 0x0c;

    // gdb takes a producer that looks like a GCC since 4.5 at its word: places and frames hold at each instruction, so that it stops at a
    // method's first. Else it looks for the end of the prologue, and finds a branch that is never taken.
    private const string Producer = "GNU C# 5.0 (no GCC: bootalloc)";

    private readonly CodeViewTypes _types;
    private readonly MovedCode _moved;
    private readonly DwarfBytes _info = new();
    private readonly DwarfBytes _ranges = new();
    private readonly DwarfBytes _places = new();
    private readonly List<(uint At, uint Type)> _references = [];
    private readonly Queue<uint> _wanted = new();
    private readonly Dictionary<uint, uint> _offsets = [];
    private readonly uint _unit;

    internal DwarfInfo(string folder, CodeViewTypes types, MovedCode moved, IReadOnlyList<CodeRange> all)
    {
        (_types, _moved) = (types, moved);
        _unit = _info.OpenLength();
        _info.U16(4).U32(0).U8(sizeof(uint));
        _info.Uleb(Abbreviations.Unit).Text(Producer).U8(LanguageC99).Text("kernel").Text(folder).U32(0).U32(0).U32(0);
        AddRanges(all);
    }

    internal byte[] Ranges => _ranges.ToArray();

    internal byte[] Places => _places.ToArray();

    /// <summary>Adds a method.</summary>
    internal void Add(string name, Method method)
    {
        List<CodeRange> ranges = _moved.Of(method.Start, method.End);
        if (ranges.Count == 1)
        {
            _info.Uleb(Abbreviations.Method).Text(name).U32(method.Start).U32(method.Length);
        }
        else
        {
            _info.Uleb(Abbreviations.MovedMethod).Text(name).U32(method.Start).U32(_ranges.Length);
            AddRanges(ranges);
        }

        foreach (Variable variable in method.Variables)
        {
            // C#'s 'this' has underscores here.
            string own = variable.Name.Trim('_') == "this" ? "this" : variable.Name;
            bool somewhere = variable.Places.Count != 0;
            _info.Uleb(variable.IsParameter
                ? somewhere ? Abbreviations.Parameter : Abbreviations.LostParameter
                : somewhere ? Abbreviations.Local : Abbreviations.LostLocal).Text(own);
            Reference(variable.Type);
            if (somewhere)
            {
                _info.U32(_places.Length);
                AddPlaces(variable.Places);
            }
        }

        _info.U8(0);
    }

    /// <summary>Ends it: adds the types that were referred to.</summary>
    internal byte[] ToArray()
    {
        while (_wanted.TryDequeue(out uint type))
        {
            _offsets[type] = _info.Length;
            AddType(type);
        }

        foreach ((uint at, uint type) in _references)
        {
            _info.Patch(at, _offsets[type]);
        }

        _info.U8(0);
        _info.CloseLength(_unit);
        return _info.ToArray();
    }

    private void Reference(uint type)
    {
        uint definition = _types.Definition(type);
        _references.Add((_info.Length, definition));
        _info.U32(0);
        if (_offsets.TryAdd(definition, 0))
        {
            _wanted.Enqueue(definition);
        }
    }

    private void AddType(uint index)
    {
        switch (_types.Find(index))
        {
            case NumberType number:
                _info.Uleb(Abbreviations.Number).Text(number.Name).U8((int)number.Bytes).U8(number.Encoding);
                break;
            case PointerType pointer when _types.Find(_types.Definition(pointer.Target)) != null:
                _info.Uleb(Abbreviations.Pointer).U8(sizeof(uint));
                Reference(pointer.Target);
                break;
            case PointerType:
                _info.Uleb(Abbreviations.BarePointer).U8(sizeof(uint));
                break;
            case RecordType { Bytes: 0 } record:
                _info.Uleb(Abbreviations.Declaration).Text(record.Name);
                break;
            case RecordType record:
                _info.Uleb(Abbreviations.Record).Text(record.Name).U32(record.Bytes);
                foreach ((string name, uint type, uint offset) in record.Fields)
                {
                    _info.Uleb(Abbreviations.Field).Text(name);
                    Reference(type);
                    _info.U32(offset);
                }

                _info.U8(0);
                break;
            case EnumType values:
                uint bytes = _types.Find(values.Underlying) is NumberType underlying ? underlying.Bytes : sizeof(uint);
                _info.Uleb(Abbreviations.Enumeration).Text(values.Name).U8((int)bytes);
                foreach ((string name, long value) in values.Values)
                {
                    _info.Uleb(Abbreviations.Enumerator).Text(name).Sleb(value);
                }

                _info.U8(0);
                break;
            case ArrayType array:
                _info.Uleb(Abbreviations.Array).U32(array.Bytes);
                Reference(array.Element);
                _info.Uleb(Abbreviations.Bound).U8(0);
                break;
            default:
                _info.Uleb(Abbreviations.Number).Text("?").U8(sizeof(uint)).U8(7);
                break;
        }
    }

    private void AddRanges(IReadOnlyList<CodeRange> ranges)
    {
        foreach (CodeRange range in ranges)
        {
            _ranges.U32(range.Start).U32(range.End);
        }

        _ranges.U32(0).U32(0);
    }

    private void AddPlaces(IReadOnlyList<Place> places)
    {
        foreach (Place place in places)
        {
            DwarfBytes expression = new();
            if (place.Offset is { } offset)
            {
                expression.U8(0x70 + place.Register).Sleb(offset);
            }
            else
            {
                expression.U8(0x50 + place.Register);
            }

            foreach (CodeRange range in place.Start < place.End ? _moved.Of(place.Start, place.End) : [])
            {
                _places.U32(range.Start).U32(range.End).U16((int)expression.Length).Raw(expression.ToArray());
            }
        }

        _places.U32(0).U32(0);
    }
}

/// <summary>The forms of the entries in .debug_info.</summary>
internal static class Abbreviations
{
    internal const uint Unit = 1;
    internal const uint Method = 2;
    internal const uint MovedMethod = 3;
    internal const uint Parameter = 4;
    internal const uint LostParameter = 5;
    internal const uint Local = 6;
    internal const uint LostLocal = 7;
    internal const uint Number = 8;
    internal const uint Pointer = 9;
    internal const uint BarePointer = 10;
    internal const uint Record = 11;
    internal const uint Declaration = 12;
    internal const uint Field = 13;
    internal const uint Enumeration = 14;
    internal const uint Enumerator = 15;
    internal const uint Array = 16;
    internal const uint Bound = 17;

    // DW_FORM.
    private const byte Address = 0x01;
    private const byte Data4 = 0x06;
    private const byte String = 0x08;
    private const byte Data1 = 0x0b;
    private const byte Sdata = 0x0d;
    private const byte Ref4 = 0x13;
    private const byte Offset = 0x17;
    private const byte Present = 0x19;

    // DW_AT.
    private const byte Name = 0x03;
    private const byte Size = 0x0b;
    private const byte Type = 0x49;

    /// <summary>The section .debug_abbrev.</summary>
    internal static byte[] Bytes()
    {
        DwarfBytes bytes = new();
        Entry(
            bytes, Unit, 0x11, true, (0x25, String), (0x13, Data1), (Name, String), (0x1b, String), (0x10, Offset), (0x11, Address),
            (0x55, Offset));
        Entry(bytes, Method, 0x2e, true, (Name, String), (0x11, Address), (0x12, Data4), (0x3f, Present));
        Entry(bytes, MovedMethod, 0x2e, true, (Name, String), (0x52, Address), (0x55, Offset), (0x3f, Present));
        Entry(bytes, Parameter, 0x05, false, (Name, String), (Type, Ref4), (0x02, Offset));
        Entry(bytes, LostParameter, 0x05, false, (Name, String), (Type, Ref4));
        Entry(bytes, Local, 0x34, false, (Name, String), (Type, Ref4), (0x02, Offset));
        Entry(bytes, LostLocal, 0x34, false, (Name, String), (Type, Ref4));
        Entry(bytes, Number, 0x24, false, (Name, String), (Size, Data1), (0x3e, Data1));
        Entry(bytes, Pointer, 0x0f, false, (Size, Data1), (Type, Ref4));
        Entry(bytes, BarePointer, 0x0f, false, (Size, Data1));
        Entry(bytes, Record, 0x13, true, (Name, String), (Size, Data4));
        Entry(bytes, Declaration, 0x13, false, (Name, String), (0x3c, Present));
        Entry(bytes, Field, 0x0d, false, (Name, String), (Type, Ref4), (0x38, Data4));
        Entry(bytes, Enumeration, 0x04, true, (Name, String), (Size, Data1));
        Entry(bytes, Enumerator, 0x28, false, (Name, String), (0x1c, Sdata));
        Entry(bytes, Array, 0x01, true, (Size, Data4), (Type, Ref4));
        Entry(bytes, Bound, 0x21, false);
        return bytes.U8(0).ToArray();
    }

    private static void Entry(DwarfBytes bytes, uint code, int tag, bool children, params (byte Attribute, byte Form)[] attributes)
    {
        bytes.Uleb(code).U8(tag).U8(children ? 1 : 0);
        foreach ((byte attribute, byte form) in attributes)
        {
            bytes.U8(attribute).U8(form);
        }

        bytes.U8(0).U8(0);
    }
}
