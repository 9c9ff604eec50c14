using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>
/// The emulator of the page: the npm package v86, in the version and with the hash of iso/Web/package-lock.json. npm fetches it, since npm
/// knows the registry, the proxy, and the certificates of this machine; scripts of the package do not run.
/// </summary>
/// <param name="project">The work tree.</param>
/// <param name="programs">Provides npm.</param>
public sealed class V86Package(ProjectFolder project, InstalledPrograms programs)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    private static readonly string[] s_description = ["package.json", "package-lock.json"];

    /// <summary>Fetching it; not needed once it is there.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [new("npm", "npm")];

    private string Work => Path.Combine(project.Out, "web", "npm");

    private string Folder => Path.Combine(Work, "node_modules", "v86");

    /// <summary>The emulator's code for JavaScript.</summary>
    public string Script => Path.Combine(Folder, "build", "libv86.js");

    /// <summary>The emulator's code for WebAssembly.</summary>
    public string Module => Path.Combine(Folder, "build", "v86.wasm");

    /// <summary>Its licence.</summary>
    public string Licence => Path.Combine(Folder, "LICENSE");

    /// <summary>The version that the lock file names.</summary>
    public string Version
    {
        get
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllText(project.At("iso", "Web", "package-lock.json")));
            return file.RootElement.GetProperty("packages").GetProperty("node_modules/v86").GetProperty("version").GetString()!;
        }
    }

    /// <summary>Fetches it, if the one that the lock file names is not there yet.</summary>
    /// <exception cref="MissingToolException">npm is missing, or cannot fetch a package with the lock file's hash.</exception>
    public async Task FetchAsync(CancellationToken cancel)
    {
        using Fingerprint inputs = new();
        foreach (string name in s_description)
        {
            inputs.AddFile(project.Root, project.At("iso", "Web", name));
        }

        InputStamp stamp = new(Module, inputs.Value());
        if (await stamp.HoldsAsync(cancel))
        {
            return;
        }

        await programs.ProvideAsync(Needs, cancel);
        Directory.CreateDirectory(Work);
        foreach (string name in s_description)
        {
            File.Copy(project.At("iso", "Web", name), Path.Combine(Work, name), overwrite: true);
        }

        ChildResult result = await ChildProcess.RunAsync(
            programs.Get("npm"), ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], s_limit, cancel, folder: Work);
        if (result.ExitStatus != 0 || result.TimedOut)
        {
            throw new MissingToolException($"the emulator v86 {Version} could not be fetched from the npm registry of this machine's "
                + $"configuration:\n{result.Output.Trim()}");
        }

        await stamp.WriteAsync(cancel);
    }
}
