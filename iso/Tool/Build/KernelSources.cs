using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>What every toolchain compiles, and what it reports when that fails.</summary>
public static class KernelSources
{
    private const int MostErrors = 20;

    /// <summary>Adds the sources of a kernel: whole folders, so that a new one cannot be forgotten.</summary>
    public static Fingerprint AddTo(Fingerprint inputs, ProjectFolder project)
    {
        inputs.AddFolder(project.Root, project.At("CosmosKernel"))
            .AddFolder(project.Root, project.At("Plugs"))
            .AddFolder(project.Root, project.Configs);
        foreach (string shared in Directory.GetFiles(project.Root, "*.props"))
        {
            inputs.AddFile(project.Root, shared);
        }

        return inputs;
    }

    /// <summary>
    /// The first errors in a build's output, each once, however many projects met it. A compiler's as <c>FILE:LINE:COLUMN: error ...</c>,
    /// the file relative to the top of the project; others as they are.
    /// </summary>
    /// <param name="root">The top of the project.</param>
    /// <param name="output">What the build printed.</param>
    public static string Errors(string root, string output)
    {
        List<string> errors = [];
        foreach (string line in output.Split('\n'))
        {
            string text = s_compilerError.Match(line) is { Success: true } found
                ? $"{Path.GetRelativePath(root, found.Groups[1].Value)}:{found.Groups[2]}:{found.Groups[3]}: {found.Groups[4]}"
                : line.Trim();
            if (text.Contains("error", StringComparison.OrdinalIgnoreCase) && !s_noError.IsMatch(text) && !errors.Contains(text)
                && errors.Count < MostErrors)
            {
                errors.Add(text);
            }
        }

        return string.Join('\n', errors);
    }

    // "/tree/A.cs(1,2): error CS1002: ; expected [/tree/A.csproj]"
    private static readonly Regex s_compilerError = new(
        @"^\s*(/.*)\((\d+),(\d+)(?:,\d+,\d+)?\): (error .*?)(?: \[[^\[]*proj[^\[]*\])?\s*$");

    // MSBuild's "1 Error(s)", and a warning that speaks of an error.
    private static readonly Regex s_noError = new(@"^\d+ Error\(s\)$|: warning [A-Z]+\d+: ");
}
