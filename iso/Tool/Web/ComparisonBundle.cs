using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>The comparison as WebAssembly: iso/WebComparison, published and trimmed, with the runtime that NuGet serves.</summary>
/// <param name="project">The work tree.</param>
public sealed class ComparisonBundle(ProjectFolder project)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    private string Published => Path.Combine(project.Out, "web", "comparison");

    private string Folder => Path.Combine(Published, "wwwroot", "_framework");

    /// <summary>The script that starts the runtime.</summary>
    public const string Starter = "dotnet.js";

    /// <summary>The files of the bundle, after <see cref="UpdateAsync"/>: the starter and what it asks for, by name.</summary>
    public IReadOnlyList<string> Files =>
    [
        .. Directory.EnumerateFiles(Folder).Where(f => Path.GetExtension(f) is ".js" or ".wasm" or ".dll").Order(StringComparer.Ordinal),
    ];

    /// <summary>Publishes it, if its sources changed.</summary>
    /// <exception cref="FailedException">It does not build.</exception>
    public async Task UpdateAsync(CancellationToken cancel)
    {
        using Fingerprint inputs = new();
        foreach (string[] folder in new[] { ["iso", "WebComparison"], ["iso", "Tool", "Logs"], ["iso", "Tool", "Report"],
            ["iso", "Simulator"], ["Plugs", "Memory"], new[] { "Configs" } })
        {
            inputs.AddFolder(project.Root, project.At(folder));
        }

        inputs.AddFile(project.Root, project.At("Directory.Build.props"));
        InputStamp stamp = new(Path.Combine(Folder, Starter), inputs.Value());
        if (await stamp.HoldsAsync(cancel))
        {
            return;
        }

        if (Directory.Exists(Published))
        {
            Directory.Delete(Published, recursive: true);
        }

        ChildResult result = await Dotnet.RunAsync(
            [
                "publish", project.At("iso", "WebComparison", "CosmosBootAlloc.WebComparison.csproj"), "-c", "Release", "-v", "quiet",
                "-nodeReuse:false", "-o", Published,
            ],
            s_limit,
            cancel);
        if (result.ExitStatus != 0 || result.TimedOut)
        {
            string errors = KernelSources.Errors(project.Root, result.Output);
            throw new FailedException($"the comparison does not build for WebAssembly\n{errors}");
        }

        await stamp.WriteAsync(cancel);
    }
}
