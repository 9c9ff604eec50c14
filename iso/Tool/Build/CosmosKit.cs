using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The Cosmos gen2 user kit: IL2CPU, XSharp and the packages of a Cosmos kernel. Only looked for and used; nothing of it is in this project.</summary>
/// <param name="Folder">Where it is.</param>
public sealed partial record CosmosKit(string Folder)
{
    /// <summary>One line for people who lack it.</summary>
    public const string HowToGet =
        "the Cosmos gen2 kit is missing (/etc/CosmosUserKit.cfg names its folder, usually /opt/cosmos; or --cosmos DIR); it is built from the Cosmos, IL2CPU, XSharp and Common repositories by 'make' in Cosmos";

    /// <summary>The file that names the kit's folder.</summary>
    public const string Configuration = "/etc/CosmosUserKit.cfg";

    /// <summary>The environment variable that names the folder, before all else; <c>--cosmos</c> sets it.</summary>
    public const string Variable = "CosmosKit";

    private const string UsualFolder = "/opt/cosmos";
    private const string PackageEnding = ".nupkg";

    // What a build reaches into.
    private static readonly string[] s_parts = ["Build/IL2CPU/IL2CPU", "XSharp/DebugStub", "Packages"];

    /// <summary>Finds it as the environment says; null when it is not on this machine.</summary>
    public static CosmosKit? Find() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? At(folder) : Find(Configuration);

    /// <summary>Finds it; null when it is not on this machine.</summary>
    /// <param name="configuration">The file that names its folder; without that file, the usual folders are looked into.</param>
    public static CosmosKit? Find(string configuration)
    {
        if (File.Exists(configuration))
        {
            return At(File.ReadAllText(configuration).Trim());
        }

        return OperatingSystem.IsWindows()
            ? At(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "Cosmos User Kit"))
            : At(UsualFolder);
    }

    /// <summary>The kit in a folder, or null.</summary>
    public static CosmosKit? At(string folder)
    {
        CosmosKit kit = new(Path.GetFullPath(folder));
        return kit.Missing().Any() ? null : kit;
    }

    /// <summary>The packages and the sources they were built from: <c>Cosmos.Build 0.1.0-localbuild (764ceb0d)</c> and so on.</summary>
    public IReadOnlyList<string> Versions()
        => [.. new[] { "Cosmos.Build", "Cosmos.Core", "Cosmos.System2", "IL2CPU.API", "XSharp" }.Select(Version).OfType<string>()];

    /// <summary>Those parts of a kit that the folder lacks.</summary>
    private IEnumerable<string> Missing()
    {
        foreach (string part in s_parts)
        {
            string path = Path.Combine(Folder, part);
            if (!File.Exists(path) && !File.Exists(path + ".exe") && !Directory.Exists(path))
            {
                yield return part;
            }
        }
    }

    private string? Version(string package)
    {
        string? file = Directory.EnumerateFiles(Path.Combine(Folder, "Packages"), package + ".*" + PackageEnding)
            .Where(f => char.IsAsciiDigit(Path.GetFileName(f)[package.Length + 1])).Order(StringComparer.Ordinal).LastOrDefault();
        if (file == null)
        {
            return null;
        }

        string version = Path.GetFileName(file)[(package.Length + 1)..^PackageEnding.Length];
        return Commit(file) is { } commit ? $"{package} {version} ({commit})" : $"{package} {version}";
    }

    // What was built is in the package's own description; a damaged package has none.
    private static string? Commit(string file)
    {
        try
        {
            using ZipArchive package = ZipFile.OpenRead(file);
            ZipArchiveEntry? description = package.Entries.FirstOrDefault(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal));
            if (description == null)
            {
                return null;
            }

            using StreamReader reader = new(description.Open());
            Match found = CommitAttribute().Match(reader.ReadToEnd());
            return found.Success ? found.Groups[1].Value : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    [GeneratedRegex("commit=\"([0-9a-f]{8})")]
    private static partial Regex CommitAttribute();
}
