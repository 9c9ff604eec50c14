#nullable enable

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tests.Shared;

/// <summary>
/// What the sources keep to beyond what a compiler checks: lines of at most 140 columns, files of at most 400 lines, types of at most
/// 700 (all parts of a partial type together), no conditional compilation in the kernel's code, and a namespace that is the folder.
/// </summary>
internal static partial class SourceRules
{
    /// <summary>Longest line, in columns.</summary>
    internal const int Columns = 140;

    /// <summary>Longest file, in lines.</summary>
    internal const int FileLines = 400;

    /// <summary>Longest type, in lines of all its files.</summary>
    internal const int TypeLines = 700;

    private static readonly string[] s_withoutConditions = ["CosmosKernel", "Plugs", "Configs"];

    /// <summary>The root of the repository, found upwards from where the tests run.</summary>
    internal static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder != null && !File.Exists(Path.Combine(folder, "CosmosBootAlloc.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }

    /// <summary>The C# sources below a folder, without what builds generate, relative to the folder and with slashes.</summary>
    internal static IEnumerable<string> Sources(string root)
        => Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "obj" or "bin" or "out" || part.StartsWith('.')))
            .Order(StringComparer.Ordinal);

    /// <summary>Lines, files, types and conditions that break the rules, each with its place.</summary>
    internal static List<string> CheckSizes(string root)
    {
        List<string> faults = [];
        Dictionary<string, int> partials = [];
        foreach (string file in Sources(root))
        {
            string[] lines = File.ReadAllLines(Path.Combine(root, file));
            bool conditions = !s_withoutConditions.Contains(file.Split('/')[0]);
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length > Columns)
                {
                    faults.Add($"{file}:{i + 1}: {lines[i].Length} columns, at most {Columns} are allowed");
                }

                if (!conditions && lines[i].TrimStart().StartsWith("#if", StringComparison.Ordinal))
                {
                    faults.Add($"{file}:{i + 1}: conditional compilation");
                }
            }

            if (lines.Length > FileLines)
            {
                faults.Add($"{file}: {lines.Length} lines, at most {FileLines} are allowed");
            }

            foreach (
                string type in lines.Select(l => PartialType().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).Distinct())
            {
                string key = $"{Path.GetDirectoryName(file)}: {type}";
                partials[key] = partials.GetValueOrDefault(key) + lines.Length;
            }
        }

        faults.AddRange(
            partials.Where(p => p.Value > TypeLines).Select(
                p => $"{p.Key}: {p.Value} lines in its files, at most {TypeLines} are allowed"));
        return faults;
    }

    /// <summary>Files below a folder whose namespace is not the given one, dots for the folders between.</summary>
    internal static List<string> CheckNamespaces(string folder, string rootNamespace)
    {
        List<string> faults = [];
        foreach (string file in Sources(folder))
        {
            string room = Path.GetDirectoryName(file)!.Replace('/', '.');
            string expected = room.Length == 0 ? rootNamespace : $"{rootNamespace}.{room}";
            Match? line = File.ReadLines(Path.Combine(folder, file)).Select(l => Namespace().Match(l)).FirstOrDefault(m => m.Success);
            string? found = line?.Groups[1].Value;
            if (found != null && found != expected)
            {
                faults.Add($"{file}: namespace {found}, expected {expected}");
            }
        }

        return faults;
    }

    [GeneratedRegex(@"^\s*(?!//)[a-z ]*\bpartial (?:class|struct|record|interface) (\w+)")]
    private static partial Regex PartialType();

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex Namespace();
}
