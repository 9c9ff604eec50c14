using System;
using System.Collections.Generic;
using System.IO;
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

    /// <summary>The first errors in a build's output, each once.</summary>
    public static string Errors(string output)
    {
        List<string> errors = [];
        foreach (string line in output.Split('\n'))
        {
            if (line.Contains("error", StringComparison.OrdinalIgnoreCase) && !errors.Contains(line.Trim()) && errors.Count < MostErrors)
            {
                errors.Add(line.Trim());
            }
        }

        return string.Join('\n', errors);
    }
}
