using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>A method of a kernel.</summary>
/// <param name="Name">As in C#: Namespace.Type.Method.</param>
/// <param name="Start">The address of its first byte.</param>
/// <param name="Bytes">Its length.</param>
public sealed record NamedCode(string Name, uint Start, uint Bytes);

/// <summary>The methods in a symbol file.</summary>
public sealed class SymbolTable
{
    private const int SectionHeaderBytes = 40;
    private const int SymbolBytes = 16;
    private const uint SymbolTableType = 2;
    private const int MostNamed = 8;

    private SymbolTable(IReadOnlyList<NamedCode> methods) => Methods = methods;

    /// <summary>The methods, by address.</summary>
    public IReadOnlyList<NamedCode> Methods { get; }

    /// <summary>Reads the symbols of a 32-bit ELF file that have a size.</summary>
    /// <exception cref="BadInputException">It has none, or is no such file.</exception>
    public static SymbolTable Read(string name)
    {
        byte[] file = File.ReadAllBytes(name);
        List<NamedCode> methods = [];
        try
        {
            uint headers = U32(file, 32);
            int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(48));
            for (uint i = 0; i < count; i++)
            {
                uint header = headers + (i * SectionHeaderBytes);
                if (U32(file, header + 4) == SymbolTableType)
                {
                    uint strings = U32(file, headers + (U32(file, header + 24) * SectionHeaderBytes) + 16);
                    Add(methods, file, U32(file, header + 16), U32(file, header + 20), strings);
                }
            }
        }
        catch (ArgumentOutOfRangeException)
        {
            methods.Clear();
        }

        return methods.Count != 0
            ? new SymbolTable([.. methods.OrderBy(m => m.Start)])
            : throw new BadInputException($"{name}: expected an ELF file with symbols");
    }

    /// <summary>The method at an address, or null.</summary>
    public NamedCode? At(uint address) => Methods.LastOrDefault(m => m.Start <= address) is { } method
        && address - method.Start < method.Bytes ? method : null;

    /// <summary>The full name of the method that somebody means by the end of its name, such as Type.Method.</summary>
    /// <exception cref="BadInputException">None ends so, or several do; the message lists some.</exception>
    public string Resolve(string words)
    {
        List<string> all = [.. Methods.Select(m => m.Name).Distinct()];
        List<string> found = all.Contains(words)
            ? [words]
            : [.. all.Where(n => n.EndsWith("." + words, StringComparison.Ordinal))];
        if (found.Count == 1)
        {
            return found[0];
        }

        bool none = found.Count == 0;
        string last = words[(words.LastIndexOf('.') + 1)..];
        List<string> near = none
            ? [.. all.Where(n => n.EndsWith("." + last, StringComparison.OrdinalIgnoreCase)
                || n.Contains(words, StringComparison.OrdinalIgnoreCase))]
            : found;
        string list = string.Join(", ", near.Take(MostNamed)) + (near.Count > MostNamed ? $", and {near.Count - MostNamed} more" : "");
        throw new BadInputException(
            (none ? $"'{words}': no method in the kernel has a name that ends so; it may be inlined where it is called" :
                $"'{words}': {found.Count} methods have names that end so; write more of the one you mean")
            + (list.Length != 0 ? $": {list}" : ""));
    }

    private static void Add(List<NamedCode> methods, byte[] file, uint from, uint bytes, uint strings)
    {
        for (uint at = from; at + SymbolBytes <= from + bytes; at += SymbolBytes)
        {
            if (U32(file, at + 8) is > 0 and uint size)
            {
                ReadOnlySpan<byte> rest = file.AsSpan((int)(strings + U32(file, at)));
                int end = rest.IndexOf((byte)0);
                methods.Add(new NamedCode(Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]), U32(file, at + 4), size));
            }
        }
    }

    private static uint U32(byte[] file, uint at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)at, sizeof(uint)));
}
