using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>
/// Turns the compiler's names into C#'s: kernel_CosmosBootAlloc_Boot_Log_LogRing__Print into CosmosBootAlloc.Boot.Log.LogRing.Print. What
/// was a dot and what an underscore, the assemblies' metadata tells; a name that is not in it (generic instances, stubs) stays readable.
/// </summary>
public sealed class MethodNames
{
    private readonly Dictionary<string, string> _names = [];
    private readonly List<string> _prefixes = [];

    /// <summary>Reads an assembly.</summary>
    public void Add(Stream assembly)
    {
        using PEReader file = new(assembly);
        MetadataReader metadata = file.GetMetadataReader();
        _prefixes.Add(Plain(metadata.GetString(metadata.GetAssemblyDefinition().Name)) + "_");
        foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            string name = FullName(metadata, type);
            foreach (MethodDefinition method in type.GetMethods().Select(metadata.GetMethodDefinition))
            {
                string own = metadata.GetString(method.Name);
                _names[$"{Plain(name)}__{Plain(own)}"] = $"{name}.{own}";
            }
        }
    }

    /// <summary>C#'s name for a linker's.</summary>
    public string Of(string symbol)
    {
        string? prefix = _prefixes.Find(p => symbol.StartsWith(p, StringComparison.Ordinal));
        string bare = symbol[(prefix?.Length ?? 0)..];
        if (_names.TryGetValue(bare, out string? name) || _names.TryGetValue("System_" + bare, out name))
        {
            return name;
        }

        // Overloads are numbered.
        int number = bare.LastIndexOf('_');
        if (number > 0 && bare.AsSpan(number + 1).ContainsAnyExceptInRange('0', '9') == false
            && (_names.TryGetValue(bare[..number], out name) || _names.TryGetValue("System_" + bare[..number], out name)))
        {
            return name;
        }

        return bare.Replace("__", ".", StringComparison.Ordinal);
    }

    private static string FullName(MetadataReader metadata, TypeDefinition type)
    {
        string own = metadata.GetString(type.Name);
        if (type.IsNested)
        {
            return FullName(metadata, metadata.GetTypeDefinition(type.GetDeclaringType())) + "." + own;
        }

        string room = metadata.GetString(type.Namespace);
        return room.Length == 0 ? own : $"{room}.{own}";
    }

    // As the compiler makes names for the linker: what is no letter and no digit becomes an underscore.
    private static string Plain(string name)
    {
        StringBuilder plain = new(name.Length);
        foreach (char c in name)
        {
            plain.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return plain.ToString();
    }
}
